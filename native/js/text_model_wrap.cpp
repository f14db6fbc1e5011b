#include "js/text_model_wrap.hpp"

#include <algorithm>
#include <memory>
#include <optional>

#include "js/convert.hpp"
#include "js/external_memory.hpp"

namespace openvino_llm {
namespace {

TextModelOptions options_from_js(const Napi::Object& value) {
  TextModelOptions options;
  options.reranks = value.Get("kind").As<Napi::String>().Utf8Value() == "rerank";
  options.path = value.Get("path").As<Napi::String>();
  options.device = value.Get("device").As<Napi::String>();
  options.properties = properties_from_js(value.Get("properties").As<Napi::Array>());
  options.pooling = value.Get("pooling").As<Napi::String>();
  options.by_yes_or_no = value.Get("byYesOrNo").As<Napi::Boolean>();
  options.batch_size = size_from_js(value, "batchSize");
  options.max_length = size_from_js(value, "maxLength");

  // GenAI's configuration. Keys that are not given are GenAI's to decide.
  ov::AnyMap& all = options.properties;
  all["padding_side"] = value.Get("paddingSide").As<Napi::String>().Utf8Value();
  if (options.max_length > 0) all["max_length"] = options.max_length;
  if (options.batch_size > 0) all["batch_size"] = options.batch_size;
  if (value.Get("padToMaxLength").As<Napi::Boolean>()) all["pad_to_max_length"] = true;
  if (!options.reranks) all["normalize"] = value.Get("normalize").As<Napi::Boolean>().Value();
  return options;
}

JobQueue<TextModel> jobs_for(const Napi::CallbackInfo& info) {
  const TextModelOptions options = options_from_js(info[0].As<Napi::Object>());
  const int64_t bytes = memory_bytes(options.path, {"openvino_model.bin", "openvino_tokenizer.bin"});
  return {info.Env(), "pipeline", [options] { return open_text_model(options); }, bytes};
}

}  // namespace

Napi::Function TextModelWrap::define(Napi::Env env) {
  return DefineClass(
      env, "TextModel",
      {InstanceMethod<&TextModelWrap::run>("run"), InstanceMethod<&TextModelWrap::cancel>("cancel"),
       InstanceMethod<&TextModelWrap::close>("close")});
}

TextModelWrap::TextModelWrap(const Napi::CallbackInfo& info)
    : ObjectWrap(info), jobs_(jobs_for(info)), registration_(info.Env(), this) {}

Napi::Value TextModelWrap::run(const Napi::CallbackInfo& info) {
  const uint32_t id = info[0].As<Napi::Number>();
  const auto task = std::make_shared<TextTask>(info[1].As<Napi::String>().Utf8Value(),
                                               strings_from_js(info[2].As<Napi::Array>()));
  const auto work = [task](TextModel& model) -> std::optional<Queue::ToJs> {
    if (!task->step(model)) return std::nullopt;
    return [task](Napi::Env env) {
      auto array = Napi::Float32Array::New(env, task->numbers().size());
      std::copy(task->numbers().begin(), task->numbers().end(), array.Data());
      return array;
    };
  };
  return jobs_.submit(info.This().As<Napi::Object>(), work, id);
}

void TextModelWrap::cancel(const Napi::CallbackInfo& info) { jobs_.cancel(info[0].As<Napi::Number>()); }

Napi::Value TextModelWrap::close(const Napi::CallbackInfo& info) {
  return jobs_.close(info.This().As<Napi::Object>());
}

}  // namespace openvino_llm
