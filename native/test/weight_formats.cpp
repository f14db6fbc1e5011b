// Writes a model's IR anew with its weights in other formats, in the shapes that exporters give them, for
// scripts/engine-matrix.mjs. Each line of stdin is one IR to write: FOLDER FORMAT [VARIANT…], the folder
// being there. Usage: weight_formats openvino_model.xml < LINES
//   FORMAT: f32, f16, bf16, or TYPE:SIZE with TYPE i8, u8 (zero points), i4, u4 (zero points), u4-8 (zero
//   point 8 for all), nf4, f8e4m3 or mxfp4, and SIZE the weights of a group, or "row" VARIANT: gate-up and
//   qkv (they become one product), gelu (for SiLU), down-f16, embedding (it gets the format too)
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "openvino/core/graph_util.hpp"
#include "openvino/core/model.hpp"
#include "openvino/op/constant.hpp"
#include "openvino/op/convert.hpp"
#include "openvino/op/gather.hpp"
#include "openvino/op/gelu.hpp"
#include "openvino/op/matmul.hpp"
#include "openvino/op/multiply.hpp"
#include "openvino/op/reshape.hpp"
#include "openvino/op/subtract.hpp"
#include "openvino/op/swish.hpp"
#include "openvino/op/variadic_split.hpp"
#include "openvino/runtime/core.hpp"

namespace {

using ov::element::Type;
using NodePtr = std::shared_ptr<ov::Node>;
namespace op = ov::op;

struct Format {
  std::string type;
  size_t group = 0;  // 0: the whole row

