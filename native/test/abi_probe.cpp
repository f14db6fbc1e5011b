// Prints, as one JSON object, how GenAI's types look to our compiler and what the library really does with
// them, for test/native/conformance.test.ts. Usage: abi_probe MODEL.gguf, the chain model. Needs the runtime
// on LD_LIBRARY_PATH.
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <functional>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include "genai/genai.hpp"

// offsetof on a type with virtual functions is only conditionally supported; GCC and Clang support it.
#pragma GCC diagnostic ignored "-Winvalid-offsetof"
// A function that returns T by value is called as if it returned Returned: same registers, same hidden
// pointer.
#pragma GCC diagnostic ignored "-Wcast-function-type"

using namespace ov::genai;

namespace {

// --- JSON

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const unsigned char c : text) {
    char escaped[8];
    std::snprintf(escaped, sizeof escaped, c < 0x20 || c == '"' || c == '\\' ? "\\u%04x" : "%c", c);
    out += escaped;
  }
  return out + "\"";
}

template <class List>
std::string array(const List& items) {
  std::string text;
  for (const auto& item : items) text += (text.empty() ? "" : ",") + std::to_string(item);
  return "[" + text + "]";
}

class Object {
 public:
  Object& raw(const std::string& key, const std::string& value) {
    out_ += (out_.empty() ? "" : ",") + quoted(key) + ":" + value;
    return *this;
  }
  Object& number(const std::string& key, size_t value) { return raw(key, std::to_string(value)); }
  std::string text() const { return "{" + out_ + "}"; }

 private:
  std::string out_;
};

using Numbers = std::vector<std::pair<const char*, size_t>>;

std::string object(const Numbers& numbers) {
  Object out;
  for (const auto& [name, value] : numbers) out.number(name, value);
  return out.text();
}

// --- Layout by our declarations

template <class T>
std::string layout(const Numbers& fields = {}) {
  return Object().number("size", sizeof(T)).number("align", alignof(T)).raw("fields", object(fields)).text();
}

#define FIELD(Type, name) {#name, offsetof(Type, name)}

std::string types() {
  using R = RawPerfMetrics;
  using P = PerfMetrics;
  using E = EncodedResults;
  using T = TokenizedInputs;
  return Object()
      .raw("MeanStdPair", layout<MeanStdPair>({FIELD(MeanStdPair, mean), FIELD(MeanStdPair, std)}))
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
      .raw("JsonContainer", layout<JsonContainer>())
      .raw("ChatHistory", layout<ChatHistory>())
      .raw("Tokenizer", layout<Tokenizer>())
      .raw("LLMPipeline", layout<LLMPipeline>())
      .text();
}

#define VALUE(Enum, name) {#name, static_cast<size_t>(Enum::name)}

std::string enums() {
  using S = StreamingStatus;
  using F = GenerationFinishReason;
  using C = StopCriteria;
  return Object()
      .raw("StreamingStatus",
           object({VALUE(S, RUNNING), VALUE(S, STOP), VALUE(S, CANCEL), VALUE(S, TOOL_CALL_STOP)}))
      .raw("GenerationFinishReason",
           object({VALUE(F, NONE), VALUE(F, STOP), VALUE(F, LENGTH), VALUE(F, TOOL_CALL)}))
      .raw("StopCriteria", object({VALUE(C, EARLY), VALUE(C, HEURISTIC), VALUE(C, NEVER)}))
      .text();
}

// --- Bytes that the library writes where it returns by value

constexpr size_t kRoom = 4096;

// Its copy constructor makes it a type that is returned through a hidden pointer, as all of GenAI's are.
// It initialises nothing: what stands in the bytes is the library's.
// NOLINTNEXTLINE(cppcoreguidelines-special-member-functions)
struct alignas(16) Returned {
  Returned(const Returned&) {}  // NOLINT(cppcoreguidelines-pro-type-member-init)
  unsigned char bytes[kRoom];
};

template <class T>
struct Written {
  std::vector<bool> bytes = std::vector<bool>(kRoom);

  // `call` returns a T by value, seen as a Returned.
  template <class Call>
  void run(Call call) {
    for (const unsigned char poison : {0xA5, 0x5A}) {
      alignas(16) static unsigned char room[kRoom];
      std::memset(room, poison, kRoom);
      // Hides from the compiler what stands in the room, so that it keeps the poison.
      unsigned char* place = room;
      asm volatile("" : "+r"(place) : : "memory");
      new (place) Returned(call());
      asm volatile("" : : "r"(place) : "memory");
      for (size_t i = 0; i < kRoom; ++i) {
        if (place[i] != poison) bytes[i] = true;
      }
      std::launder(reinterpret_cast<T*>(place))->~T();
    }
  }

  std::string text() const {
    std::string ranges;
    for (size_t begin = 0; begin < kRoom;) {
      size_t end = begin;
      while (end < kRoom && bytes[end]) ++end;
      if (end > begin)
        ranges += (ranges.empty() ? "[" : ",[") + std::to_string(begin) + "," + std::to_string(end) + "]";
      begin = end + 1;
    }
    return Object().number("declared", sizeof(T)).raw("written", "[" + ranges + "]").text();
  }
};

