#include "probe/gated_mlp.hpp"

#include <optional>
#include <tuple>
#include <utility>

#include "openvino/op/constant.hpp"
#include "openvino/op/convert.hpp"
#include "openvino/op/gelu.hpp"
#include "openvino/op/matmul.hpp"
#include "openvino/op/multiply.hpp"
#include "openvino/op/sigmoid.hpp"
#include "openvino/op/split.hpp"
#include "openvino/op/swish.hpp"
#include "openvino/op/variadic_split.hpp"

namespace openvino_llm {
namespace {

using Output = ov::Output<ov::Node>;
using NodePtr = std::shared_ptr<ov::Node>;

struct Weights {
  std::string kind;
  size_t rows, columns;  // of the matrix as it is multiplied with: outputs, inputs
};

template <class T>
std::shared_ptr<T> as(const Output& value) {
  return ov::as_type_ptr<T>(value.get_node_shared_ptr());
}

Output behind_converts(Output value) {
  while (as<ov::op::v0::Convert>(value)) value = value.get_node()->input_value(0);
  return value;
}

std::shared_ptr<ov::op::v0::Constant> constant_of(const Output& value) {
  return as<ov::op::v0::Constant>(behind_converts(value));
}

// Rows with one scale each: constant * scale, without a zero point.
std::shared_ptr<ov::op::v0::Constant> int8_rows(const Output& value) {
  const auto multiply = as<ov::op::v1::Multiply>(behind_converts(value));
  if (!multiply) return nullptr;
  for (size_t i = 0; i < 2; ++i) {
    const auto weights = constant_of(multiply->input_value(i));
    const auto scale = constant_of(multiply->input_value(1 - i));
    if (weights && scale && weights->get_element_type() == ov::element::i8) return weights;
  }
  return nullptr;
}

std::optional<Weights> weights_of(const ov::op::v0::MatMul& matmul) {
  const Output value = matmul.input_value(1);
  auto constant = constant_of(value);
  if (!constant || !constant->get_element_type().is_real()) constant = int8_rows(value);
  if (!constant || constant->get_shape().size() != 2 || matmul.get_transpose_a()) return std::nullopt;
  const std::string kind = constant->get_element_type().get_type_name();
  const auto& shape = constant->get_shape();
  return matmul.get_transpose_b() ? Weights{kind, shape[0], shape[1]} : Weights{kind, shape[1], shape[0]};
}

// What an activation is of: Swish, Gelu, or x * sigmoid(x), which OpenVINO makes a Swish of.
std::optional<Output> activated(const Output& value) {
  const NodePtr node = value.get_node_shared_ptr();
  if (ov::is_type<ov::op::v4::Swish>(node) || ov::is_type<ov::op::v0::Gelu>(node) ||
      ov::is_type<ov::op::v7::Gelu>(node)) {
    return node->input_value(0);
  }
  if (!ov::is_type<ov::op::v1::Multiply>(node)) return std::nullopt;
  for (size_t i = 0; i < 2; ++i) {
    const auto sigmoid = as<ov::op::v0::Sigmoid>(node->input_value(i));
    if (sigmoid && sigmoid->input_value(0) == node->input_value(1 - i)) return node->input_value(1 - i);
  }
  return std::nullopt;
}

bool is_split(const NodePtr& node) {
  return ov::is_type<ov::op::v1::VariadicSplit>(node) || ov::is_type<ov::op::v1::Split>(node);
}

std::optional<GatedMlp> made_of(const Output& gate, const Output& up, const Weights& down) {
  const bool is_combined = gate.get_node() == up.get_node() && is_split(gate.get_node_shared_ptr());
  const auto gate_matmul = as<ov::op::v0::MatMul>(is_combined ? gate.get_node()->input_value(0) : gate);
  const auto up_matmul = is_combined ? gate_matmul : as<ov::op::v0::MatMul>(up);
  if (!gate_matmul || !up_matmul || gate_matmul->input_value(0) != up_matmul->input_value(0)) {
    return std::nullopt;
  }
  const auto gate_weights = weights_of(*gate_matmul), up_weights = weights_of(*up_matmul);
  if (!gate_weights || !up_weights || gate_weights->kind != up_weights->kind) return std::nullopt;
  return GatedMlp{gate_weights->columns, down.columns, gate_weights->kind, down.kind, is_combined, 1};
}

std::optional<GatedMlp> ending_in(const ov::op::v0::MatMul& matmul) {
  const auto product = as<ov::op::v1::Multiply>(matmul.input_value(0));
  if (!product) return std::nullopt;
  const auto down = weights_of(matmul);
  if (!down) return std::nullopt;
  for (size_t i = 0; i < 2; ++i) {
    const auto gate = activated(product->input_value(i));
    if (!gate) continue;
    if (auto mlp = made_of(*gate, product->input_value(1 - i), *down)) return mlp;
  }
  return std::nullopt;
}

bool are_alike(const GatedMlp& a, const GatedMlp& b) {
  const auto key = [](const GatedMlp& mlp) {
    return std::tie(mlp.hidden_size, mlp.intermediate_size, mlp.gate_up_weights, mlp.down_weights,
                    mlp.is_combined);
  };
  return key(a) == key(b);
}

}  // namespace

std::vector<GatedMlp> gated_mlps(const ov::Model& model) {
  std::vector<GatedMlp> found;
  for (const NodePtr& node : model.get_ops()) {
    const auto matmul = ov::as_type_ptr<ov::op::v0::MatMul>(node);
    const auto mlp = matmul ? ending_in(*matmul) : std::nullopt;
    if (!mlp) continue;
    bool is_known = false;
    for (GatedMlp& known : found) {
      if (!are_alike(known, *mlp)) continue;
      ++known.count;
      is_known = true;
    }
    if (!is_known) found.push_back(*mlp);
  }
  return found;
}

}  // namespace openvino_llm
