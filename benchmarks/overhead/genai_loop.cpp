// The baseline of benchmarks/overhead: GenAI from C++ with bare token ids and a streamer that only takes
// stamps. Prints one JSON object. Usage: genai_loop MODEL_DIR NEW_TOKENS WARMUP_IDS PROMPT_IDS, ids
// separated by commas. Needs the runtime on LD_LIBRARY_PATH.
#include <cstdio>
#include <string>
#include <vector>

#include "../shared/program.hpp"
#include "genai/genai.hpp"

using namespace ov::genai;

namespace {

class StampingStreamer final : public StreamerBase {
 public:
  StreamingStatus write(int64_t token) override { return write(Ids{token}); }
  StreamingStatus write(const Ids& tokens) override {
    stamps_ms.insert(stamps_ms.end(), tokens.size(), now_ms());
    return StreamingStatus::RUNNING;
  }
  void end() override {}

  std::vector<double> stamps_ms;
};

struct Run {
  double called_ms;
  std::vector<double> stamps_ms;
  Ids ids;
};

Run run(LLMPipeline& pipeline, const Ids& prompt, size_t new_tokens) {
  const auto recorder = std::make_shared<StampingStreamer>();
  ov::AnyMap config{{"max_new_tokens", new_tokens}, {"ignore_eos", true}, {"do_sample", false}};
  config.insert(streamer(std::shared_ptr<StreamerBase>(recorder)));
  const double called_ms = now_ms();
  ov::Tensor input(ov::element::i64, {1, prompt.size()});
  std::copy(prompt.begin(), prompt.end(), input.data<int64_t>());
  const EncodedResults results = pipeline.generate(input, config);
  return {called_ms, recorder->stamps_ms, results.tokens.at(0)};
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 5) {
    std::fputs("Usage: genai_loop MODEL_DIR NEW_TOKENS WARMUP_IDS PROMPT_IDS\n", stderr);
    return 2;
  }
  const size_t new_tokens = std::stoul(argv[2]);
  LLMPipeline pipeline(argv[1], "CPU", {});
  run(pipeline, ids_of(argv[3]), new_tokens);
  const Ids prompt = ids_of(argv[4]);
  Run measured = run(pipeline, prompt, new_tokens);
  for (double& stamp : measured.stamps_ms) stamp -= measured.called_ms;
  std::printf(R"({"promptTokens":%zu,"tokenIds":%s,"arrivedMs":%s,"peakRssKiB":%ld,"cpuSeconds":%f})"
              "\n",
              prompt.size(), json_array(measured.ids).c_str(), json_array(measured.stamps_ms).c_str(),
              peak_rss_kib(), cpu_seconds());
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}