  static Format of(const std::string& text) {
    const size_t colon = text.find(':');
    if (colon == std::string::npos) return {text};
    const std::string size = text.substr(colon + 1);
    return {text.substr(0, colon), size == "row" ? 0 : std::stoul(size)};
  }
};

struct Weights {
  std::vector<float> values;
  std::vector<size_t> shape;
  size_t axis;  // that a product sums over
};

NodePtr convert(const NodePtr& node, const Type& type) {
  return std::make_shared<op::v0::Convert>(node, type);
}

NodePtr constant(const Type& type, const std::vector<size_t>& shape, const std::vector<float>& values) {
  return op::v0::Constant::create(type, ov::Shape(shape), values);
}

// How the values of one group become numbers of few bits: value = (number - zero) * scale.
struct Quantizer {
  Type type;
  std::function<void(float low, float high, float& scale, float& zero)> fit;
  float lowest, highest;
  bool whole;         // numbers are integers
  bool zeros, fixed;  // zero points, of each group or one for all
};

float largest(float low, float high) { return std::max({std::abs(low), std::abs(high), 1e-6F}); }

Quantizer quantizer_of(const std::string& type) {
  const auto symmetric = [](float most) {
    return [most](float low, float high, float& scale, float& zero) {
      scale = largest(low, high) / most;
      zero = 0;
    };
  };
  const auto asymmetric = [](float most) {
    return [most](float low, float high, float& scale, float& zero) {
      low = std::min(low, 0.F);
      scale = std::max((std::max(high, 0.F) - low) / most, 1e-6F);
      zero = std::clamp(std::round(-low / scale), 0.F, most);
    };
  };
  if (type == "i8") return {ov::element::i8, symmetric(127), -128, 127, true, false, false};
  if (type == "u8") return {ov::element::u8, asymmetric(255), 0, 255, true, true, false};
  if (type == "i4") return {ov::element::i4, symmetric(7), -8, 7, true, false, false};
  if (type == "u4") return {ov::element::u4, asymmetric(15), 0, 15, true, true, false};
  if (type == "u4-8") {
    const auto fit = [](float low, float high, float& scale, float& zero) {
      scale = largest(low, high) / 7;
      zero = 8;
    };
    return {ov::element::u4, fit, 0, 15, true, true, true};
  }
  if (type == "nf4") return {ov::element::nf4, symmetric(1), -1, 1, false, false, false};
  if (type == "f8e4m3") return {ov::element::f8e4m3, symmetric(448), -448, 448, false, false, false};
  if (type == "mxfp4") {
    const auto fit = [](float low, float high, float& scale, float& zero) {
      scale = std::exp2(std::floor(std::log2(largest(low, high))) - 2);
      zero = 0;
    };
    return {ov::element::f4e2m1, fit, -6, 6, false, false, false};
  }
  throw std::runtime_error("Expected a known format but it is " + type);
}

NodePtr quantized(const Weights& weights, const Format& format) {
  const Quantizer quantizer = quantizer_of(format.type);
  const size_t length = weights.shape[weights.axis];
  const size_t group = format.group == 0 ? length : format.group;
  if (length % group != 0) throw std::runtime_error("Groups do not fill a row of " + std::to_string(length));
  size_t inner = 1;
  for (size_t i = weights.axis + 1; i < weights.shape.size(); ++i) inner *= weights.shape[i];

  std::vector<float> numbers(weights.values.size()), scales, zeros;
  for (size_t begin = 0; begin < numbers.size(); begin += group * inner) {
    for (size_t column = begin; column < begin + inner; ++column) {
      float low = weights.values[column], high = low, scale = 1, zero = 0;
      for (size_t k = 0; k < group; ++k) {
        low = std::min(low, weights.values[column + k * inner]);
        high = std::max(high, weights.values[column + k * inner]);
      }
      quantizer.fit(low, high, scale, zero);
      scale = static_cast<float>(ov::float16(scale));
      for (size_t k = 0; k < group; ++k) {
        float number = weights.values[column + k * inner] / scale + zero;
        if (quantizer.whole) number = std::round(number);
        numbers[column + k * inner] = std::clamp(number, quantizer.lowest, quantizer.highest);
      }
      scales.push_back(scale);
      zeros.push_back(zero);
    }
  }

  std::vector<size_t> shape = weights.shape, one = weights.shape;
  one[weights.axis] = 1;
  if (format.group != 0) {
    shape[weights.axis] = group;
    shape.insert(shape.begin() + static_cast<ptrdiff_t>(weights.axis), length / group);
    one.insert(one.begin() + static_cast<ptrdiff_t>(weights.axis), length / group);
  }
  NodePtr node = convert(constant(quantizer.type, shape, numbers), ov::element::f16);
  if (quantizer.zeros) {
    const NodePtr zero =
        quantizer.fixed ? constant(quantizer.type, {}, {zeros[0]}) : constant(quantizer.type, one, zeros);
    node = std::make_shared<op::v1::Subtract>(node, convert(zero, ov::element::f16));
  }
  const bool powers = format.type == "mxfp4";
  const NodePtr scale = powers ? convert(constant(ov::element::f8e8m0, one, scales), ov::element::f16)
                               : constant(ov::element::f16, one, scales);
  node = std::make_shared<op::v1::Multiply>(node, scale);
  if (format.group != 0) {
    const auto whole = op::v0::Constant::create(ov::element::i64, {weights.shape.size()}, weights.shape);
    node = std::make_shared<op::v1::Reshape>(node, whole, false);
  }
  return convert(node, ov::element::f32);
}

class Rewriter {
 public:
  Rewriter(const std::string& xml, Format format, std::set<std::string> variants)
      : model_(ov::Core().read_model(xml)), format_(std::move(format)), variants_(std::move(variants)) {
    for (const auto& node : model_->get_ops()) {
      const auto& info = node->get_rt_info();
      const auto found = info.find("decompression_0");
      if (found != info.end()) decompression_ = found->second;
    }
    // What an exporter or GenAI has decided of the cache would overrule the defaults that are looked at.
    model_->get_rt_info().erase("runtime_options");
  }

  void write(const std::string& xml) {
    for (const auto& node : model_->get_ordered_ops()) {
      if (variants_.count("gelu") != 0 && ov::is_type<op::v4::Swish>(node)) {
        const auto mode = op::GeluApproximationMode::TANH;
        ov::replace_node(node, std::make_shared<op::v7::Gelu>(node->input_value(0), mode));
      }
    }
    if (variants_.count("gate-up") != 0) combine_gate_up();
    if (variants_.count("qkv") != 0) combine_qkv();
    for (const auto& node : model_->get_ordered_ops()) rewrite(*node);
    ov::save_model(model_, xml, false);
  }

 private:
  void rewrite(ov::Node& node) {
    if (const auto* product = ov::as_type<op::v0::MatMul>(&node)) {
      Weights weights = weights_of(node.input_value(1));
      if (weights.values.empty()) return;
      weights.axis = weights.shape.size() - (product->get_transpose_b() ? 1 : 2);
      const std::string& name = node.get_friendly_name();
      const auto is_part = [&](const char* part) { return name.find(part) != std::string::npos; };
      // A router of few bits ties its experts so often that no two precisions agree.
      const bool keeps = is_part("router") || (is_part("down_proj") && variants_.count("down-f16") != 0);
      node.input(1).replace_source_output(written(weights, keeps ? Format{"f16"} : format_)->output(0));
    } else if (ov::is_type<op::v8::Gather>(&node) && variants_.count("embedding") != 0) {
      Weights weights = weights_of(node.input_value(0));
      if (weights.shape.size() != 2 || weights.shape[1] == 1) return;
      weights.axis = 1;
      node.input(0).replace_source_output(written(weights, format_)->output(0));
    }
  }

