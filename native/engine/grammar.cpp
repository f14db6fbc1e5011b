#include "engine/grammar.hpp"

#include "base/clock.hpp"
#include "base/errors.hpp"

namespace openvino_llm {
namespace {

ov::genai::StructuredOutputConfig config_of(const Grammar& grammar) {
  using Config = ov::genai::StructuredOutputConfig;
  Config config;
  switch (grammar.kind) {
    case Grammar::Kind::kRegex:
      config.regex = grammar.text;
      break;
    case Grammar::Kind::kEbnf:
      config.grammar = grammar.text;
      break;
    case Grammar::Kind::kStructuralTag:
      config.structural_tags_config = Config::StructuralTag(grammar.text);
      break;
  }
  return config;
}

}  // namespace

double check_grammar(Tokenizer& tokenizer, const Request& request) {
  if (!request.grammar) return 0;
  const double begin_ms = now_ms();
  try {
    config_of(*request.grammar).validate(tokenizer.genai());
  } catch (const std::exception& error) {
    throw CodedError("ERR_INVALID_SCHEMA", error.what());
  }
  return now_ms() - begin_ms;
}

void add_grammar(const Request& request, ov::AnyMap& config) {
  if (request.grammar) config["structured_output_config"] = config_of(*request.grammar);
}

}  // namespace openvino_llm
