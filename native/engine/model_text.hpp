// A model's tokenizer and what is known of it. Made by the engine on the worker's thread; the tokenizer may
// outlive it.
#pragma once

#include <memory>

#include "engine/events.hpp"
#include "text/tokenizer.hpp"
#include "text/vocabulary.hpp"

namespace openvino_llm {

struct ModelText {
  template <class Pipeline>
  explicit ModelText(Pipeline& pipeline)
      : shared(std::make_shared<Tokenizer>(pipeline)), vocabulary(Vocabulary::prove(*shared)) {}

  LoadedEvent loaded() const;

  Tokenizer& tokenizer() const { return *shared; }

  std::shared_ptr<Tokenizer> shared;
  std::shared_ptr<const Vocabulary> vocabulary;  // null: text comes from the tokenizer
};

}  // namespace openvino_llm