template <class T, class Owner, class... Args>
std::string written_by(T (Owner::*function)(Args...), Owner& owner, const std::common_type_t<Args>&... args) {
  Written<T> written;
  const auto as_returned = reinterpret_cast<Returned (Owner::*)(Args...)>(function);
  written.run([&] { return (owner.*as_returned)(args...); });
  return written.text();
}

template <class T, class Owner, class... Args>
std::string written_by(T (Owner::*function)(Args...) const, Owner& owner,
                       const std::common_type_t<Args>&... args) {
  Written<T> written;
  const auto as_returned = reinterpret_cast<Returned (Owner::*)(Args...) const>(function);
  written.run([&] { return (owner.*as_returned)(args...); });
  return written.text();
}

template <class T, class... Args>
std::string written_by(T (*function)(Args...), const std::common_type_t<Args>&... args) {
  Written<T> written;
  const auto as_returned = reinterpret_cast<Returned (*)(Args...)>(function);
  written.run([&] { return as_returned(args...); });
  return written.text();
}

const char* const kMessages = R"([{"role":"user","content":"hi"}])";
const char* const kTemplate = "{{ messages[0]['content'] }}|{{ tools[0]['name'] }}|{{ extra }}";

std::string returned(LLMPipeline& pipeline, Tokenizer& tokenizer, const EncodedInputs& prompt,
                     const ov::AnyMap& config) {
  const ChatHistory history(JsonContainer::from_json_string(kMessages));
  const std::vector<int64_t> ids{0, 1, 2};
  const ov::Tensor& tensor = std::get<ov::Tensor>(prompt);
  using DecodeVector = std::string (Tokenizer::*)(const std::vector<int64_t>&, const ov::AnyMap&);
  using DecodeTensor = std::vector<std::string> (Tokenizer::*)(const ov::Tensor&, const ov::AnyMap&);
  using Encode = TokenizedInputs (Tokenizer::*)(const std::string&, const ov::AnyMap&);
  using Generate = EncodedResults (LLMPipeline::*)(const EncodedInputs&, const ov::AnyMap&);
  return Object()
      .raw("LLMPipeline::generate", written_by(Generate(&LLMPipeline::generate), pipeline, prompt, config))
      .raw("LLMPipeline::get_tokenizer", written_by(&LLMPipeline::get_tokenizer, pipeline))
      .raw("Tokenizer::encode",
           written_by(Encode(&Tokenizer::encode), tokenizer, std::string("hi"), ov::AnyMap{}))
      .raw("Tokenizer::decode(ids)",
           written_by(DecodeVector(&Tokenizer::decode), tokenizer, ids, ov::AnyMap{}))
      .raw("Tokenizer::decode(tensor)",
           written_by(DecodeTensor(&Tokenizer::decode), tokenizer, tensor, ov::AnyMap{}))
      .raw("Tokenizer::apply_chat_template",
           written_by(&Tokenizer::apply_chat_template, tokenizer, history, true, std::string(),
                      std::optional<JsonContainer>(), std::optional<JsonContainer>()))
      .raw("Tokenizer::get_chat_template", written_by(&Tokenizer::get_chat_template, tokenizer))
      .raw("JsonContainer::from_json_string",
           written_by(&JsonContainer::from_json_string, std::string(kMessages)))
      .raw("streamer", written_by(&streamer, StreamerVariant(std::monostate())))
      .text();
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

std::string templated(const Tokenizer& tokenizer) {
  const ChatHistory history(JsonContainer::from_json_string(kMessages));
  const std::optional<JsonContainer> tools(JsonContainer::from_json_string(R"([{"name":"find"}])"));
  const std::optional<JsonContainer> context(JsonContainer::from_json_string(R"({"extra":"more"})"));
  return tokenizer.apply_chat_template(history, true, kTemplate, tools, context);
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

  Object out;
  out.raw("types", types()).raw("enums", enums());
  out.number("optionalJsonContainer", sizeof(std::optional<JsonContainer>));
  out.number("encodedInputs", sizeof(EncodedInputs)).number("streamerVariant", sizeof(StreamerVariant));
  out.raw("returned", returned(pipeline, tokenizer, prompt, config));
  out.raw("byTensor", run(pipeline, prompt, config, 0));
  out.raw("byTokenizedInputs", run(pipeline, EncodedInputs(tokenized), config, 0));
  out.raw("stopped", run(pipeline, prompt, config, 3));
  out.raw("hasTokenTypeIds", tokenized.token_type_ids ? "true" : "false");
  out.raw("templated", quoted(templated(tokenizer)));
  out.number("eosTokenId", tokenizer.get_eos_token_id());
  out.number("vocabulary", tokenizer.get_vocab_vector().size());
  std::puts(out.text().c_str());
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}
