// Prints, as one JSON object, how GenAI's types look to our compiler and what the library really does with
// them, for test/native/conformance.test.ts. Usage: abi_probe MODEL.gguf, the chain model. Needs the runtime
// on LD_LIBRARY_PATH.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "genai/genai.hpp"
#include "test/grammar_probe.hpp"
#include "test/json.hpp"
#include "test/layout.hpp"
#include "test/written.hpp"

// offsetof on a type with virtual functions is only conditionally supported; GCC and Clang support it.
#pragma GCC diagnostic ignored "-Winvalid-offsetof"

using namespace ov::genai;
using namespace probe;

namespace {

// --- Layout by our declarations

// For fields whose place the compiler does not give: private ones in the official headers, and a reference.
template <class T>
size_t place_of(const T& object, size_t word) {
  size_t found = SIZE_MAX;
  for (size_t offset = 0; offset + sizeof word <= sizeof(T); offset += alignof(size_t)) {
    if (std::memcmp(reinterpret_cast<const char*>(&object) + offset, &word, sizeof word) == 0) found = offset;
  }
  return found;
}

std::string eviction_layout() {
  using C = CacheEvictionConfig;
  const C sizes(10001, 10002, 30006, AggregationMode::SUM);
  return layout<C>({FIELD(C, aggregation_mode),
                    FIELD(C, apply_rotation),
                    FIELD(C, snapkv_window_size),
                    FIELD(C, kvcrush_config),
                    FIELD(C, adaptive_rkv_config),
                    {"m_start_size", place_of(sizes, 10001)},
                    {"m_recent_size", place_of(sizes, 10002)},
                    {"m_max_cache_size", place_of(sizes, 30006)},
                    {"m_evictable_size", place_of(sizes, 10003)}});
}

std::string pipeline_metrics_layout() {
  using M = PipelineMetrics;
  const M metrics;
  const auto referred = reinterpret_cast<size_t>(&metrics.cache_size_in_bytes);
  return layout<M>({FIELD(M, requests),
                    FIELD(M, scheduled_requests),
                    FIELD(M, cache_usage),
                    FIELD(M, max_cache_usage),
                    FIELD(M, avg_cache_usage),
                    FIELD(M, inference_duration),
                    FIELD(M, sampling_duration),
                    FIELD(M, cache_size_in_bytes),
                    {"kv_cache_size_in_bytes", place_of(metrics, referred)},
                    FIELD(M, la_peak_pool_blocks)});
}

// What ContinuousBatchingPipeline takes and gives.
void batching_types(Object& out) {
  using K = KVCrushConfig;
  using A = AdaptiveRKVConfig;
  using S = SparseAttentionConfig;
  using C = SchedulerConfig;
  using G = GenerationOutput;
  out.raw("KVCrushConfig", layout<K>({FIELD(K, budget), FIELD(K, anchor_point_mode), FIELD(K, rng_seed)}))
      .raw("AdaptiveRKVConfig", layout<A>({FIELD(A, attention_mass), FIELD(A, window_size)}))
      .raw("CacheEvictionConfig", eviction_layout())
      .raw("SparseAttentionConfig",
           layout<S>({FIELD(S, mode), FIELD(S, num_last_dense_tokens_in_prefill),
                      FIELD(S, num_retained_start_tokens_in_cache),
                      FIELD(S, num_retained_recent_tokens_in_cache), FIELD(S, xattention_threshold),
                      FIELD(S, xattention_block_size), FIELD(S, xattention_stride)}))
      .raw("SchedulerConfig", layout<C>({FIELD(C, max_num_batched_tokens), FIELD(C, num_kv_blocks),
                                         FIELD(C, cache_size), FIELD(C, num_linear_attention_blocks),
                                         FIELD(C, cache_interval_multiplier), FIELD(C, dynamic_split_fuse),
                                         FIELD(C, use_cache_eviction), FIELD(C, cache_eviction_config),
                                         FIELD(C, max_num_seqs), FIELD(C, enable_prefix_caching),
                                         FIELD(C, use_sparse_attention), FIELD(C, sparse_attention_config)}))
      .raw("GenerationOutput",
           layout<G>({FIELD(G, generated_ids), FIELD(G, generated_log_probs), FIELD(G, score),
                      FIELD(G, finish_reason), FIELD(G, intermediate_hidden_states)}))
      .raw("PipelineMetrics", pipeline_metrics_layout())
      .raw("GenerationConfig", layout<GenerationConfig>())
      .raw("ContinuousBatchingPipeline", layout<ContinuousBatchingPipeline>());
}

std::string types() {
  using R = RawPerfMetrics;
  using P = PerfMetrics;
  using E = EncodedResults;
  using T = TokenizedInputs;
  Object out;
  batching_types(out);
  grammar_types(out);
  return out.raw("MeanStdPair", layout<MeanStdPair>({FIELD(MeanStdPair, mean), FIELD(MeanStdPair, std)}))
      .raw("SummaryStats", layout<SummaryStats>({FIELD(SummaryStats, mean), FIELD(SummaryStats, std),
                                                 FIELD(SummaryStats, min), FIELD(SummaryStats, max)}))
      .raw("RawPerfMetrics", layout<R>({FIELD(R, generate_durations), FIELD(R, tokenization_durations),
                                        FIELD(R, detokenization_durations), FIELD(R, chat_template_durations),
                                        FIELD(R, m_times_to_first_token), FIELD(R, m_new_token_times),
                                        FIELD(R, m_token_infer_durations), FIELD(R, m_batch_sizes),
                                        FIELD(R, m_durations), FIELD(R, m_inference_durations),
                                        FIELD(R, m_grammar_compile_times), FIELD(R, m_sampling_durations)}))
      .raw("PerfMetrics",
           layout<P>({FIELD(P, load_time), FIELD(P, ttft), FIELD(P, tpot), FIELD(P, ipot),
                      FIELD(P, throughput), FIELD(P, grammar_compiler_init_times),
                      FIELD(P, grammar_compile_time), FIELD(P, generate_duration),
                      FIELD(P, inference_duration), FIELD(P, tokenization_duration),
                      FIELD(P, detokenization_duration), FIELD(P, chat_template_duration),
                      FIELD(P, sampling_duration), FIELD(P, num_generated_tokens), FIELD(P, num_input_tokens),
                      FIELD(P, m_evaluated), FIELD(P, raw_metrics)}))
      .raw("EncodedResults", layout<E>({FIELD(E, tokens), FIELD(E, scores), FIELD(E, finish_reasons),
                                        FIELD(E, perf_metrics), FIELD(E, extended_perf_metrics)}))
      .raw("TokenizedInputs",
           layout<T>({FIELD(T, input_ids), FIELD(T, attention_mask), FIELD(T, token_type_ids)}))
      // Opaque to us: only the room that we give them counts.
      .raw("Tokenizer", layout<Tokenizer>())
      .raw("LLMPipeline", layout<LLMPipeline>())
      .text();
}

#define VALUE(Enum, name) {#name, static_cast<size_t>(Enum::name)}

std::string enums() {
  using S = StreamingStatus;
  using F = GenerationFinishReason;
  using C = StopCriteria;
  using G = GenerationStatus;
  using A = AggregationMode;
  using K = KVCrushAnchorPointMode;
  using P = SparseAttentionMode;
  return Object()
      .raw("StreamingStatus",
           object({VALUE(S, RUNNING), VALUE(S, STOP), VALUE(S, CANCEL), VALUE(S, TOOL_CALL_STOP)}))
      .raw("GenerationFinishReason",
           object({VALUE(F, NONE), VALUE(F, STOP), VALUE(F, LENGTH), VALUE(F, TOOL_CALL)}))
      .raw("StopCriteria", object({VALUE(C, EARLY), VALUE(C, HEURISTIC), VALUE(C, NEVER)}))
      .raw("GenerationStatus", object({VALUE(G, RUNNING), VALUE(G, FINISHED), VALUE(G, IGNORED),
                                       VALUE(G, CANCEL), VALUE(G, STOP)}))
      .raw("AggregationMode", object({VALUE(A, SUM), VALUE(A, NORM_SUM), VALUE(A, ADAPTIVE_RKV)}))
      .raw("KVCrushAnchorPointMode",
           object({VALUE(K, RANDOM), VALUE(K, ZEROS), VALUE(K, ONES), VALUE(K, MEAN), VALUE(K, ALTERNATING)}))
      .raw("SparseAttentionMode", object({VALUE(P, TRISHAPE), VALUE(P, XATTENTION)}))
      .text();
}

// --- Bytes that the library writes where it returns by value

// `handle` is of a request that has ended: its metrics are complete then.
void returned_by_batching(ContinuousBatchingPipeline& batching, GenerationHandleImpl& handle, Object& out) {
  using Pipeline = ContinuousBatchingPipeline;
  out.raw("ContinuousBatchingPipeline::get_config", written_by(&Pipeline::get_config, batching))
      .raw("ContinuousBatchingPipeline::get_metrics", written_by(&Pipeline::get_metrics, batching))
      .raw("ContinuousBatchingPipeline::get_tokenizer", written_by(&Pipeline::get_tokenizer, batching))
      .raw("GenerationHandleImpl::get_perf_metrics",
           written_by(&GenerationHandleImpl::get_perf_metrics, handle));
}

void returned(LLMPipeline& pipeline, Tokenizer& tokenizer, const EncodedInputs& prompt,
              const ov::AnyMap& config, Object& out) {
  const std::vector<int64_t> ids{0, 1, 2};
  const ov::Tensor& tensor = std::get<ov::Tensor>(prompt);
  using DecodeVector = std::string (Tokenizer::*)(const std::vector<int64_t>&, const ov::AnyMap&);
  using DecodeTensor = std::vector<std::string> (Tokenizer::*)(const ov::Tensor&, const ov::AnyMap&);
  using Encode = TokenizedInputs (Tokenizer::*)(const std::string&, const ov::AnyMap&);
  using EncodeBatch = TokenizedInputs (Tokenizer::*)(const std::vector<std::string>&, const ov::AnyMap&);
  using Generate = EncodedResults (LLMPipeline::*)(const EncodedInputs&, const ov::AnyMap&);
  out.raw("LLMPipeline::generate", written_by(Generate(&LLMPipeline::generate), pipeline, prompt, config))
      .raw("LLMPipeline::get_tokenizer", written_by(&LLMPipeline::get_tokenizer, pipeline))
      .raw("Tokenizer::encode",
           written_by(Encode(&Tokenizer::encode), tokenizer, std::string("hi"), ov::AnyMap{}))
      .raw("Tokenizer::decode(ids)",
           written_by(DecodeVector(&Tokenizer::decode), tokenizer, ids, ov::AnyMap{}))
      .raw("Tokenizer::decode(tensor)",
           written_by(DecodeTensor(&Tokenizer::decode), tokenizer, tensor, ov::AnyMap{}))
      .raw("Tokenizer::encode(texts)", written_by(EncodeBatch(&Tokenizer::encode), tokenizer,
                                                  std::vector<std::string>{"hi", "h"}, ov::AnyMap{}))
      .raw("Tokenizer::get_chat_template", written_by(&Tokenizer::get_chat_template, tokenizer))
      .raw("Tokenizer::get_bos_token", written_by(&Tokenizer::get_bos_token, tokenizer))
      .raw("Tokenizer::get_eos_token", written_by(&Tokenizer::get_eos_token, tokenizer))
      .raw("Tokenizer::get_pad_token", written_by(&Tokenizer::get_pad_token, tokenizer))
      .raw("streamer", written_by(&streamer, StreamerVariant(std::monostate())));
}

// --- What only shows when it is called

class RecordingStreamer final : public StreamerBase {
 public:
  StreamingStatus write(int64_t token) override {
    ++single_writes;
    ids.push_back(token);
    return StreamingStatus::RUNNING;
  }
  StreamingStatus write(const std::vector<int64_t>& tokens) override {
    ++vector_writes;
    ids.insert(ids.end(), tokens.begin(), tokens.end());
    return stop_at != 0 && ids.size() >= stop_at ? StreamingStatus::STOP : StreamingStatus::RUNNING;
  }
  void end() override { ++ends; }

