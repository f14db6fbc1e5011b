// Converts a request's grammar to GenAI's. Worker thread.
#pragma once

#include "engine/request.hpp"
#include "text/tokenizer.hpp"

namespace openvino_llm {

// GenAI's parser must take it, or ERR_INVALID_SCHEMA with its reason: found later, in a step, a bad grammar
// ends all that run together. Returns how long it took, in milliseconds; 0 without a grammar.
double check_grammar(Tokenizer& tokenizer, const Request& request);

// Adds the grammar to a generation config.
void add_grammar(const Request& request, ov::AnyMap& config);

}  // namespace openvino_llm
