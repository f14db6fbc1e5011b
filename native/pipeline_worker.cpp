#include "pipeline_worker.hpp"

#include <algorithm>
#include <exception>

#include "cpu_account.hpp"
#include "genai/genai.hpp"
#include "request_text.hpp"
#include "utf8_check.hpp"

namespace openvino_llm {

namespace {

// Tokenizers may cut a long text without a word (those made from GGUF keep 8,192 tokens). A cut leaves a
// round number of tokens that stand for one end of the text only.
void refuse_cut(ov::genai::Tokenizer& tokenizer, const std::string& text, const TokenIds& ids) {
  if (ids.empty() || ids.size() % 512 != 0) return;
  const std::string kept = tokenizer.decode(ids, ov::AnyMap{{"skip_special_tokens", false}});
  if (kept.size() >= text.size()) return;
  const bool is_begin = text.compare(0, kept.size(), kept) == 0;
  const bool is_end = text.compare(text.size() - kept.size(), kept.size(), kept) == 0;
  if (!is_begin && !is_end) return;
  throw CodedError("ERR_PROMPT_TOO_LONG",
                   "Expected a prompt that this model's tokenizer takes whole, but it cuts at " +
                       std::to_string(ids.size()) + " tokens and the prompt has more. Shorten it.");
}

TokenIds prompt_ids(ov::genai::Tokenizer& tokenizer, const Request& request) {
  if (const auto* ids = std::get_if<TokenIds>(&request.prompt)) return *ids;
  std::string text;
  const auto* chat = std::get_if<ChatPrompt>(&request.prompt);
  if (chat != nullptr) {
    const ov::genai::ChatHistory history(ov::genai::JsonContainer::from_json_string(chat->messages_json));
    text = tokenizer.apply_chat_template(history, true);
    if (!is_well_formed_utf8(text)) {
      throw CodedError("ERR_NATIVE",
                       "Expected UTF-8 from the model's chat template, but it cuts characters in two or is "
                       "damaged itself. Give raw text or token ids, or export the model again.");
    }
  } else {
    text = std::get<TextPrompt>(request.prompt).text;
  }
  // A template writes its special tokens itself; raw text gets those that the tokenizer adds.
  const auto encoded = tokenizer.encode(text, ov::AnyMap{{"add_special_tokens", chat == nullptr}});
  const auto* data = encoded.input_ids.data<const int64_t>();
  TokenIds ids(data, data + encoded.input_ids.get_size());
  refuse_cut(tokenizer, text, ids);
  return ids;
}

// How many tokens the answer may have.
size_t room_for_answer(const Request& request, size_t prompt_tokens) {
  if (prompt_tokens == 0) {
    throw CodedError("ERR_OUT_OF_RANGE", "Expected a prompt of at least one token but the input gave none.");
  }
  if (request.total_tokens == 0) return request.max_new_tokens;
  if (prompt_tokens >= request.total_tokens) {
    throw CodedError("ERR_PROMPT_TOO_LONG",
                     "Expected a prompt shorter than " + std::to_string(request.total_tokens) +
                         " tokens, the limit of prompt and answer together, but it has " +
                         std::to_string(prompt_tokens) + ". Shorten it.");
  }
  return std::min(request.max_new_tokens, request.total_tokens - prompt_tokens);
}

NativePerf perf_of(const ov::genai::PerfMetrics& metrics) {
  return {metrics.load_time,
          metrics.ttft.mean,
          metrics.tpot.mean,
          metrics.ipot.mean,
          metrics.throughput.mean,
          metrics.generate_duration.mean,
          metrics.inference_duration.mean,
          metrics.num_input_tokens,
          metrics.num_generated_tokens};
}

FinishReason reason_of(ov::genai::GenerationFinishReason reason) {
  using ov::genai::GenerationFinishReason;
  if (reason == GenerationFinishReason::LENGTH) return FinishReason::kLength;
  return reason == GenerationFinishReason::NONE ? FinishReason::kAbort : FinishReason::kStop;
}

}  // namespace

struct PipelineWorker::Engine {
  explicit Engine(const LoadOptions& options)
      : pipeline(options.path, options.device, options.properties),
        tokenizer(pipeline.get_tokenizer()),
        vocabulary(Vocabulary::prove(tokenizer)),
        has_chat_template(!tokenizer.get_chat_template().empty()) {}

