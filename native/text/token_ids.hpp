// Token ids, as GenAI has them.
#pragma once

#include <cstdint>
#include <vector>

namespace openvino_llm {

using TokenIds = std::vector<int64_t>;

}  // namespace openvino_llm