  NodePtr written(const Weights& weights, const Format& format) const {
    if (format.type == "f32") return constant(ov::element::f32, weights.shape, weights.values);
    const bool half = format.type == "f16";
    if (!half && format.type != "bf16") return quantized(weights, format);
    const auto kept = constant(half ? ov::element::f16 : ov::element::bf16, weights.shape, weights.values);
    const auto node = convert(kept, ov::element::f32);
    node->get_rt_info()["decompression_0"] = decompression_;
    return node;
  }

  // None where there is no constant, or no matrix, behind an input.
  static Weights weights_of(ov::Output<ov::Node> output) {
    while (ov::is_type<op::v0::Convert>(output.get_node())) output = output.get_node()->input_value(0);
    const auto* found = ov::as_type<op::v0::Constant>(output.get_node());
    if (found == nullptr || !found->get_element_type().is_real() || found->get_shape().size() < 2) return {};
    return {found->cast_vector<float>(), found->get_shape(), 0};
  }

  static NodePtr product_before(const ov::Output<ov::Node>& output) {
    const auto node = output.get_node_shared_ptr();
    return ov::is_type<op::v0::MatMul>(node) ? node : nullptr;
  }

  // A product and a split in place of several products with the same input.
  static void combine(const std::vector<NodePtr>& products) {
    Weights all{{}, {0, 0}, 1};
    std::vector<int> rows;
    for (const auto& product : products) {
      if (product->input_value(0) != products[0]->input_value(0)) throw std::runtime_error("Inputs differ.");
      const Weights weights = weights_of(product->input_value(1));
      all.values.insert(all.values.end(), weights.values.begin(), weights.values.end());
      rows.push_back(static_cast<int>(weights.shape.at(0)));
      all.shape = {all.shape[0] + weights.shape[0], weights.shape[1]};
    }
    const auto product = std::make_shared<op::v0::MatMul>(
        products[0]->input_value(0), constant(ov::element::f32, all.shape, all.values), false, true);
    const auto split = std::make_shared<op::v1::VariadicSplit>(
        product, op::v0::Constant::create(ov::element::i64, {}, {-1}),
        op::v0::Constant::create(ov::element::i32, {rows.size()}, rows));
    for (size_t i = 0; i < products.size(); ++i) products[i]->output(0).replace(split->output(i));
  }

  void combine_gate_up() {
    for (const auto& node : model_->get_ordered_ops()) {
      if (!ov::is_type<op::v4::Swish>(node) && !ov::is_type<op::v7::Gelu>(node)) continue;
      const auto gate = product_before(node->input_value(0));
      const auto gated = node->output(0).get_target_inputs().begin()->get_node()->shared_from_this();
      const auto up =
          product_before(gated->input_value(gated->input_value(0).get_node() == node.get() ? 1 : 0));
      if (gate && up) combine({gate, up});
    }
  }

  void combine_qkv() {
    std::map<ov::Node*, std::vector<NodePtr>> products;  // by what they share, in the order of the graph
    for (const auto* part : {"q_proj", "k_proj", "v_proj"}) {
      for (const auto& node : model_->get_ordered_ops()) {
        if (!ov::is_type<op::v0::MatMul>(node) || node->get_friendly_name().find(part) == std::string::npos)
          continue;
        products[node->input_value(0).get_node()].push_back(node);
      }
    }
    for (const auto& [input, three] : products) combine(three);
  }

  std::shared_ptr<ov::Model> model_;
  const Format format_;
  const std::set<std::string> variants_;
  ov::Any decompression_;  // what marks a Convert as the widening of a weight
};

}  // namespace

int main(int argc, char** argv) {
  try {
    if (argc != 2) throw std::runtime_error("Usage: weight_formats openvino_model.xml < LINES");
    for (std::string line; std::getline(std::cin, line);) {
      std::istringstream words(line);
      std::string folder, format, variant;
      words >> folder >> format;
      std::set<std::string> variants;
      while (words >> variant) variants.insert(variant);
      Rewriter(argv[1], Format::of(format), variants).write(folder + "/openvino_model.xml");
    }
    std::puts("{}");
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
