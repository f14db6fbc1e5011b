// Finds stop strings in text that arrives in pieces, holding back only what may be the beginning of one. The
// match is the one that is complete first; of two that end at the same character, the longer. That does not
// depend on how the text was cut into pieces. Owned by one RequestText.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace openvino_llm {

class StopMatcher {
 public:
  // include: the matched string stays at the end of the text.
  StopMatcher(std::vector<std::string> stops, bool include) : stops_(std::move(stops)), include_(include) {}

  // Appends to `out` what can be given out. Not to be called again after a match.
  void push(const std::string& text, std::string& out);
  // No more text: gives out what was held back.
  void finish(std::string& out);
  const std::optional<std::string>& matched() const { return matched_; }

 private:
  size_t held_length() const;

  std::vector<std::string> stops_;
  bool include_;
  std::string held_;
  std::optional<std::string> matched_;
};

}  // namespace openvino_llm
