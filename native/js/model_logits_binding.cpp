#include "js/model_logits_binding.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "js/async_call.hpp"
#include "js/convert.hpp"
#include "probe/model_logits.hpp"

namespace openvino_llm {
namespace {

Napi::Value logits_to_js(Napi::Env env, const ModelLogits& result) {
  auto logits = Napi::Float32Array::New(env, result.logits.size());
  std::copy(result.logits.begin(), result.logits.end(), logits.Data());
  auto decode_ms = Napi::Array::New(env, result.decode_ms.size());
  for (size_t i = 0; i < result.decode_ms.size(); ++i) {
    decode_ms[static_cast<uint32_t>(i)] = result.decode_ms[i];
  }
  auto out = Napi::Object::New(env);
  out["logits"] = logits;
  out["vocabSize"] = static_cast<double>(result.vocab_size);
  out["loadMs"] = result.load_ms;
  out["prefillMs"] = result.prefill_ms;
  out["decodeMs"] = decode_ms;
  out["batchMs"] = result.batch_ms;
  return out;
}

std::vector<int64_t> ids_from_js(const Napi::Array& value) {
  std::vector<int64_t> ids(value.Length());
  for (uint32_t i = 0; i < value.Length(); ++i) ids[i] = value.Get(i).As<Napi::Number>().Int64Value();
  return ids;
}

}  // namespace

Napi::Value model_logits_to_js(const Napi::CallbackInfo& info) {
  const auto value = info[0].As<Napi::Object>();
  const auto number = [&](const char* name) {
    return static_cast<size_t>(value.Get(name).As<Napi::Number>().Int64Value());
  };
  LogitsOptions options{};
  options.path = value.Get("path").As<Napi::String>();
  options.device = value.Get("device").As<Napi::String>();
  options.properties = properties_from_js(value.Get("properties").As<Napi::Array>());
  options.paged = value.Get("graph").As<Napi::String>().Utf8Value() == "paged";
  options.token_ids = ids_from_js(value.Get("tokenIds").As<Napi::Array>());
  options.decodes = number("decodes");
  options.sequences = number("sequences");
  const size_t behind_prompt = options.decodes + options.sequences;
  if (options.token_ids.size() <= behind_prompt) {
    throw Napi::RangeError::New(info.Env(), "Expected more tokenIds than decodes and sequences together");
  }
  options.prompt_tokens = options.token_ids.size() - behind_prompt;
  return AsyncCall<ModelLogits>::run(info.Env(), [options] { return model_logits(options); }, logits_to_js);
}

}  // namespace openvino_llm
