#include "js/multiply_rates_binding.hpp"

#include <vector>

#include "js/async_call.hpp"
#include "probe/multiply_rates.hpp"

namespace openvino_llm {
namespace {

Napi::Value rates_to_js(Napi::Env env, const std::vector<MultiplyRate>& rates) {
  auto out = Napi::Array::New(env, rates.size());
  for (size_t i = 0; i < rates.size(); ++i) {
    const MultiplyRate& rate = rates[i];
    auto one = Napi::Object::New(env);
    one["precision"] = rate.precision;
    one["instructions"] = rate.instructions;
    one["multiplyAddsPerSecond"] = rate.multiply_adds_per_second;
    one["sum"] = rate.sum;
    one["expectedSum"] = rate.expected_sum;
    out[static_cast<uint32_t>(i)] = one;
  }
  return out;
}

}  // namespace

Napi::Value measure_multiply_rates_to_js(const Napi::CallbackInfo& info) {
  const auto value = info[0].As<Napi::Object>();
  const auto number = [&](const char* name) {
    return static_cast<size_t>(value.Get(name).As<Napi::Number>().Int64Value());
  };
  const MultiplyRateOptions options{number("threads"), number("milliseconds")};
  return AsyncCall<std::vector<MultiplyRate>>::run(
      info.Env(), [options] { return measure_multiply_rates(options); }, rates_to_js);
}

}  // namespace openvino_llm
