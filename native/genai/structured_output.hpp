// Grammars of GenAI, laid out as in the pinned binary. One of the five fields is set. What a structural tag
// is made of is given as JSON text, so the types of its parts are only ever held by pointer here.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "genai/tokenizer.hpp"
#include "genai/visibility.hpp"

namespace ov::genai {

struct OPENVINO_LLM_IMPORTED StructuralTagItem {
  std::string begin;
  std::string schema;
  std::string end;
};

// Deprecated by GenAI; it stands here for the variant that it is part of.
struct OPENVINO_LLM_IMPORTED StructuralTagsConfig {
  std::vector<StructuralTagItem> structural_tags;
  std::vector<std::string> triggers;
};

class OPENVINO_LLM_IMPORTED StructuredOutputConfig {
 public:
  struct Regex {
    std::string value;
  };
  struct JSONSchema {
    std::string value;
  };
  struct EBNF {
    std::string value;
  };
  struct ConstString {
    std::string value;
  };
  struct AnyText {};
  struct QwenXMLParametersFormat {
    std::string json_schema;
  };
  struct Concat;
  struct Union;
  struct Tag;
  struct TriggeredTags;
  struct TagsWithSeparator;
  // The text of alternative 0 is the JSON of a whole structural tag.
  using StructuralTag =
      std::variant<std::string, Regex, JSONSchema, EBNF, ConstString, AnyText, QwenXMLParametersFormat,
                   std::shared_ptr<Concat>, std::shared_ptr<Union>, std::shared_ptr<Tag>,
                   std::shared_ptr<TriggeredTags>, std::shared_ptr<TagsWithSeparator>>;

  std::optional<std::string> json_schema;
  std::optional<std::string> regex;
  std::optional<std::string> grammar;
  std::optional<std::variant<StructuralTagsConfig, StructuralTag>> structural_tags_config;
  std::optional<StructuralTag> compound_grammar;
  std::optional<std::string> backend;

  // Parses the grammar and throws what is wrong with it; compiles nothing.
  void validate(Tokenizer& tokenizer) const;
};

static_assert(sizeof(StructuralTagItem) == 96);
static_assert(offsetof(StructuralTagItem, schema) == 32);
static_assert(offsetof(StructuralTagItem, end) == 64);
static_assert(sizeof(StructuralTagsConfig) == 48);
static_assert(offsetof(StructuralTagsConfig, triggers) == 24);
static_assert(sizeof(StructuredOutputConfig::StructuralTag) == 40);
static_assert(sizeof(StructuredOutputConfig) == 272);
static_assert(offsetof(StructuredOutputConfig, json_schema) == 0);
static_assert(offsetof(StructuredOutputConfig, regex) == 40);
static_assert(offsetof(StructuredOutputConfig, grammar) == 80);
static_assert(offsetof(StructuredOutputConfig, structural_tags_config) == 120);
static_assert(offsetof(StructuredOutputConfig, compound_grammar) == 184);
static_assert(offsetof(StructuredOutputConfig, backend) == 232);

}  // namespace ov::genai
