#include "probe/plugin_settings.hpp"

#include <algorithm>
#include <memory>

#include "openvino/core/model.hpp"
#include "openvino/op/constant.hpp"
#include "openvino/op/matmul.hpp"
#include "openvino/op/parameter.hpp"
#include "openvino/op/result.hpp"
#include "openvino/runtime/core.hpp"
#include "probe/compiled_properties.hpp"

namespace openvino_llm {
namespace {

// One small multiplication: the plugin decides about threads, streams and precisions whatever the graph is.
std::shared_ptr<ov::Model> smallest_model() {
  constexpr size_t kSize = 32;
  const auto input = std::make_shared<ov::op::v0::Parameter>(
      ov::element::f32, ov::PartialShape{-1, static_cast<int64_t>(kSize)});
  const auto weights = ov::op::v0::Constant::create(ov::element::f32, {kSize, kSize}, {1.0F});
  const auto product = std::make_shared<ov::op::v0::MatMul>(input, weights, false, true);
  return std::make_shared<ov::Model>(ov::ResultVector{std::make_shared<ov::op::v0::Result>(product)},
                                     ov::ParameterVector{input});
}

// Without streams an inference runs on the thread that asks for it, alone.
size_t threads_per_stream(const ov::CompiledModel& model) {
  const auto threads = model.get_property(ov::inference_num_threads);
  const auto streams = model.get_property(ov::num_streams);
  return streams.num <= 0 ? 1 : static_cast<size_t>(std::max(1, threads / streams.num));
}

}  // namespace

PluginSettings plugin_settings(const ov::AnyMap& properties, const ov::AnyMap& runtime_options) {
  ov::Core core;
  const auto model = smallest_model();
  for (const auto& [name, value] : runtime_options) {
    model->set_rt_info(value, "runtime_options", name);
  }
  const auto compiled = core.compile_model(model, "CPU", properties);
  return {compiled_properties(compiled), threads_per_stream(compiled)};
}

}  // namespace openvino_llm
