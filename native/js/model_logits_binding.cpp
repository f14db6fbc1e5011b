#include "js/model_logits_binding.hpp"

#include <algorithm>
#include <string>

#include "js/async_call.hpp"
#include "js/convert.hpp"
#include "probe/model_logits.hpp"

namespace openvino_llm {
namespace {

Napi::Value logits_to_js(Napi::Env env, const ModelLogits& result) {
  auto logits = Napi::Float32Array::New(env, result.logits.size());
  std::copy(result.logits.begin(), result.logits.end(), logits.Data());
  auto out = Napi::Object::New(env);
  out["logits"] = logits;
  out["vocabSize"] = static_cast<double>(result.vocab_size);
  out["loadMs"] = result.load_ms;
  out["prefillMs"] = result.prefill_ms;
  out["decodeMs"] = array_to_js(env, result.decode_ms);
  out["batchMs"] = result.batch_ms;
  return out;
}

}  // namespace

Napi::Value model_logits_to_js(const Napi::CallbackInfo& info) {
  const auto value = info[0].As<Napi::Object>();
  LogitsOptions options{};
  options.path = value.Get("path").As<Napi::String>();
  options.device = value.Get("device").As<Napi::String>();
  options.properties = properties_from_js(value.Get("properties").As<Napi::Array>());
  options.paged = value.Get("graph").As<Napi::String>().Utf8Value() == "paged";
  options.token_ids = ids_from_js(value.Get("tokenIds").As<Napi::Array>());
  options.decodes = size_from_js(value, "decodes");
  options.sequences = size_from_js(value, "sequences");
  const size_t behind_prompt = options.decodes + options.sequences;
  if (options.token_ids.size() <= behind_prompt) {
    throw Napi::RangeError::New(info.Env(), "Expected more tokenIds than decodes and sequences together");
  }
  options.prompt_tokens = options.token_ids.size() - behind_prompt;
  return AsyncCall<ModelLogits>::run(info.Env(), [options] { return model_logits(options); }, logits_to_js);
}

}  // namespace openvino_llm