  size_t single_writes = 0, vector_writes = 0, ends = 0, stop_at = 0;
  std::vector<int64_t> ids;
};

std::string run_text(const EncodedResults& results, const RecordingStreamer& streamer) {
  return Object()
      .raw("tokens", array(results.tokens.at(0)))
      .raw("score", std::to_string(results.scores.at(0)))
      .number("finishReason", static_cast<size_t>(results.finish_reasons.at(0)))
      .number("promptTokens", results.perf_metrics.num_input_tokens)
      .number("generatedTokens", results.perf_metrics.num_generated_tokens)
      .number("tokenTimes", results.perf_metrics.raw_metrics.m_new_token_times.size())
      .raw("evaluated", results.perf_metrics.m_evaluated ? "true" : "false")
      .raw("streamed", array(streamer.ids))
      .number("vectorWrites", streamer.vector_writes)
      .number("singleWrites", streamer.single_writes)
      .number("ends", streamer.ends)
      .text();
}

std::string run(LLMPipeline& pipeline, const EncodedInputs& prompt, ov::AnyMap config, size_t stop_at) {
  const auto recorder = std::make_shared<RecordingStreamer>();
  recorder->stop_at = stop_at;
  config.insert(streamer(std::shared_ptr<StreamerBase>(recorder)));
  const EncodedResults results = pipeline.generate(prompt, config);
  return run_text(results, *recorder);
}

std::string metrics_text(const PipelineMetrics& metrics, std::chrono::duration<double, std::micro> step) {
  return Object()
      .number("requests", metrics.requests)
      .number("scheduledRequests", metrics.scheduled_requests)
      .raw("cacheUsage", std::to_string(metrics.cache_usage))
      .raw("maxCacheUsage", std::to_string(metrics.max_cache_usage))
      .raw("avgCacheUsage", std::to_string(metrics.avg_cache_usage))
      .raw("inferenceUs", std::to_string(metrics.inference_duration))
      .raw("stepUs", std::to_string(step.count()))
      .number("cacheSizeInBytes", metrics.cache_size_in_bytes)
      .text();
}

struct Batched {
  explicit Batched(GenerationHandle its_handle) : handle(std::move(its_handle)) {}

