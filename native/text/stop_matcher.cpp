#include "text/stop_matcher.hpp"

#include <algorithm>

namespace openvino_llm {

void StopMatcher::push(const std::string& text, std::string& out) {
  if (stops_.empty()) {
    out += text;
    return;
  }
  held_ += text;
  size_t first_end = std::string::npos, start = 0;
  for (const std::string& stop : stops_) {
    const size_t at = held_.find(stop);
    if (at == std::string::npos) continue;
    const size_t end = at + stop.size();
    if (end < first_end || (end == first_end && at < start)) {
      first_end = end;
      start = at;
      matched_ = stop;
    }
  }
  if (matched_) {
    out.append(held_, 0, include_ ? first_end : start);
    held_.clear();
    return;
  }
  const size_t given_out = held_.size() - held_length();
  out.append(held_, 0, given_out);
  held_.erase(0, given_out);
}

// The longest end of the text that begins a stop string.
size_t StopMatcher::held_length() const {
  size_t longest = 0;
  for (const std::string& stop : stops_) {
    for (size_t length = std::min(stop.size() - 1, held_.size()); length > longest; --length) {
      if (held_.compare(held_.size() - length, length, stop, 0, length) == 0) longest = length;
    }
  }
  return longest;
}

void StopMatcher::finish(std::string& out) {
  out += held_;
  held_.clear();
}

}  // namespace openvino_llm
