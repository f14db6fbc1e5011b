#include "text/tokenizing.hpp"

#include <algorithm>

#include "base/errors.hpp"
#include "text/decode_batch.hpp"
#include "text/utf8_check.hpp"

namespace openvino_llm {
namespace {

// What one call of GenAI's may fill: it gives a matrix of 64-bit ids as wide as its longest row. The rows of
// a text are at most as many as its bytes and the special tokens.
constexpr size_t kMatrixItems = size_t{1} << 20U;

// Appends the rows of a matrix without their padding.
void append_rows(const ov::genai::TokenizedInputs& inputs, EncodedRows& rows) {
  const ov::Shape shape = inputs.input_ids.get_shape();
  const auto* ids = inputs.input_ids.data<const int64_t>();
  const auto* mask = inputs.attention_mask.data<const int64_t>();
  const int64_t* types = nullptr;
  if (inputs.token_type_ids && inputs.token_type_ids->get_shape() == shape)
    types = inputs.token_type_ids->data<const int64_t>();
  for (size_t row = 0; row < shape.at(0); ++row) {
    TokenIds kept;
    TokenIds kept_types;
    for (size_t at = row * shape.at(1); at < (row + 1) * shape.at(1); ++at) {
      if (mask[at] == 0) continue;
      kept.push_back(ids[at]);
      if (types != nullptr) kept_types.push_back(types[at]);
    }
    rows.ids.push_back(std::move(kept));
    if (types != nullptr) rows.type_ids.push_back(std::move(kept_types));
  }
}

TokenIds encode_one(Tokenizer& tokenizer, const std::string& text, bool add_special_tokens) {
  EncodedRows rows;
  append_rows(tokenizer.encode(text, ov::AnyMap{{"add_special_tokens", add_special_tokens}}), rows);
  return rows.ids.empty() ? TokenIds{} : std::move(rows.ids[0]);
}

[[noreturn]] void no_room(size_t max_length, size_t special_tokens) {
  throw CodedError("ERR_OUT_OF_RANGE",
                   "Expected a maxLength with room for the " + std::to_string(special_tokens) +
                       " special tokens of this tokenizer but received " + std::to_string(max_length) + ".");
}

// As Hugging Face does: the special tokens stay, and what is left belongs to the beginning of the text. Not
// by GenAI, which ignores the option for tokenizers made from GGUF, and crashes where the special tokens
// alone are too many.
void cut_to(Tokenizer& tokenizer, const std::string& text, const EncodeOptions& options, TokenIds& ids) {
  if (options.max_length == 0 || ids.size() <= options.max_length) return;
  TokenIds bare = options.add_special_tokens ? encode_one(tokenizer, text, false) : ids;
  const auto begin = std::search(ids.begin(), ids.end(), bare.begin(), bare.end());
  if (begin == ids.end() && !bare.empty()) return ids.resize(options.max_length);  // no special tokens around
  const size_t special = ids.size() - bare.size();
  if (options.max_length < special) no_room(options.max_length, special);
  const auto end = begin + static_cast<long>(bare.size());
  ids.erase(begin + static_cast<long>(options.max_length - special), end);
}

void refuse_cut(Tokenizer& tokenizer, const std::string& text, const TokenIds& ids) {
  // A cut leaves a round number of tokens that stand for one end of the text only.
  if (ids.empty() || ids.size() % 512 != 0) return;
  const std::string kept = tokenizer.decode(ids, ov::AnyMap{{"skip_special_tokens", false}});
  if (kept.size() >= text.size()) return;
  const bool is_begin = text.compare(0, kept.size(), kept) == 0;
  const bool is_end = text.compare(text.size() - kept.size(), kept.size(), kept) == 0;
  if (!is_begin && !is_end) return;
  throw CodedError("ERR_PROMPT_TOO_LONG",
                   "Expected a text that this model's tokenizer takes whole, but it cuts at " +
                       std::to_string(ids.size()) + " tokens and the text has more. Shorten it.");
}

// Groups of texts whose matrix is bounded. An empty text is alone: GenAI drops empty texts of a batch that
// has nothing else.
template <class Use>
void in_groups(const std::vector<std::string>& texts, const Use& use) {
  for (size_t begin = 0, end = 0; begin < texts.size(); begin = end) {
    size_t longest = 0;
    for (end = begin; end < texts.size(); ++end) {
      if (texts[end].empty() && end > begin) break;
      longest = std::max(longest, texts[end].size());
      if (end > begin && (end - begin + 1) * longest > kMatrixItems) break;
      if (texts[end].empty()) {
        ++end;
        break;
      }
    }
    use(begin, end);
  }
}

// Only a padded row shows it.
bool pads_right(Tokenizer& tokenizer) try {
  const ov::Tensor mask = tokenizer.encode(std::vector<std::string>{"a", "a a a a"}).attention_mask;
  return mask.get_size() > 0 && mask.data<const int64_t>()[0] != 0;
} catch (const std::exception&) {
  return false;  // there is a detokenizer only
}

}  // namespace

TokenizerFacts facts_of(Tokenizer& shared) {
  const ov::genai::Tokenizer& tokenizer = shared.genai();
  TokenizerFacts facts{};
  try {
    facts.vocab_size = shared.vocabulary().size();
  } catch (const std::exception&) {
    facts.vocab_size = 0;  // SentencePiece gives none
  }
  facts.bos = {tokenizer.get_bos_token_id(), tokenizer.get_bos_token()};
  facts.eos = {tokenizer.get_eos_token_id(), tokenizer.get_eos_token()};
  facts.pad = {tokenizer.get_pad_token_id(), tokenizer.get_pad_token()};
  facts.chat_template = tokenizer.get_chat_template();
  facts.supports_pairs = tokenizer.supports_paired_input();
  facts.pads_right = pads_right(shared);
  return facts;
}

EncodedRows encode_texts(Tokenizer& tokenizer, const std::vector<std::string>& texts,
                         const EncodeOptions& options) {
  EncodedRows rows;
  const ov::AnyMap params{{"add_special_tokens", options.add_special_tokens}};
  in_groups(texts, [&](size_t begin, size_t end) {
    const std::vector<std::string> group(texts.begin() + static_cast<long>(begin),
                                         texts.begin() + static_cast<long>(end));
    append_rows(group.size() == 1 ? tokenizer.encode(group[0], params) : tokenizer.encode(group, params),
                rows);
    rows.ids.resize(end);
  });
  for (size_t i = 0; i < texts.size(); ++i) {
    refuse_cut(tokenizer, texts[i], rows.ids[i]);
    cut_to(tokenizer, texts[i], options, rows.ids[i]);
  }
  return rows;
}

EncodedRows encode_pairs(Tokenizer& tokenizer, const std::vector<std::string>& firsts,
                         const std::vector<std::string>& seconds, const EncodeOptions& options) {
  EncodedRows rows;
  for (size_t i = 0; i < firsts.size(); ++i) {
    const std::vector<std::string> first{firsts[i]};
    const std::vector<std::string> second{seconds[i]};
    ov::AnyMap params{{"add_special_tokens", options.add_special_tokens}};
    EncodedRows pair;
    append_rows(tokenizer.encode(first, second, params), pair);
    const size_t size = pair.ids.at(0).size();
    if (options.max_length > 0 && size > options.max_length) {
      const size_t bare =
          encode_one(tokenizer, firsts[i], false).size() + encode_one(tokenizer, seconds[i], false).size();
      // GenAI cuts the longer text first, and crashes without room for a token of each.
      const size_t special = size > bare ? size - bare : 0;
      if (options.max_length < special + 2) no_room(options.max_length, special + 2);
      params["max_length"] = static_cast<int32_t>(options.max_length);
      params["truncation"] = true;
      pair = {};
      append_rows(tokenizer.encode(first, second, params), pair);
    }
    rows.ids.push_back(std::move(pair.ids.at(0)));
    if (!pair.type_ids.empty()) rows.type_ids.push_back(std::move(pair.type_ids[0]));
  }
  return rows;
}

std::vector<std::string> decode_rows(Tokenizer& tokenizer, const std::vector<TokenIds>& rows,
                                     bool skip_special_tokens) {
  std::vector<std::string> texts;
  texts.reserve(rows.size());
  DecodeBatch batch(tokenizer, {{"skip_special_tokens", skip_special_tokens}});
  for (size_t begin = 0, end = 0; begin < rows.size(); begin = end) {
    size_t longest = 0;
    for (end = begin; end < rows.size(); ++end) {
      longest = std::max(longest, rows[end].size());
      if (end > begin && (end - begin + 1) * longest > kMatrixItems) break;
      batch.add(rows[end]);
    }
    batch.run();
    for (size_t i = 0; i < end - begin; ++i) texts.push_back(batch.text(i));
    batch.clear();
  }
  return texts;
}

std::vector<std::string> spelled_vocabulary(const Tokenizer& tokenizer) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  const std::vector<std::string>& tokens = tokenizer.vocabulary();
  std::vector<std::string> spelled;
  spelled.reserve(tokens.size());
  for (const std::string& token : tokens) {
    if (is_well_formed_utf8(token)) {
      spelled.push_back(token);
      continue;
    }
    // As much as is a whole symbol stays as it is.
    std::string text;
    for (size_t at = 0; at < token.size();) {
      size_t length = std::min<size_t>(4, token.size() - at);
      while (length > 0 && !is_well_formed_utf8({&token[at], length})) --length;
      if (length > 0) {
        text.append(token, at, length);
        at += length;
        continue;
      }
      const auto byte = static_cast<uint8_t>(token[at++]);
      text += {'<', '0', 'x', kDigits[byte >> 4U], kDigits[byte & 15U], '>'};
    }
    spelled.push_back(std::move(text));
  }
  return spelled;
}

}  // namespace openvino_llm
