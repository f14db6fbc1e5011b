// Turns bytes that arrive in arbitrary pieces into whole UTF-8 symbols. It follows OpenVINO Tokenizers'
// UTF8Validate step for step, so that a stream ends with the text that Tokenizer::decode gives for the same
// ids, ill-formed bytes included. Owned by one Detokenizer; not thread safe.
#pragma once

#include <string>
#include <string_view>

namespace openvino_llm {

class Utf8Stream {
 public:
  // replace_invalid: U+FFFD for what is ill-formed (Hugging Face's way), else it is dropped (GGUF
  // vocabularies).
  explicit Utf8Stream(bool replace_invalid) : replace_invalid_(replace_invalid) {}

  // Appends to `out` every symbol that `bytes` completes.
  void push(std::string_view bytes, std::string& out);
  // The stream is over: what is left is ill-formed.
  void finish(std::string& out);

 private:
  void invalid(std::string& out, size_t times = 1) const;

  bool replace_invalid_;
  unsigned symbol_bytes_ = 0;  // length of the symbol begun, 0 between symbols
  char symbol_[4] = {};
  unsigned have_ = 0;
};

// The whole text at once.
std::string validate_utf8(std::string_view bytes, bool replace_invalid);

}  // namespace openvino_llm
