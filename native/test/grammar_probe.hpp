// The part of abi_probe that is about grammars.
#pragma once

#include <string>

#include "genai/genai.hpp"
#include "test/json.hpp"
#include "test/layout.hpp"

namespace probe {

using namespace ov::genai;

inline void grammar_types(Object& out) {
  using I = StructuralTagItem;
  using T = StructuralTagsConfig;
  using S = StructuredOutputConfig;
  out.raw("StructuralTagItem", layout<I>({FIELD(I, begin), FIELD(I, schema), FIELD(I, end)}))
      .raw("StructuralTagsConfig", layout<T>({FIELD(T, structural_tags), FIELD(T, triggers)}))
      .raw("StructuredOutputConfig",
           layout<S>({FIELD(S, json_schema), FIELD(S, regex), FIELD(S, grammar),
                      FIELD(S, structural_tags_config), FIELD(S, compound_grammar), FIELD(S, backend)}));
}

// The text that a grammar leaves to the model, one for each field that can be set.
inline std::string generated_by(LLMPipeline& pipeline, const EncodedInputs& prompt, Tokenizer& tokenizer,
                                const StructuredOutputConfig& grammar) {
  grammar.validate(tokenizer);
  const ov::AnyMap config{{"max_new_tokens", size_t(8)}, {"structured_output_config", grammar}};
  return tokenizer.decode(pipeline.generate(prompt, config).tokens.at(0));
}

inline std::string grammars(LLMPipeline& pipeline, const EncodedInputs& prompt, Tokenizer& tokenizer) {
  using S = StructuredOutputConfig;
  const auto text = [&](const S& grammar) {
    return quoted(generated_by(pipeline, prompt, tokenizer, grammar));
  };
  S schema, regex, ebnf, tag, bad;
  schema.json_schema = R"({"const":7})";
  regex.regex = "z{3}";
  ebnf.grammar = "root ::= \"yy\"";
  tag.structural_tags_config =
      S::StructuralTag(R"({"type":"structural_tag","format":{"type":"const_string","value":"<x>"}})");
  bad.regex = "(";
  bool refused = false;
  try {
    bad.validate(tokenizer);
  } catch (const std::exception&) {
    refused = true;
  }
  return Object()
      .raw("schema", text(schema))
      .raw("regex", text(regex))
      .raw("ebnf", text(ebnf))
      .raw("tag", text(tag))
      .raw("refused", refused ? "true" : "false")
      .text();
}

}  // namespace probe
