#include "js/convert.hpp"

#include <algorithm>
#include <iterator>
#include <set>

#include "genai/genai.hpp"

namespace openvino_llm {
namespace {

Napi::Value optional_to_js(Napi::Env env, const std::optional<std::string>& text) {
  return text ? Napi::Value(Napi::String::New(env, *text)) : env.Null();
}

const char* name_of(FinishReason reason) {
  switch (reason) {
    case FinishReason::kStop:
      return "stop";
    case FinishReason::kLength:
      return "length";
    case FinishReason::kAbort:
      return "abort";
  }
  return "abort";
}

Napi::Value perf_to_js(Napi::Env env, const std::optional<NativePerf>& perf) {
  if (!perf) return env.Null();
  auto out = Napi::Object::New(env);
  out["loadMs"] = perf->load_ms;
  out["ttftMs"] = perf->ttft_ms;
  out["tpotMs"] = perf->tpot_ms;
  out["inferencePerTokenMs"] = perf->inference_per_token_ms;
  out["tokensPerSecond"] = perf->tokens_per_second;
  out["generateMs"] = perf->generate_ms;
  out["inferenceMs"] = perf->inference_ms;
  out["promptTokens"] = static_cast<double>(perf->prompt_tokens);
  out["completionTokens"] = static_cast<double>(perf->completion_tokens);
  return out;
}

Napi::Value speculative_to_js(Napi::Env env, const std::optional<SpeculativeCounts>& counts) {
  if (!counts) return env.Null();
  auto out = Napi::Object::New(env);
  out["draftTokens"] = static_cast<double>(counts->draft_tokens);
  out["acceptedTokens"] = static_cast<double>(counts->accepted_tokens);
  return out;
}

Napi::Object choice_to_js(Napi::Env env, const Choice& choice) {
  auto out = Napi::Object::New(env);
  out["text"] = choice.text;
  out["tokenIds"] = array_to_js(env, choice.token_ids, [](int64_t id) { return static_cast<double>(id); });
  out["finishReason"] = name_of(choice.finish_reason);
  out["stopString"] = optional_to_js(env, choice.stop_string);
  out["score"] = choice.score;
  out["logprobs"] = array_to_js(env, choice.logprobs);
  return out;
}

// The arguments after the type and the id.
struct EventArguments {
  Napi::Env env;
  std::vector<napi_value>& out;

  Napi::Object object() const {
    auto made = Napi::Object::New(env);
    out.push_back(made);
    return made;
  }

