#include "engine/model_text.hpp"

namespace openvino_llm {

LoadedEvent ModelText::loaded() const {
  LoadedEvent loaded{};
  loaded.text_from_vocabulary = vocabulary != nullptr;
  return loaded;
}

}  // namespace openvino_llm
