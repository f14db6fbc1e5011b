// Why an answer ended.
#pragma once

namespace openvino_llm {

enum class FinishReason { kStop, kLength, kAbort };

}  // namespace openvino_llm
