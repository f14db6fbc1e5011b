#include "js/read_bandwidth_binding.hpp"

#include "js/async_call.hpp"
#include "probe/read_bandwidth.hpp"

namespace openvino_llm {
namespace {

Napi::Value bandwidth_to_js(Napi::Env env, const ReadBandwidth& bandwidth) {
  auto passes = Napi::Array::New(env, bandwidth.bytes_per_second.size());
  for (size_t i = 0; i < bandwidth.bytes_per_second.size(); ++i) {
    passes[static_cast<uint32_t>(i)] = bandwidth.bytes_per_second[i];
  }
  auto out = Napi::Object::New(env);
  out["bytes"] = static_cast<double>(bandwidth.bytes);
  out["bytesPerSecond"] = passes;
  return out;
}

}  // namespace

Napi::Value measure_read_bandwidth_to_js(const Napi::CallbackInfo& info) {
  const auto value = info[0].As<Napi::Object>();
  const auto number = [&](const char* name) {
    return static_cast<size_t>(value.Get(name).As<Napi::Number>().Int64Value());
  };
  const ReadBandwidthOptions options{number("threads"), number("bytes"), number("milliseconds")};
  return AsyncCall<ReadBandwidth>::run(
      info.Env(), [options] { return measure_read_bandwidth(options); }, bandwidth_to_js);
}

}  // namespace openvino_llm