  void operator()(const LoadedEvent& event) const {
    auto loaded = object();
    loaded["loadMs"] = event.load_ms;
    loaded["textFromVocabulary"] = Napi::Boolean::New(env, event.text_from_vocabulary);
  }
  void operator()(const LoadFailedEvent& event) const {
    out.push_back(Napi::String::New(env, event.message));
  }
  void operator()(const TakenEvent& event) const {
    out.push_back(Napi::Number::New(env, event.taken_ms));
    out.push_back(Napi::Number::New(env, static_cast<double>(event.prompt_tokens)));
    if (!event.prompt_end.empty()) out.push_back(Napi::String::New(env, event.prompt_end));
  }
  void operator()(const TokensEvent& event) const {
    out.push_back(Napi::Number::New(env, event.produced_ms));
    out.push_back(Napi::String::New(env, event.text));
    for (const int64_t id : event.token_ids) out.push_back(Napi::Number::New(env, static_cast<double>(id)));
    for (const float logprob : event.logprobs) out.push_back(Napi::Number::New(env, logprob));
  }
  void operator()(const FinishedEvent& event) const {
    auto finished = object();
    finished["finishedMs"] = event.finished_ms;
    finished["finishReason"] = name_of(event.reason);
    finished["stopString"] = optional_to_js(env, event.stop_string);
    finished["perf"] = perf_to_js(env, event.perf);
    finished["speculative"] = speculative_to_js(env, event.speculative);
    if (event.grammar_ms) finished["grammarMs"] = *event.grammar_ms;
    finished["choices"] =
        array_to_js(env, event.choices, [this](const Choice& choice) { return choice_to_js(env, choice); });
  }
  void operator()(const FailedEvent& event) const {
    out.push_back(Napi::String::New(env, event.code));
    out.push_back(Napi::String::New(env, event.message));
  }
};

const char* type_of(const Event& event) {
  static constexpr const char* kTypes[] = {"loaded", "loadFailed", "taken", "tokens", "finished", "failed"};
  static_assert(std::size(kTypes) == std::variant_size_v<decltype(Event::body)>);
  const auto* tokens = std::get_if<TokensEvent>(&event.body);
  if (tokens != nullptr && !tokens->logprobs.empty()) return "tokensWithLogprobs";
  return kTypes[event.body.index()];
}

// GenAI casts numbers silently, so each value gets exactly the C++ type of its key.
ov::Any any_from_js(const Napi::Env& env, const std::string& kind, const Napi::Value& value) {
  if (kind == "boolean") return value.As<Napi::Boolean>().Value();
  if (kind == "idSet") {
    const TokenIds ids = ids_from_js(value.As<Napi::Array>());
    return std::set<int64_t>(ids.begin(), ids.end());
  }
  if (kind == "stopCriteria") {
    return static_cast<ov::genai::StopCriteria>(value.As<Napi::Number>().Int32Value());
  }
  const double number = value.As<Napi::Number>().DoubleValue();
  if (kind == "size") return static_cast<size_t>(number);
  if (kind == "int64") return static_cast<int64_t>(number);
  if (kind == "float") return static_cast<float>(number);
  throw Napi::TypeError::New(env, "Unknown kind of generation option: " + kind);
}

decltype(Request::prompt) prompt_from_js(const Napi::Object& value) {
  const std::string kind = value.Get("kind").As<Napi::String>();
  if (kind == "chat") {
    return ChatPrompt{value.Get("text").As<Napi::String>(), value.Get("contentSentinel").As<Napi::String>()};
  }
  if (kind == "text") return TextPrompt{value.Get("text").As<Napi::String>()};
  const auto ids = value.Get("ids").As<Napi::Int32Array>();
  return TokenIds(ids.Data(), ids.Data() + ids.ElementLength());
}

Grammar grammar_from_js(const Napi::Object& value) {
  const std::string kind = value.Get("kind").As<Napi::String>();
  Grammar grammar{Grammar::Kind::kEbnf, value.Get("text").As<Napi::String>()};
  if (kind == "regex") grammar.kind = Grammar::Kind::kRegex;
  if (kind == "structuralTag") grammar.kind = Grammar::Kind::kStructuralTag;
  return grammar;
}

}  // namespace

std::vector<napi_value> to_js(Napi::Env env, const Event& event) {
  std::vector<napi_value> arguments{Napi::String::New(env, type_of(event)),
                                    Napi::Number::New(env, static_cast<double>(event.request_id))};
  std::visit(EventArguments{env, arguments}, event.body);
  return arguments;
}

std::shared_ptr<Request> request_from_js(const Napi::Object& value) {
  auto request = std::make_shared<Request>();
  request->id = static_cast<uint64_t>(value.Get("id").As<Napi::Number>().Int64Value());
  request->prompt = prompt_from_js(value.Get("prompt").As<Napi::Object>());
  const auto config = value.Get("config").As<Napi::Array>();
  for (uint32_t i = 0; i < config.Length(); ++i) {
    const auto entry = config.Get(i).As<Napi::Object>();
    const std::string key = entry.Get("key").As<Napi::String>();
    request->config[key] = any_from_js(value.Env(), entry.Get("kind").As<Napi::String>(), entry.Get("value"));
  }
  request->config["stop_strings"] =
      std::set<std::string>{};  // we match them; a model's file may name some to GenAI
  request->max_new_tokens = size_from_js(value, "maxNewTokens");
  request->total_tokens = size_from_js(value, "totalTokens");
  request->text_rules.stop_strings = strings_from_js(value.Get("stopStrings").As<Napi::Array>());
  request->text_rules.include_stop_string = value.Get("includeStopStrInOutput").As<Napi::Boolean>();
  request->text_rules.end_token_ids = ids_from_js(value.Get("endTokenIds").As<Napi::Array>());
  const auto size = [&request](const char* key) { return request->config.at(key).as<size_t>(); };
  request->sequences = std::max(size("num_beams"), size("num_return_sequences"));
  request->streams = request->sequences == 1;
  request->wants_logprobs = size("logprobs") > 0;
  // Without log-probabilities GenAI has nothing to compare the threshold with, and drafts one token a step.
  if (request->config.at("assistant_confidence_threshold").as<float>() > 0) {
    request->config["logprobs"] = size_t{1};
  }
  request->tokens_awaited = value.Get("tokensAwaited").As<Napi::Boolean>();
  request->priority = value.Get("priority").As<Napi::Number>().Int32Value();
  if (value.Has("grammar")) request->grammar = grammar_from_js(value.Get("grammar").As<Napi::Object>());
  if (value.Has("delimiters")) {
    const auto delimiters = value.Get("delimiters").As<Napi::Array>();
    for (uint32_t i = 0; i < delimiters.Length(); ++i)
      request->text_rules.delimiters.push_back(delimiters.Get(i).As<Napi::String>());
  }
  if (value.Has("adapterAlphas")) {
    const auto alphas = value.Get("adapterAlphas").As<Napi::Array>();
    for (uint32_t i = 0; i < alphas.Length(); ++i) {
      request->adapter_alphas.push_back(alphas.Get(i).As<Napi::Number>().FloatValue());
    }
  }
  return request;
}

Napi::Object metrics_to_js(Napi::Env env, const EngineMetrics& metrics) {
  auto out = Napi::Object::New(env);
  const auto set = [](Napi::Object object, const char* name, auto value) {
    object[name] = static_cast<double>(value);
  };
  set(out, "running", metrics.running);
  set(out, "waiting", metrics.waiting);
  set(out, "cacheUsagePercent", metrics.cache_usage_percent);
  set(out, "maxCacheUsagePercent", metrics.max_cache_usage_percent);
  set(out, "cacheSizeBytes", metrics.cache_size_bytes);
  auto last_step = Napi::Object::New(env);
  set(last_step, "sequences", metrics.last_step_sequences);
  set(last_step, "durationMs", metrics.last_step_ms);
  out["lastStep"] = last_step;
  auto totals = Napi::Object::New(env);
  set(totals, "steps", metrics.steps);
  set(totals, "finished", metrics.finished);
  set(totals, "aborted", metrics.aborted);
  set(totals, "failed", metrics.failed);
  set(totals, "promptTokens", metrics.prompt_tokens);
  set(totals, "completionTokens", metrics.completion_tokens);
  out["totals"] = totals;
  out["healthy"] = Napi::Boolean::New(env, metrics.healthy);
  return out;
}

std::vector<AdapterOptions> adapters_from_js(const Napi::Array& value) {
  std::vector<AdapterOptions> adapters;
  for (uint32_t i = 0; i < value.Length(); ++i) {
    const auto adapter = value.Get(i).As<Napi::Object>();
    adapters.push_back(
        {adapter.Get("path").As<Napi::String>(), adapter.Get("alpha").As<Napi::Number>().FloatValue()});
  }
  return adapters;
}

Speculation speculation_from_js(const Napi::Object& value) {
  Speculation speculation;
  speculation.prompt_lookup = value.Get("promptLookup").ToBoolean();
  const Napi::Value draft = value.Get("draft");
  if (draft.IsObject()) {
    const auto model = draft.As<Napi::Object>();
    speculation.draft = {model.Get("path").As<Napi::String>(), model.Get("device").As<Napi::String>(),
                         properties_from_js(model.Get("properties").As<Napi::Array>())};
  }
  return speculation;
}

std::vector<std::string> strings_from_js(const Napi::Array& value) {
  std::vector<std::string> strings(value.Length());
  for (uint32_t i = 0; i < value.Length(); ++i) strings[i] = value.Get(i).As<Napi::String>();
  return strings;
}

TokenIds ids_from_js(const Napi::Array& value) {
  TokenIds ids(value.Length());
  for (uint32_t i = 0; i < value.Length(); ++i) ids[i] = value.Get(i).As<Napi::Number>().Int64Value();
  return ids;
}

size_t size_from_js(const Napi::Object& value, const char* key) {
  return static_cast<size_t>(value.Get(key).As<Napi::Number>().Int64Value());
}

ov::AnyMap properties_from_js(const Napi::Array& value) {
  ov::AnyMap properties;
  for (uint32_t i = 0; i < value.Length(); ++i) {
    const auto pair = value.Get(i).As<Napi::Array>();
    properties[pair.Get(0u).As<Napi::String>()] = pair.Get(1u).As<Napi::String>().Utf8Value();
  }
  return properties;
}

}  // namespace openvino_llm
