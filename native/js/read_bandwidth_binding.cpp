#include "js/read_bandwidth_binding.hpp"

#include "js/async_call.hpp"
#include "js/convert.hpp"
#include "probe/read_bandwidth.hpp"

namespace openvino_llm {
namespace {

Napi::Value bandwidth_to_js(Napi::Env env, const ReadBandwidth& bandwidth) {
  auto out = Napi::Object::New(env);
  out["bytes"] = static_cast<double>(bandwidth.bytes);
  out["bytesPerSecond"] = array_to_js(env, bandwidth.bytes_per_second);
  return out;
}

}  // namespace

Napi::Value measure_read_bandwidth_to_js(const Napi::CallbackInfo& info) {
  const auto value = info[0].As<Napi::Object>();
  const ReadBandwidthOptions options{size_from_js(value, "threads"), size_from_js(value, "bytes"),
                                     size_from_js(value, "milliseconds")};
  return AsyncCall<ReadBandwidth>::run(
      info.Env(), [options] { return measure_read_bandwidth(options); }, bandwidth_to_js);
}

}  // namespace openvino_llm