  LiveCount<Engine> live;
  ov::genai::LLMPipeline pipeline;
  ov::genai::Tokenizer tokenizer;
  std::shared_ptr<const Vocabulary> vocabulary;
  bool has_chat_template;
};

// GenAI calls this on a thread of its own, beside the inference. The text is made here because the answer to
// GenAI, go on or stop, depends on it. Nothing may leave write() by exception: that would end the process.
class PipelineWorker::Streamer final : public ov::genai::StreamerBase {
 public:
  Streamer(PipelineWorker& worker, const Request& request, RequestText& text)
      : worker_(worker), request_(request), text_(text) {}

  ov::genai::StreamingStatus write(int64_t token) override { return take({token}); }
  ov::genai::StreamingStatus write(const std::vector<int64_t>& tokens) override { return take(tokens); }
  void end() override {}
  std::exception_ptr error() const { return error_; }

 private:
  ov::genai::StreamingStatus take(const TokenIds& tokens) noexcept {
    using ov::genai::StreamingStatus;
    const double produced_ms = now_ms();
    const CpuAccount::Scope ours(CpuAccount::streamers);
    try {
      if (request_.cancelled) return StreamingStatus::CANCEL;
      if (text_.finished()) return StreamingStatus::STOP;
      std::string text;
      const size_t taken = text_.add(tokens, text);
      worker_.produced_tokens_ += taken;
      worker_.emit_(request_.id,
                    TokensEvent{produced_ms, std::move(text),
                                TokenIds(tokens.begin(), tokens.begin() + static_cast<long>(taken))});
      return text_.finished() ? StreamingStatus::STOP : StreamingStatus::RUNNING;
    } catch (...) {
      error_ = std::current_exception();
      return StreamingStatus::CANCEL;
    }
  }

