// Compares our text with the tokenizer's own on many sequences of ids, one by one and in streams that share
// a batch, and the stop matcher with a naive one, for test/native/text.test.ts. Prints one JSON object.
// Usage: text_probe MODEL_DIR SEQUENCES [VOCABULARY_SIZE], the last for a tokenizer that does not give it.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <random>

#include "genai/genai.hpp"
#include "text/decode_batch.hpp"
#include "text/request_text.hpp"
#include "text/stop_matcher.hpp"
#include "text/utf8_stream.hpp"

using namespace openvino_llm;

namespace {

// What the random ids are drawn from.
struct Source {
  Source(Tokenizer& tokenizer, size_t vocabulary_size)
      : tokenizer(tokenizer), vocabulary(Vocabulary::prove(tokenizer)) {
    try {
      size = tokenizer.vocabulary().size();
    } catch (const std::exception&) {
      size = vocabulary_size;
    }
    try {
      encodes = !text_ids_of("a").empty();
    } catch (const std::exception&) {
      encodes = false;  // there is a detokenizer only
    }
    for (size_t i = 0; vocabulary && i < size; ++i) {
      const auto id = static_cast<int64_t>(i);
      const std::string& bytes = vocabulary->bytes(id);
      if (validate_utf8(bytes, true) != bytes) split.push_back(id);
      if (bytes.size() == 1) id_of_byte[bytes[0]] = id;
    }
  }

  TokenIds text_ids_of(const std::string& text) {
    const auto encoded = tokenizer.encode(text, ov::AnyMap{{"add_special_tokens", false}});
    const auto* data = encoded.input_ids.data<const int64_t>();
    return {data, data + encoded.input_ids.get_size()};
  }

  Tokenizer& tokenizer;
  std::shared_ptr<const Vocabulary> vocabulary;
  size_t size = 0;
  bool encodes = false;
  TokenIds split;  // ids whose bytes are no whole symbols
  std::map<char, int64_t> id_of_byte;
};

// The baseline: all ids so far are decoded for each further one.
class OneByOne {
 public:
  explicit OneByOne(Tokenizer& tokenizer) : tokenizer_(tokenizer) {}

  // The text that has become complete.
  std::string append(int64_t id) {
    ids_.push_back(id);
    text_ = tokenizer_.decode(ids_);
    const bool incomplete = text_.size() >= 3 && text_.compare(text_.size() - 3, 3, "\xEF\xBF\xBD") == 0;
    return incomplete ? "" : finish();
  }
  std::string finish() {
    const size_t from = std::min(given_, text_.size());
    given_ = std::max(given_, text_.size());
    return text_.substr(from);
  }

