// Converts a request to GenAI's input: token ids, the length of the answer, the generation config. Worker
// thread.
#pragma once

#include "engine/request.hpp"
#include "text/tokenizer.hpp"

namespace openvino_llm {

// The prompt's ids, by chat template and tokenizer where it is text. Of a request with delimiters it also
// sets delimiter_ids and prompt_end.
TokenIds prompt_ids(Tokenizer& tokenizer, Request& request);

// How many tokens the answer may have: at least one, or ERR_PROMPT_TOO_LONG.
size_t room_for_answer(const Request& request, size_t prompt_tokens);

// The request's config with its lengths fitted to that room.
ov::AnyMap config_of(const Request& request, size_t max_new_tokens);

// Shape [1, n].
ov::Tensor tensor_of(const TokenIds& ids);

}  // namespace openvino_llm