  PipelineWorker& worker_;
  const Request& request_;
  RequestText& text_;
  std::exception_ptr error_;
};

PipelineWorker::PipelineWorker(LoadOptions options, Emit emit)
    : options_(std::move(options)), emit_(std::move(emit)), thread_(&PipelineWorker::run, this) {}

PipelineWorker::~PipelineWorker() {
  close();
  join();
}

bool PipelineWorker::submit(std::shared_ptr<Request> request) {
  {
    std::lock_guard<std::mutex> lock(live_mutex_);
    live_.emplace(request->id, request);
  }
  return inbox_.put(std::move(request));
}

void PipelineWorker::cancel(uint64_t request_id) {
  std::lock_guard<std::mutex> lock(live_mutex_);
  const auto found = live_.find(request_id);
  if (found != live_.end()) found->second->cancelled = true;
}

void PipelineWorker::close() {
  inbox_.close();
  std::lock_guard<std::mutex> lock(live_mutex_);
  for (auto& [id, request] : live_) request->cancelled = true;
}

void PipelineWorker::join() {
  std::lock_guard<std::mutex> lock(join_mutex_);
  if (thread_.joinable()) thread_.join();
}

int64_t PipelineWorker::live_engines() { return LiveCount<Engine>::now(); }

void PipelineWorker::run() {
  const std::unique_ptr<Engine> engine = load();
  while (engine) {
    const std::shared_ptr<Request> request = inbox_.take();
    if (!request) return;
    CpuAccount::Scope ours(CpuAccount::workers);
    serve(*engine, *request, ours);
    std::lock_guard<std::mutex> lock(live_mutex_);
    live_.erase(request->id);
  }
}

std::unique_ptr<PipelineWorker::Engine> PipelineWorker::load() try {
  const double begin_ms = now_ms();
  auto engine = std::make_unique<Engine>(options_);
  LoadedEvent loaded{};
  loaded.load_ms = now_ms() - begin_ms;
  loaded.vocab_size = engine->vocabulary ? engine->vocabulary->size() : 0;
  loaded.eos_token_id = engine->tokenizer.get_eos_token_id();
  loaded.has_chat_template = engine->has_chat_template;
  loaded.text_from_vocabulary = engine->vocabulary != nullptr;
  emit_(0, loaded);
  return engine;
} catch (const std::exception& error) {
  emit_(0, LoadFailedEvent{error.what()});
  return nullptr;
} catch (...) {
  emit_(0, LoadFailedEvent{"GenAI threw something that is no std::exception."});
  return nullptr;
}

void PipelineWorker::serve(Engine& engine, Request& request, CpuAccount::Scope& ours) try {
  if (request.cancelled) {
    emit_(request.id, FinishedEvent{now_ms(), FinishReason::kAbort, {}, {}, {}});
    return;
  }
  const double taken_ms = now_ms();
  const TokenIds ids = prompt_ids(engine.tokenizer, request);
  const size_t max_new_tokens = room_for_answer(request, ids.size());
  emit_(request.id, TakenEvent{taken_ms, ids.size()});
  emit_(request.id, generate(engine, request, ids, max_new_tokens, ours));
} catch (const CodedError& error) {
  emit_(request.id, FailedEvent{error.code, error.what()});
} catch (const std::exception& error) {
  emit_(request.id, FailedEvent{"ERR_NATIVE", error.what()});
} catch (...) {
  emit_(request.id, FailedEvent{"ERR_NATIVE", "GenAI threw something that is no std::exception."});
}

FinishedEvent PipelineWorker::generate(Engine& engine, Request& request, const TokenIds& ids,
                                       size_t max_new_tokens, CpuAccount::Scope& ours) {
  ov::AnyMap config = request.config;
  config["max_new_tokens"] = max_new_tokens;
  // What was legal beside the wanted length must not fail because the context leaves less.
  if (const auto min = config.find("min_new_tokens"); min != config.end()) {
    min->second = std::min(min->second.as<size_t>(), max_new_tokens);
  }
  ov::Tensor input(ov::element::i64, {1, ids.size()});
  std::copy(ids.begin(), ids.end(), input.data<int64_t>());

  RequestText text(request, max_new_tokens, engine.vocabulary, engine.tokenizer);
  const auto streamer = std::make_shared<Streamer>(*this, request, text);
  if (request.streams) config.insert(ov::genai::streamer(std::shared_ptr<ov::genai::StreamerBase>(streamer)));
  ours.pause();
  const ov::genai::EncodedResults results = engine.pipeline.generate(input, config);
  ours.resume();
  if (streamer->error()) std::rethrow_exception(streamer->error());

  FinishedEvent finished{
      now_ms(), FinishReason::kAbort, text.stop_string(), perf_of(results.perf_metrics), {}};
  if (request.streams) {
    if (!request.cancelled)
      finished.reason = text.finished().value_or(reason_of(results.finish_reasons.at(0)));
    return finished;
  }
  for (size_t i = 0; i < results.tokens.size(); ++i) {
    RequestText choice_text(request, max_new_tokens, engine.vocabulary, engine.tokenizer);
    Choice choice;
    const size_t taken = choice_text.add(results.tokens[i], choice.text);
    choice.token_ids.assign(results.tokens[i].begin(), results.tokens[i].begin() + static_cast<long>(taken));
    choice.finish_reason = choice_text.finished().value_or(reason_of(results.finish_reasons.at(i)));
    choice.stop_string = choice_text.stop_string();
    choice.score = results.scores.at(i);
    produced_tokens_ += taken;
    finished.choices.push_back(std::move(choice));
  }
  if (!request.cancelled && !finished.choices.empty()) {
    finished.reason = finished.choices[0].finish_reason;
    finished.stop_string = finished.choices[0].stop_string;
  }
  return finished;
}

}  // namespace openvino_llm
