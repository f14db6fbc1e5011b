// Errors with a code of the library. Any thread.
#pragma once

#include <stdexcept>
#include <string>
#include <utility>

namespace openvino_llm {

// An error that already has the library's own code.
class CodedError : public std::runtime_error {
 public:
  CodedError(std::string code, const std::string& message)
      : std::runtime_error(message), code(std::move(code)) {}
  const std::string code;
};

}  // namespace openvino_llm
