// Runs a model's graph as GenAI would, with OpenVINO's profiler on, and reports which kernels took how
// long. A call loads, infers and frees on its own thread; it knows nothing of JavaScript.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "openvino/core/any.hpp"

namespace openvino_llm {

struct ProfileOptions {
  std::string path;  // folder with openvino_model.xml
  std::string device;
  ov::AnyMap properties;
  size_t prompt_tokens;    // that one inference of the prefill takes in
  size_t sequences;        // of the decoding of many at once; 1 for none
  size_t vocab_size;       // token ids are drawn below it
  size_t max_cache_bytes;  // of the key-value cache; with more, fewer sequences are run
};

// All layers of one type that one kind of kernel computed.
struct KernelTime {
  std::string node_type, kernel;
  size_t count = 0;
  double ms = 0;  // of one inference, the mean
};

struct PhaseTimes {
  size_t tokens;  // that one inference took in
  size_t inferences;
  std::vector<KernelTime> kernels;
};

struct ModelProfile {
  bool paged;  // GenAI's graph with a paged cache, else the one of the file
  std::map<std::string, std::string> properties;  // of the compiled model
  std::vector<PhaseTimes> phases;  // prefill, decode, and decode of many sequences where there are
};

// Throws what OpenVINO throws.
ModelProfile profile_model(const ProfileOptions& options);

}  // namespace openvino_llm
