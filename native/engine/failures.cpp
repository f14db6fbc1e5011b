#include "engine/failures.hpp"

#include <algorithm>
#include <exception>
#include <iterator>

namespace openvino_llm {

CodedError engine_broken() {
  return {"ERR_ENGINE_BROKEN",
          "GenAI failed and could not be set right. Close this pipeline and load the model again."};
}

bool ruins_engine(const FailedEvent& failure) {
  static constexpr const char* kWords[] = {"bad_alloc", "can't alloc", "Resource temporarily unavailable"};
  return std::any_of(std::begin(kWords), std::end(kWords),
                     [&](const char* words) { return failure.message.find(words) != std::string::npos; });
}

FailedEvent failure_of_current_exception() {
  try {
    throw;
  } catch (const CodedError& error) {
    return {error.code, error.what()};
  } catch (const std::exception& error) {
    return {"ERR_NATIVE", error.what()};
  } catch (...) {
    return {"ERR_NATIVE", "GenAI threw something that is no std::exception."};
  }
}

}  // namespace openvino_llm
