#include "js/multiply_rates_binding.hpp"

#include <vector>

#include "js/async_call.hpp"
#include "js/convert.hpp"
#include "probe/multiply_rates.hpp"

namespace openvino_llm {
namespace {

Napi::Value rates_to_js(Napi::Env env, const std::vector<MultiplyRate>& rates) {
  return array_to_js(env, rates, [env](const MultiplyRate& rate) {
    auto one = Napi::Object::New(env);
    one["precision"] = rate.precision;
    one["instructions"] = rate.instructions;
    one["multiplyAddsPerSecond"] = rate.multiply_adds_per_second;
    one["sum"] = rate.sum;
    one["expectedSum"] = rate.expected_sum;
    return one;
  });
}

}  // namespace

Napi::Value measure_multiply_rates_to_js(const Napi::CallbackInfo& info) {
  const auto value = info[0].As<Napi::Object>();
  const MultiplyRateOptions options{size_from_js(value, "threads"), size_from_js(value, "milliseconds")};
  return AsyncCall<std::vector<MultiplyRate>>::run(
      info.Env(), [options] { return measure_multiply_rates(options); }, rates_to_js);
}

}  // namespace openvino_llm
