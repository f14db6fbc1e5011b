// What the text of an answer depends on beside its ids: where it ends, and which special tokens it shows.
// Plain values, part of a request.
#pragma once

#include <string>
#include <vector>

#include "text/token_ids.hpp"

namespace openvino_llm {

struct TextRules {
  std::vector<std::string> stop_strings;
  bool include_stop_string = false;
  TokenIds end_token_ids;  // any of these is the last token
  std::vector<std::string>
      delimiters;          // special tokens whose text stays in the answer's, where they are some
  TokenIds delimiter_ids;  // theirs, set by the worker; -1 where a delimiter is no special token
};

}  // namespace openvino_llm