  void read() {
    while (handle->can_read()) {
      const GenerationOutputs outputs = handle->read();
      const GenerationOutput& output = outputs.at(0);
      ids.insert(ids.end(), output.generated_ids.begin(), output.generated_ids.end());
      log_probs += output.generated_log_probs.size();
      score = output.score;
      reasons.push_back(static_cast<size_t>(output.finish_reason));
    }
  }
  std::string text() const {
    return Object()
        .raw("tokens", array(ids))
        .number("logProbs", log_probs)
        .raw("score", std::to_string(score))
        .raw("finishReasons", array(reasons))
        .number("status", static_cast<size_t>(handle->get_status()))
        .text();
  }

  GenerationHandle handle;
  std::vector<int64_t> ids;
  std::vector<size_t> reasons;
  size_t log_probs = 0;
  float score = -1;
};

// Runs three requests together; one is cancelled and one stopped after the first step.
std::string run_batch(ContinuousBatchingPipeline& batching, const ov::Tensor& prompt, Batched& whole) {
  GenerationConfig config = batching.get_config();
  config.update_generation_config(
      {{"max_new_tokens", size_t(6)}, {"ignore_eos", true}, {"logprobs", size_t(1)}});
  whole = Batched(batching.add_request(1, prompt, config));
  Batched cancelled(batching.add_request(2, prompt, config));
  Batched stopped(batching.add_request(3, prompt, config));
  const auto status_at_first = static_cast<size_t>(whole.handle->get_status());

  const auto start = std::chrono::steady_clock::now();
  batching.step();
  const std::string metrics = metrics_text(batching.get_metrics(), std::chrono::steady_clock::now() - start);
  for (Batched* request : {&whole, &cancelled, &stopped}) request->read();
  cancelled.handle->cancel();
  stopped.handle->stop();
  while (whole.handle->get_status() == GenerationStatus::RUNNING) {
    batching.step();
    whole.read();
  }
  const PerfMetrics perf = whole.handle->get_perf_metrics();
  return Object()
      .number("statusAtFirst", status_at_first)
      .raw("whole", whole.text())
      .raw("cancelled", cancelled.text())
      .raw("stopped", stopped.text())
      .raw("metrics", metrics)
      .number("promptTokens", perf.num_input_tokens)
      .number("generatedTokens", perf.num_generated_tokens)
      .text();
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 2) {
    std::fputs("Usage: abi_probe MODEL.gguf\n", stderr);
    return 2;
  }
  LLMPipeline pipeline(argv[1], "CPU");
  Tokenizer tokenizer = pipeline.get_tokenizer();
  const TokenizedInputs tokenized = tokenizer.encode("hi!", ov::AnyMap{{"add_special_tokens", false}});
  const EncodedInputs prompt(tokenized.input_ids);
  const ov::AnyMap config{{"max_new_tokens", size_t(6)}, {"ignore_eos", true}};
  ContinuousBatchingPipeline batching(argv[1], SchedulerConfig(), "CPU");
  Batched whole{nullptr};

  Object out;
  out.raw("types", types()).raw("enums", enums());
  out.number("encodedInputs", sizeof(EncodedInputs)).number("streamerVariant", sizeof(StreamerVariant));
  out.raw("batched", run_batch(batching, tokenized.input_ids, whole));
  Object returns;
  returned(pipeline, tokenizer, prompt, config, returns);
  returned_by_batching(batching, *whole.handle, returns);
  out.raw("returned", returns.text());
  out.raw("byTensor", run(pipeline, prompt, config, 0));
  out.raw("byTokenizedInputs", run(pipeline, EncodedInputs(tokenized), config, 0));
  // So many that they are not all made before the answer of the streamer, which has a thread of its own.
  const ov::AnyMap many{{"max_new_tokens", size_t(2000)}, {"ignore_eos", true}};
  out.raw("stopped", run(pipeline, prompt, many, 3));
  out.raw("hasTokenTypeIds", tokenized.token_type_ids ? "true" : "false");
  out.raw("grammars", grammars(pipeline, prompt, tokenizer));
  out.number("eosTokenId", tokenizer.get_eos_token_id());
  out.number("vocabulary", tokenizer.get_vocab_vector().size());
  std::puts(out.text().c_str());
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}
