// What turning token ids into text costs, for benchmarks/detokenise: ours from the vocabulary, ours by one
// decode per step, and GenAI's TextStreamer. Every stream takes one id in each step, as in continuous
// batching. Prints one JSON object. Needs the runtime on LD_LIBRARY_PATH. Usage: detokenise MODEL_DIR
// TEXT_FILE STREAMS,STREAMS,... STEPS REPETITIONS SEED
#include <algorithm>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <iterator>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "../shared/program.hpp"
#include "../shared/text_streamer.hpp"
#include "genai/genai.hpp"
#include "text/decode_batch.hpp"
#include "text/request_text.hpp"

using namespace openvino_llm;

namespace {

// Occurs in no text here, so that every character is looked at.
constexpr char kStopString[] = "\n\nUser:";
constexpr size_t kMinSequences = 8;

double clock_us(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) / 1e3;
}

struct Streams {
  std::vector<TokenIds> ids;
  std::vector<std::string> texts;
};

class Method {
 public:
  virtual ~Method() = default;
  virtual void step(const Streams& streams, size_t at) = 0;
  virtual void end() {}
};

class Ours final : public Method {
 public:
  Ours(Streams& streams, const std::shared_ptr<const Vocabulary>& vocabulary, Tokenizer& tokenizer)
      : texts_(streams.texts), batch_(tokenizer), step_(streams.ids.size(), TokenIds(1)) {
    rules_.stop_strings = {kStopString};
    for (const TokenIds& ids : streams.ids) requests_.emplace_back(rules_, ids.size(), vocabulary, tokenizer);
  }

  void step(const Streams& streams, size_t at) override {
    batch_.clear();
    for (size_t i = 0; i < requests_.size(); ++i) {
      step_[i][0] = streams.ids[i][at];
      requests_[i].stage(step_[i], batch_);
    }
    batch_.run();
    for (size_t i = 0; i < requests_.size(); ++i) requests_[i].take(step_[i], batch_, texts_[i]);
  }

 private:
  std::vector<std::string>& texts_;
  TextRules rules_;
  std::vector<RequestText> requests_;
  DecodeBatch batch_;
  std::vector<TokenIds> step_;
};

class GenAi final : public Method {
 public:
  GenAi(Streams& streams, Tokenizer& tokenizer) {
    for (std::string& text : streams.texts) {
      const auto take = [&text](const std::string& piece) {
        text += piece;
        return ov::genai::StreamingStatus::RUNNING;
      };
      streamers_.push_back(std::make_unique<ov::genai::TextStreamer>(tokenizer.genai(), take));
    }
  }

  void step(const Streams& streams, size_t at) override {
    for (size_t i = 0; i < streamers_.size(); ++i) streamers_[i]->write(streams.ids[i][at]);
  }
  void end() override {
    for (const auto& streamer : streamers_) streamer->end();
  }

 private:
  std::vector<std::unique_ptr<ov::genai::TextStreamer>> streamers_;
};

// Each stream begins elsewhere in the text, which is a ring.
Streams streams_of(const TokenIds& text, size_t count, size_t steps) {
  Streams streams{std::vector<TokenIds>(count), std::vector<std::string>(count)};
  for (size_t i = 0; i < count; ++i) {
    for (size_t at = 0; at < steps; ++at)
      streams.ids[i].push_back(text[(i * text.size() / count + at) % text.size()]);
  }
  return streams;
}

struct Bench {
  Tokenizer tokenizer;
  std::shared_ptr<const Vocabulary> vocabulary;
  TokenIds text;
  size_t steps;

  std::unique_ptr<Method> method(const std::string& name, Streams& streams) {
    if (name == "textStreamer") return std::make_unique<GenAi>(streams, tokenizer);
    return std::make_unique<Ours>(streams, name == "vocabulary" ? vocabulary : nullptr, tokenizer);
  }

  // Few streams begin anew several times, so that there is enough to be measured.
  std::string measure(const std::string& name, size_t count, size_t repetition) {
    const size_t rounds = (kMinSequences + count - 1) / count;
    double wall_us = 0, cpu_us = 0;
    for (size_t round = 0; round < rounds; ++round) {
      Streams streams = streams_of(text, count, steps);
      const std::unique_ptr<Method> measured = method(name, streams);
      wall_us -= clock_us(CLOCK_MONOTONIC);
      cpu_us -= clock_us(CLOCK_PROCESS_CPUTIME_ID);
      for (size_t at = 0; at < steps; ++at) measured->step(streams, at);
      measured->end();
      cpu_us += clock_us(CLOCK_PROCESS_CPUTIME_ID);
      wall_us += clock_us(CLOCK_MONOTONIC);
      check(name, streams);
    }
    const auto tokens = static_cast<double>(rounds * count * steps);
    return R"({"method":")" + name + R"(","streams":)" + std::to_string(count) + R"(,"repetition":)" +
           std::to_string(repetition) + R"(,"wallUs":)" + std::to_string(wall_us / tokens) + R"(,"cpuUs":)" +
           std::to_string(cpu_us / tokens) + "}";
  }

  void check(const std::string& name, const Streams& streams) {
    for (size_t i = 0; i < streams.ids.size(); ++i) {
      if (streams.texts[i] == tokenizer.decode(streams.ids[i])) continue;
      throw std::runtime_error("Expected of " + name + " the text that decode() gives for all ids at once.");
    }
  }
};

TokenIds text_ids(Tokenizer& tokenizer, const char* file) {
  std::ifstream in(file);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  const auto encoded = tokenizer.encode(text, ov::AnyMap{{"add_special_tokens", false}});
  const auto* data = encoded.input_ids.data<const int64_t>();
  return {data, data + encoded.input_ids.get_size()};
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 7) {
    std::fputs("Usage: detokenise MODEL_DIR TEXT_FILE STREAMS,STREAMS,... STEPS REPETITIONS SEED\n", stderr);
    return 2;
  }
  Bench bench{{std::filesystem::path(argv[1]), {}}, nullptr, {}, std::stoul(argv[4])};
  bench.vocabulary = Vocabulary::prove(bench.tokenizer);
  bench.text = text_ids(bench.tokenizer, argv[2]);
  if (!bench.vocabulary || bench.text.empty()) {
    throw std::runtime_error("Expected a text, and a model whose text can be made from its vocabulary.");
  }
  std::vector<std::pair<std::string, size_t>> cells;
  for (const char* name : {"vocabulary", "decode", "textStreamer"}) {
    for (const int64_t count : ids_of(argv[3])) cells.emplace_back(name, static_cast<size_t>(count));
    bench.measure(name, kMinSequences, 0);  // to warm up
  }
  std::mt19937 random(static_cast<unsigned>(std::stoul(argv[6])));
  std::string rows;
  for (size_t repetition = 0, count = std::stoul(argv[5]); repetition < count; ++repetition) {
    std::shuffle(cells.begin(), cells.end(), random);
    for (const auto& [name, streams] : cells) {
      rows += (rows.empty() ? "" : ",") + bench.measure(name, streams, repetition);
    }
  }
  std::printf(R"({"textTokens":%zu,"cells":[%s],"cpuSeconds":%f})"
              "\n",
              bench.text.size(), rows.c_str(), cpu_seconds());
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}
