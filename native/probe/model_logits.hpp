// What a model answers to a fixed sequence of token ids, as logits, and how long that takes. A call loads,
// infers and frees on its own thread; it knows nothing of JavaScript.
#pragma once

#include <string>
#include <vector>

#include "openvino/core/any.hpp"

namespace openvino_llm {

struct LogitsOptions {
  std::string path;  // folder with openvino_model.xml
  std::string device;
  ov::AnyMap properties;
  bool paged;  // GenAI's graph with a paged cache, else the one of the file
  // Those of the prompt, then one for each single-token inference, then one for each sequence of the last
  // inference, in which sequences with the same past get a token each.
  std::vector<int64_t> token_ids;
  size_t prompt_tokens, decodes, sequences;  // the sum is the number of ids
};

struct ModelLogits {
  std::vector<float> logits;  // a row for each token id
  size_t vocab_size = 0;
  double load_ms = 0;  // to read and compile the model
  double prefill_ms = 0;
  std::vector<double> decode_ms;
  double batch_ms = 0;  // of the last inference; 0 without sequences
};

// Throws what OpenVINO throws.
ModelLogits model_logits(const LogitsOptions& options);

}  // namespace openvino_llm