 private:
  Tokenizer& tokenizer_;
  TokenIds ids_;
  std::string text_;
  size_t given_ = 0;
};

// All ids one after the other, without stop strings.
std::string stream(const TokenIds& ids, const std::shared_ptr<const Vocabulary>& vocabulary,
                   Tokenizer& tokenizer) {
  const TextRules rules;
  RequestText text(rules, ids.size(), vocabulary, tokenizer);
  std::string out;
  for (const int64_t id : ids) text.add({id}, out);
  return out;
}

// Every other id is one whose bytes are no whole symbols, where that is known. Every other sequence keeps
// to the last ids, which are the words of a vocabulary that begins with a token for each byte.
TokenIds random_ids(std::mt19937& random, const Source& source) {
  TokenIds ids(1 + random() % 40);
  const size_t first = random() % 2 == 0 ? 0 : source.size - std::min<size_t>(source.size, 24);
  for (int64_t& id : ids) {
    const bool take_split = !source.split.empty() && random() % 2 == 0;
    id = take_split ? source.split[random() % source.split.size()]
                    : static_cast<int64_t>(first + random() % (source.size - first));
  }
  return ids;
}

// Ids of text, as a model would give them: symbols of one to four bytes, whole. In the tokenizer's own
// pieces, or byte by byte.
TokenIds text_ids(std::mt19937& random, Source& source) {
  static const char* const kPieces[] = {"a",  " the",        "é",         "ß",  "日", "本",
                                        "🙂", "👩‍🚀", "e\xCC\x81", "\n", "7",  "한"};
  std::string text;
  for (size_t i = 0, n = 1 + random() % 20; i < n; ++i) text += kPieces[random() % std::size(kPieces)];
  TokenIds ids;
  if (source.encodes && random() % 4 != 0) ids = source.text_ids_of(text);
  for (size_t i = 0, n = ids.empty() ? text.size() : 0; i < n; ++i) {
    const auto found = source.id_of_byte.find(text[i]);
    if (found != source.id_of_byte.end()) ids.push_back(found->second);
  }
  return ids.empty() ? random_ids(random, source) : ids;
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

// Sequences of all lengths in one batch, and each of them alone.
int batch_mismatches(std::mt19937& random, Source& source, int rounds) {
  int mismatches = 0;
  DecodeBatch batch(source.tokenizer);
  for (int round = 0; round < rounds; ++round) {
    std::vector<TokenIds> sequences(random() % 40);
    batch.clear();
    for (size_t i = 0; i < sequences.size(); ++i) {
      sequences[i] = random() % 2 == 0 ? random_ids(random, source) : text_ids(random, source);
      if (random() % 8 == 0) sequences[i].clear();
      if (batch.add(sequences[i]) != i) ++mismatches;
    }
    batch.run();
    for (size_t i = 0; i < sequences.size(); ++i) {
      const std::string alone = sequences[i].empty() ? "" : source.tokenizer.decode(sequences[i]);
      if (batch.text(i) != alone) ++mismatches;
    }
  }
  return mismatches;
}

// One of several streams that share a batch. What it must give comes from OneByOne and naive_stop().
struct Stream {
  Stream(std::mt19937& random, Source& source)
      : ids(random() % 2 == 0 ? random_ids(random, source) : text_ids(random, source)),
        from_vocabulary(source.vocabulary && random() % 4 == 0),
        max_new_tokens(1 + random() % (ids.size() + 10)),
        stops(!from_vocabulary && random() % 2 == 0) {
    if (random() % 4 == 0) rules.end_token_ids = {ids[random() % ids.size()]};
    rules.include_stop_string = random() % 2 == 0;
    const std::string whole = source.tokenizer.decode(ids);
    for (size_t i = 0; stops && !whole.empty() && i < 2; ++i) {
      rules.stop_strings.push_back(whole.substr(random() % whole.size(), 1 + random() % 6));
    }
    expect(source.tokenizer);
    text = std::make_unique<RequestText>(rules, max_new_tokens, from_vocabulary ? source.vocabulary : nullptr,
                                         source.tokenizer);
  }

  void expect(Tokenizer& tokenizer) {
    OneByOne one_by_one(tokenizer);
    std::string joined;
    for (size_t i = 0; i < ids.size() && !expected.matched; ++i) {
      const TokenIds& ends = rules.end_token_ids;
      const bool is_last =
          i + 1 == max_new_tokens || std::find(ends.begin(), ends.end(), ids[i]) != ends.end();
      pieces.push_back(one_by_one.append(ids[i]));
      if (is_last) pieces.back() += one_by_one.finish();
      joined += pieces.back();
      expected = naive_stop(joined, rules.stop_strings, rules.include_stop_string);
      ended = is_last || expected.matched;
      if (ended) break;
    }
  }

  void stage(std::mt19937& random, DecodeBatch& batch) {
    const size_t left = ids.size() - at;
    const size_t count = std::min<size_t>(left, random() % 2 == 0 ? 1 : 1 + random() % 6);
    step.assign(ids.begin() + static_cast<long>(at), ids.begin() + static_cast<long>(at + count));
    text->stage(step, batch);
  }

  void take(const DecodeBatch& batch) {
    std::string given;
    const size_t taken = text->take(step, batch, given);
    std::string wanted;
    for (size_t i = at; i < std::min(at + taken, pieces.size()); ++i) wanted += pieces[i];
    // The vocabulary gives the whole symbols of a token that ends in part of one, decode() holds the token
    // back.
    if (!stops && !from_vocabulary && given != wanted) wrong = true;
    out += given;
    at += taken;
  }

  bool done() const { return at == ids.size() || text->finished(); }

  bool fails() const {
    if (wrong || at != pieces.size() || text->finished().has_value() != ended) return true;
    if (text->stop_string() != expected.matched) return true;
    if (ended) return out != expected.text;
    // What is held back for a stop string or a symbol comes with the end only.
    const size_t common = std::min(out.size(), expected.text.size());
    return out.compare(0, common, expected.text, 0, common) != 0;
  }

  TokenIds ids;
  bool from_vocabulary;
  size_t max_new_tokens;
  bool stops;
  TextRules rules;
  std::vector<std::string> pieces;
  Naive expected;
  bool ended = false;
  std::unique_ptr<RequestText> text;
  TokenIds step;
  size_t at = 0;
  std::string out;
  bool wrong = false;
};

int stream_mismatches(std::mt19937& random, Source& source, int rounds) {
  int mismatches = 0;
  DecodeBatch batch(source.tokenizer);
  for (int round = 0; round < rounds; ++round) {
    std::deque<Stream> streams;
    for (size_t i = 0, n = 1 + random() % 12; i < n; ++i) streams.emplace_back(random, source);
    const auto done = [](const Stream& stream) { return stream.done(); };
    while (!std::all_of(streams.begin(), streams.end(), done)) {
      batch.clear();
      std::vector<Stream*> running;
      for (Stream& stream : streams) {
        if (!stream.done()) running.push_back(&stream);
      }
      for (Stream* stream : running) stream->stage(random, batch);
      batch.run();
      for (Stream* stream : running) stream->take(batch);
    }
    mismatches += static_cast<int>(
        std::count_if(streams.begin(), streams.end(), [](const Stream& stream) { return stream.fails(); }));
  }
  return mismatches;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3 && argc != 4) return 2;
  const int sequences = std::stoi(argv[2]);
  Tokenizer tokenizer(std::filesystem::path(argv[1]), {});
  Source source(tokenizer, argc == 4 ? std::stoul(argv[3]) : 0);
  if (source.size == 0) return 2;
  std::mt19937 random(1);
  int random_mismatches = 0, text_mismatches = 0, by_decode_mismatches = 0;
  for (int i = 0; i < sequences; ++i) {
    const TokenIds ids = random_ids(random, source);
    const std::string decoded = tokenizer.decode(ids);
    if (source.vocabulary && stream(ids, source.vocabulary, tokenizer) != decoded) ++random_mismatches;
    if (stream(ids, nullptr, tokenizer) != decoded) ++by_decode_mismatches;
    const TokenIds text = text_ids(random, source);
    const std::string whole = tokenizer.decode(text);
    if (source.vocabulary && stream(text, source.vocabulary, tokenizer) != whole) ++text_mismatches;
    if (stream(text, nullptr, tokenizer) != whole) ++by_decode_mismatches;
  }
  std::printf(
      "{\"proved\":%s,\"vocabulary\":%zu,\"split\":%zu,\"sequences\":%d,\"randomMismatches\":%d,"
      "\"textMismatches\":%d,\"byDecodeMismatches\":%d,",
      source.vocabulary ? "true" : "false", source.size, source.split.size(), sequences, random_mismatches,
      text_mismatches, by_decode_mismatches);
  std::printf(
      "\"batchMismatches\":%d,\"streamMismatches\":%d,\"splitMismatches\":%d,\"stopMismatches\":%d}\n",
      batch_mismatches(random, source, sequences / 10), stream_mismatches(random, source, sequences / 5),
      split_mismatches(random, sequences), stop_mismatches(random, sequences * 20));
}
