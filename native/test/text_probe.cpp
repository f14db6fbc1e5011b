// Compares our text with the tokenizer's own on many sequences of ids, and the stop matcher with a naive one,
// for test/native/text.test.ts. Usage: text_probe MODEL_DIR SEQUENCES. Prints one JSON object.
#include <cstdio>
#include <cstdlib>
#include <random>

#include "detokenizer.hpp"
#include "genai/genai.hpp"
#include "stop_matcher.hpp"
#include "utf8_stream.hpp"

using namespace openvino_llm;

namespace {

std::string stream(const TokenIds& ids, const std::shared_ptr<const Vocabulary>& vocabulary,
                   ov::genai::Tokenizer& tokenizer) {
  Detokenizer detokenizer(vocabulary, tokenizer);
  std::string text;
  for (const int64_t id : ids) detokenizer.append(id, text);
  detokenizer.finish(text);
  return text;
}

// Every other id is one whose bytes are no whole symbols.
TokenIds random_ids(std::mt19937& random, const Vocabulary& vocabulary, const TokenIds& split) {
  TokenIds ids(1 + random() % 40);
  for (int64_t& id : ids) {
    const bool take_split = !split.empty() && random() % 2 == 0;
    id = take_split ? split[random() % split.size()] : static_cast<int64_t>(random() % vocabulary.size());
  }
  return ids;
}

// Ids of text, as a model would give them: symbols of one to four bytes, whole.
TokenIds text_ids(std::mt19937& random, ov::genai::Tokenizer& tokenizer) {
  static const char* const kPieces[] = {"a",  " the",        "é",         "ß",  "日", "本",
                                        "🙂", "👩‍🚀", "e\xCC\x81", "\n", "7",  "한"};
  std::string text;
  for (size_t i = 0, n = 1 + random() % 20; i < n; ++i) text += kPieces[random() % std::size(kPieces)];
  const auto encoded = tokenizer.encode(text, ov::AnyMap{{"add_special_tokens", false}});
  const auto* data = encoded.input_ids.data<const int64_t>();
  return TokenIds(data, data + encoded.input_ids.get_size());
}

// Bytes as text has them, and bytes as nothing has them; every way to cut the string in three.
int split_mismatches(std::mt19937& random, int rounds) {
  static const char* const kPieces[] = {
      "a", "\xC3\xA9", "\xE6\x97\xA5", "\xF0\x9F\x99\x82", "\xC3", "\x9F", "\xE2\x82", "\xC0\x80", "\xFF"};
  int mismatches = 0;
  for (int round = 0; round < rounds; ++round) {
    std::string bytes;
    for (size_t i = 0, n = 1 + random() % 6; i < n; ++i) bytes += kPieces[random() % std::size(kPieces)];
    for (const bool replace : {true, false}) {
      const std::string whole = validate_utf8(bytes, replace);
      for (size_t first = 0; first <= bytes.size(); ++first) {
        for (size_t second = first; second <= bytes.size(); ++second) {
          Utf8Stream stream(replace);
          std::string out;
          stream.push(std::string_view(bytes).substr(0, first), out);
          stream.push(std::string_view(bytes).substr(first, second - first), out);
          stream.push(std::string_view(bytes).substr(second), out);
          stream.finish(out);
          if (out != whole) ++mismatches;
        }
      }
    }
  }
  return mismatches;
}

struct Naive {
  std::string text;
  std::optional<std::string> matched;
};

// Grows the text by one character until some stop string ends it; the longest of those wins.
Naive naive_stop(const std::string& text, const std::vector<std::string>& stops, bool include) {
  for (size_t end = 1; end <= text.size(); ++end) {
    std::optional<std::string> best;
    for (const std::string& stop : stops) {
      const bool ends = end >= stop.size() && text.compare(end - stop.size(), stop.size(), stop) == 0;
      if (ends && (!best || stop.size() > best->size())) best = stop;
    }
    if (best) return {text.substr(0, include ? end : end - best->size()), best};
  }
  return {text, {}};
}

std::string random_string(std::mt19937& random, size_t longest) {
  std::string text;
  for (size_t i = 0, n = 1 + random() % longest; i < n; ++i) text += static_cast<char>('a' + random() % 3);
  return text;
}

int stop_mismatches(std::mt19937& random, int rounds) {
  int mismatches = 0;
  for (int round = 0; round < rounds; ++round) {
    const std::string text = random_string(random, 30);
    std::vector<std::string> stops;
    for (size_t i = 0, n = random() % 4; i < n; ++i) stops.push_back(random_string(random, 5));
    const bool include = random() % 2 == 0;
    StopMatcher matcher(stops, include);
    std::string out;
    for (size_t at = 0; at < text.size() && !matcher.matched();) {
      const size_t length = 1 + random() % 4;
      matcher.push(text.substr(at, length), out);
      at += length;
    }
    if (!matcher.matched()) matcher.finish(out);
    const Naive expected = naive_stop(text, stops, include);
    if (out != expected.text || matcher.matched() != expected.matched) ++mismatches;
  }
  return mismatches;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const int sequences = std::stoi(argv[2]);
  ov::genai::Tokenizer tokenizer{std::filesystem::path(argv[1])};
  const auto vocabulary = Vocabulary::prove(tokenizer);
  if (!vocabulary) {
    std::puts("{\"proved\":false}");
    return 0;
  }
  TokenIds split;
  for (size_t id = 0; id < vocabulary->size(); ++id) {
    const std::string& bytes = vocabulary->bytes(static_cast<int64_t>(id));
    if (validate_utf8(bytes, true) != bytes) split.push_back(static_cast<int64_t>(id));
  }
  std::mt19937 random(1);
  int random_mismatches = 0, text_mismatches = 0, by_decode_mismatches = 0;
  for (int i = 0; i < sequences; ++i) {
    const TokenIds ids = random_ids(random, *vocabulary, split);
    if (stream(ids, vocabulary, tokenizer) != tokenizer.decode(ids)) ++random_mismatches;
    const TokenIds text = text_ids(random, tokenizer);
    const std::string whole = tokenizer.decode(text);
    if (stream(text, vocabulary, tokenizer) != whole) ++text_mismatches;
    if (stream(text, nullptr, tokenizer) != whole) ++by_decode_mismatches;
  }
  std::printf(
      "{\"proved\":true,\"vocabulary\":%zu,\"split\":%zu,\"sequences\":%d,\"randomMismatches\":%d,"
      "\"textMismatches\":%d,\"byDecodeMismatches\":%d,\"splitMismatches\":%d,\"stopMismatches\":%d}\n",
      vocabulary->size(), split.size(), sequences, random_mismatches, text_mismatches, by_decode_mismatches,
      split_mismatches(random, sequences), stop_mismatches(random, sequences * 20));
}
