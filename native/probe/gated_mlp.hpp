// Finds the gated feed-forward networks of a graph: down(act(gate(x)) * up(x)), what OpenVINO's CPU plugin
// fuses into one kernel of its own on AMX. Pure; called on any thread.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "openvino/core/model.hpp"

namespace openvino_llm {

// Networks of the same shape and weights count as one.
struct GatedMlp {
  size_t hidden_size, intermediate_size;
  // "f32", "f16", "bf16", or "i8": signed 8 bits with one scale for each row.
  std::string gate_up_weights, down_weights;
  bool is_combined;  // gate and up are one matrix
  size_t count;
};

// Those whose weights are of these kinds; what is quantised otherwise, the plugin does not fuse.
std::vector<GatedMlp> gated_mlps(const ov::Model& model);

}  // namespace openvino_llm
