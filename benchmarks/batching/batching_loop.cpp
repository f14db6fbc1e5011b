// The baseline of benchmarks/batching: GenAI's ContinuousBatchingPipeline from C++, closed loops of so many
// streams, one level after the other. Prints one JSON object. Needs the runtime on LD_LIBRARY_PATH.
//
// Usage: batching_loop MODEL_DIR NEW_TOKENS WARMUP_TOKENS tokens|text < LEVELS
//
// "text" adds a TextStreamer to each request, as OpenVINO Model Server does. LEVELS: for each level a line
// with the number of streams, the prompts of the warm-up, an empty line, the prompts, an empty line. A prompt
// is a line of ids separated by commas.
#include <algorithm>
#include <cstdio>
#include <iostream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "../shared/program.hpp"
#include "../shared/text_streamer.hpp"
#include "base/cpu_account.hpp"
#include "genai/genai.hpp"

using namespace ov::genai;

namespace {

double thread_cpu_us() { return static_cast<double>(openvino_llm::thread_cpu_ns()) / 1e3; }

struct Level {
  size_t streams = 0;
  std::vector<Ids> warmup, prompts;
};

struct Running {
  size_t prompt;
  GenerationHandle handle;
  double called_ms;
  std::unique_ptr<TextStreamer> streamer;
};

struct Answer {
  double ttft_ms = -1;
  Ids ids;
  size_t text_bytes = 0;
};

class Loop {
 public:
  Loop(ContinuousBatchingPipeline& pipeline, size_t streams, size_t new_tokens, bool with_text,
       const std::vector<Ids>& prompts)
      : pipeline_(pipeline),
        tokenizer_(pipeline.get_tokenizer()),
        config_(pipeline.get_config()),
        streams_(streams),
        with_text_(with_text),
        prompts_(prompts),
        answers_(prompts.size()) {
    config_.update_generation_config(
        {{"max_new_tokens", new_tokens}, {"ignore_eos", true}, {"do_sample", false}});
  }

  void run() {
    const double begin_ms = now_ms(), begin_s = cpu_seconds(), begin_us = thread_cpu_us();
    double step_us = 0;
    while (next_ < prompts_.size() || !running_.empty()) {
      while (next_ < prompts_.size() && running_.size() < streams_) add(next_++);
      const double before_us = thread_cpu_us();
      pipeline_.step();
      step_us += thread_cpu_us() - before_us;
      read();
    }
    duration_ms_ = now_ms() - begin_ms;
    cpu_ms_ = (cpu_seconds() - begin_s) * 1e3;
    outside_step_us_ = thread_cpu_us() - begin_us - step_us;
  }

  std::string json() const {
    std::vector<double> ttfts;
    std::vector<size_t> text_bytes;
    std::string ids;
    size_t tokens = 0;
    for (const Answer& answer : answers_) {
      ttfts.push_back(answer.ttft_ms);
      text_bytes.push_back(answer.text_bytes);
      ids += (ids.empty() ? "" : ",") + json_array(answer.ids);
      tokens += answer.ids.size();
    }
    std::ostringstream out;
    out << R"({"streams":)" << streams_ << R"(,"durationMs":)" << duration_ms_ << R"(,"cpuMs":)" << cpu_ms_
        << R"(,"ttftMs":)" << json_array(ttfts) << R"(,"tokenIds":[)" << ids << R"(],"textBytes":)"
        << json_array(text_bytes) << R"(,"outsideStepUs":)" << outside_step_us_ / static_cast<double>(tokens)
        << R"(,"peakRssKiB":)" << peak_rss_kib() << "}";
    return out.str();
  }

 private:
  void add(size_t prompt) {
    const Ids& ids = prompts_[prompt];
    const double called_ms = now_ms();
    ov::Tensor input(ov::element::i64, {1, ids.size()});
    std::copy(ids.begin(), ids.end(), input.data<int64_t>());
    static uint64_t last_id = 0;  // of all loops
    auto handle = pipeline_.add_request(++last_id, input, config_);
    running_.push_back({prompt, std::move(handle), called_ms, streamer_of(prompt)});
  }

  std::unique_ptr<TextStreamer> streamer_of(size_t prompt) {
    if (!with_text_) return nullptr;
    const auto take = [this, prompt](const std::string& text) {
      answers_[prompt].text_bytes += text.size();
      return StreamingStatus::RUNNING;
    };
    return std::make_unique<TextStreamer>(tokenizer_, take);
  }

  void read() {
    const double read_ms = now_ms();
    for (Running& request : running_) {
      Answer& answer = answers_[request.prompt];
      while (request.handle->can_read()) {
        for (const auto& [sequence, output] : request.handle->read()) {
          if (answer.ids.empty()) answer.ttft_ms = read_ms - request.called_ms;
          answer.ids.insert(answer.ids.end(), output.generated_ids.begin(), output.generated_ids.end());
          if (request.streamer) request.streamer->write(output.generated_ids);
        }
      }
      if (request.handle->get_status() == GenerationStatus::RUNNING) continue;
      if (request.streamer) request.streamer->end();
      request.handle.reset();
    }
    const auto has_ended = [](const Running& request) { return !request.handle; };
    running_.erase(std::remove_if(running_.begin(), running_.end(), has_ended), running_.end());
  }

  ContinuousBatchingPipeline& pipeline_;
  Tokenizer tokenizer_;
  GenerationConfig config_;
  const size_t streams_;
  const bool with_text_;
  const std::vector<Ids>& prompts_;
  size_t next_ = 0;
  std::vector<Running> running_;
  std::vector<Answer> answers_;
  double duration_ms_ = 0, cpu_ms_ = 0, outside_step_us_ = 0;
};

std::vector<Ids> read_prompts() {
  std::vector<Ids> prompts;
  for (std::string line; std::getline(std::cin, line) && !line.empty();) prompts.push_back(ids_of(line));
  return prompts;
}

std::vector<Level> read_levels() {
  std::vector<Level> levels;
  for (std::string streams; std::getline(std::cin, streams);) {
    levels.push_back({std::stoul(streams), read_prompts(), {}});
    levels.back().prompts = read_prompts();
  }
  return levels;
}

}  // namespace

int main(int argc, char** argv) try {
  const std::string mode = argc == 5 ? argv[4] : "";
  if (mode != "tokens" && mode != "text") {
    std::fputs("Usage: batching_loop MODEL_DIR NEW_TOKENS WARMUP_TOKENS tokens|text < LEVELS\n", stderr);
    return 2;
  }
  const size_t new_tokens = std::stoul(argv[2]), warmup_tokens = std::stoul(argv[3]);
  const bool with_text = mode == "text";
  const std::vector<Level> levels = read_levels();
  ContinuousBatchingPipeline pipeline(argv[1], SchedulerConfig{}, "CPU");
  std::string measured;
  for (const Level& level : levels) {
    Loop(pipeline, level.streams, warmup_tokens, with_text, level.warmup).run();
    Loop loop(pipeline, level.streams, new_tokens, with_text, level.prompts);
    loop.run();
    measured += (measured.empty() ? "" : ",") + loop.json();
  }
  std::printf(R"({"levels":[%s],"cpuSeconds":%f})"
              "\n",
              measured.c_str(), cpu_seconds());
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}
