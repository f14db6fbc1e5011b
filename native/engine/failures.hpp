// Failures as the event that ends a request. Any thread.
#pragma once

#include "base/errors.hpp"
#include "engine/events.hpp"

namespace openvino_llm {

// The event for a request that comes after an engine's end.
CodedError engine_broken();

// Whether what failed leaves GenAI in a state that it must not be used in: without the memory that a kernel
// wanted it ends the process at the next inference, and a request whose thread could not be started stays.
bool ruins_engine(const FailedEvent& failure);

// The event for the request that the current exception ends.
FailedEvent failure_of_current_exception();

}  // namespace openvino_llm
