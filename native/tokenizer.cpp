#include "tokenizer.hpp"

#include <atomic>
#include <filesystem>
#include <mutex>

#include "addon.hpp"
#include "convert.hpp"
#include "pipeline.hpp"
#include "results.hpp"
#include "tokenizing.hpp"

namespace openvino_llm {
namespace {

std::vector<std::string> strings_from_js(const Napi::Array& value) {
  std::vector<std::string> strings(value.Length());
  for (uint32_t i = 0; i < value.Length(); ++i) strings[i] = value.Get(i).As<Napi::String>();
  return strings;
}

Napi::Array strings_to_js(Napi::Env env, const std::vector<std::string>& strings) {
  auto array = Napi::Array::New(env, strings.size());
  for (size_t i = 0; i < strings.size(); ++i) array[static_cast<uint32_t>(i)] = strings[i];
  return array;
}

// All rows behind each other; ids are below 2^31.
Napi::Int32Array flat_to_js(Napi::Env env, const std::vector<TokenIds>& rows) {
  size_t size = 0;
  for (const TokenIds& row : rows) size += row.size();
  auto flat = Napi::Int32Array::New(env, size);
  int32_t* at = flat.Data();
  for (const TokenIds& row : rows)
    for (const int64_t id : row) *at++ = static_cast<int32_t>(id);
  return flat;
}

Napi::Object rows_to_js(Napi::Env env, const EncodedRows& rows) {
  auto out = Napi::Object::New(env);
  auto lengths = Napi::Int32Array::New(env, rows.ids.size());
  for (size_t i = 0; i < rows.ids.size(); ++i) lengths[i] = static_cast<int32_t>(rows.ids[i].size());
  out["lengths"] = lengths;
  out["ids"] = flat_to_js(env, rows.ids);
  if (!rows.type_ids.empty()) out["typeIds"] = flat_to_js(env, rows.type_ids);
  return out;
}

Napi::Object facts_to_js(Napi::Env env, const TokenizerFacts& facts) {
  auto out = Napi::Object::New(env);
  const auto special = [env](const SpecialToken& token) -> Napi::Value {
    if (token.id < 0) return env.Null();
    auto object = Napi::Object::New(env);
    object["id"] = static_cast<double>(token.id);
    object["text"] = token.text;
    return object;
  };
  out["vocabSize"] = static_cast<double>(facts.vocab_size);
  out["bos"] = special(facts.bos);
  out["eos"] = special(facts.eos);
  out["pad"] = special(facts.pad);
  out["chatTemplate"] = facts.chat_template;
  out["supportsPairs"] = Napi::Boolean::New(env, facts.supports_pairs);
  out["padsRight"] = Napi::Boolean::New(env, facts.pads_right);
  return out;
}

std::optional<std::string> optional_from_js(const Napi::Value& value) {
  if (!value.IsString()) return std::nullopt;
  return value.As<Napi::String>().Utf8Value();
}

int64_t memory_bytes(const std::string& path) {
  constexpr int64_t kWithoutTables = 8'000'000;
  int64_t bytes = kWithoutTables;
  for (const char* file : {"openvino_tokenizer.bin", "openvino_detokenizer.bin"}) {
    std::error_code error;
    const auto size = std::filesystem::file_size(std::filesystem::path(path) / file, error);
    if (!error) bytes += static_cast<int64_t>(size);
  }
  return bytes;
}

}  // namespace

struct Tokenizer::Job {
  Job(Work its_work, Napi::Promise::Deferred its_deferred, bool it_closes)
      : work(std::move(its_work)), deferred(its_deferred), closes(it_closes) {}
  Work work;
  Napi::Promise::Deferred deferred;
  bool closes;
  ToJs value;
  std::optional<FailedEvent> failure;
};

// What a pool thread and the end of the environment share. The lock is held while a job runs.
struct Tokenizer::Gate {
  std::mutex mutex;
  std::atomic<bool> closing{false};
  std::function<std::shared_ptr<SharedTokenizer>()> open;  // until there is a tokenizer
  std::shared_ptr<SharedTokenizer> tokenizer;

  void run(Job& job) {
    const std::lock_guard<std::mutex> lock(mutex);
    try {
      if (job.closes) {
        open = nullptr;
        tokenizer.reset();
        return;
      }
      if (closing) throw CodedError("ERR_CLOSED", "The tokenizer was closed. Load it again to go on.");
      if (!tokenizer) tokenizer = open();
      job.value = job.work(*tokenizer);
    } catch (...) {
      job.failure = failure_of_current_exception();
    }
  }
};

class Tokenizer::Drain final : public Napi::AsyncWorker {
 public:
  Drain(Napi::Env env, Tokenizer& owner)
      : AsyncWorker(env, "openvino-llm tokenizer"),
        owner_(owner),
        kept_(Napi::Persistent(owner.Value())),
        gate_(owner.gate_),
        jobs_(std::exchange(owner.waiting_, {})) {}

 protected:
  void Execute() override {
    for (const auto& job : jobs_) gate_->run(*job);
  }
  void OnOK() override {
    owner_.draining_ = false;
    owner_.drain(Env());
    for (const auto& job : jobs_) {
      try {
        settle(*job);
      } catch (const Napi::Error& error) {  // more than JavaScript can hold
        job->deferred.Reject(error.Value());
      }
    }
  }

 private:
  void settle(const Job& job) const {
    if (!job.failure) return job.deferred.Resolve(job.value ? job.value(Env()) : Env().Undefined());
    auto error = Napi::Error::New(Env(), job.failure->message).Value();
    error["code"] = job.failure->code;
    job.deferred.Reject(error);
  }

  Tokenizer& owner_;
  Napi::ObjectReference kept_;  // the owner lives as long as its jobs
  std::shared_ptr<Gate> gate_;
  std::deque<std::unique_ptr<Job>> jobs_;
};

Napi::Function Tokenizer::define(Napi::Env env) {
  return DefineClass(
      env, "Tokenizer",
      {InstanceMethod<&Tokenizer::facts>("facts"), InstanceMethod<&Tokenizer::encode>("encode"),
       InstanceMethod<&Tokenizer::decode>("decode"),
       InstanceMethod<&Tokenizer::apply_chat_template>("applyChatTemplate"),
       InstanceMethod<&Tokenizer::set_chat_template>("setChatTemplate"),
       InstanceMethod<&Tokenizer::vocabulary>("vocabulary"), InstanceMethod<&Tokenizer::close>("close")});
}

Tokenizer::Tokenizer(const Napi::CallbackInfo& info) : ObjectWrap(info), gate_(std::make_shared<Gate>()) {
  if (info[0].IsString()) {
    const std::string path = info[0].As<Napi::String>();
    gate_->open = [path, properties = properties_from_js(info[1].As<Napi::Array>())] {
      return std::make_shared<SharedTokenizer>(path, properties);
    };
    account_memory(info.Env(), memory_bytes(path));
  } else {
    gate_->tokenizer = Pipeline::Unwrap(info[0].As<Napi::Object>())->tokenizer();
    if (!gate_->tokenizer) throw Napi::Error::New(info.Env(), "The pipeline is not loaded.");
  }
  AddonData::of(info.Env()).add(this);
}

Tokenizer::~Tokenizer() {
  if (AddonData* data = AddonData::find(Env())) data->remove(this);
  close_now(Env());
}

void Tokenizer::close_now(Napi::Env env) {
  gate_->closing = true;
  const std::lock_guard<std::mutex> lock(gate_->mutex);
  gate_->open = nullptr;
  gate_->tokenizer.reset();
  account_memory(env, 0);
}

void Tokenizer::account_memory(Napi::Env env, int64_t bytes) {
  Napi::MemoryManagement::AdjustExternalMemory(env, bytes - accounted_bytes_);
  accounted_bytes_ = bytes;
}

Napi::Value Tokenizer::submit(Napi::Env env, Work work) { return submit(env, std::move(work), false); }

Napi::Value Tokenizer::submit(Napi::Env env, Work work, bool closes) {
  auto deferred = Napi::Promise::Deferred::New(env);
  waiting_.push_back(std::make_unique<Job>(std::move(work), deferred, closes));
  drain(env);
  return deferred.Promise();
}

void Tokenizer::drain(Napi::Env env) {
  if (draining_ || waiting_.empty()) return;
  draining_ = true;
  auto* drain = new Drain(env, *this);  // deletes itself
  drain->Queue();
}

Napi::Value Tokenizer::facts(const Napi::CallbackInfo& info) {
  return submit(info.Env(), [](SharedTokenizer& tokenizer) -> ToJs {
    return [facts = facts_of(tokenizer)](Napi::Env env) { return facts_to_js(env, facts); };
  });
}

Napi::Value Tokenizer::encode(const Napi::CallbackInfo& info) {
  auto texts = strings_from_js(info[0].As<Napi::Array>());
  auto seconds = info[1].IsArray() ? strings_from_js(info[1].As<Napi::Array>()) : std::vector<std::string>{};
  const EncodeOptions options{info[2].As<Napi::Boolean>(),
                              static_cast<size_t>(info[3].As<Napi::Number>().Int64Value())};
  return submit(
      info.Env(),
      [texts = std::move(texts), seconds = std::move(seconds), options](SharedTokenizer& tokenizer) -> ToJs {
        auto rows =
            std::make_shared<EncodedRows>(seconds.empty() ? encode_texts(tokenizer, texts, options)
                                                          : encode_pairs(tokenizer, texts, seconds, options));
        return [rows](Napi::Env env) { return rows_to_js(env, *rows); };
      });
}

Napi::Value Tokenizer::decode(const Napi::CallbackInfo& info) {
  const auto flat = info[0].As<Napi::Int32Array>();
  const auto lengths = info[1].As<Napi::Int32Array>();
  std::vector<TokenIds> rows;
  const int32_t* at = flat.Data();
  for (size_t i = 0; i < lengths.ElementLength(); ++i) {
    rows.emplace_back(at, at + lengths[i]);
    at += lengths[i];
  }
  const bool skip_special_tokens = info[2].As<Napi::Boolean>();
  return submit(info.Env(),
                [rows = std::move(rows), skip_special_tokens](SharedTokenizer& tokenizer) -> ToJs {
                  return [texts = decode_rows(tokenizer, rows, skip_special_tokens)](Napi::Env env) {
                    return strings_to_js(env, texts);
                  };
                });
}

Napi::Value Tokenizer::apply_chat_template(const Napi::CallbackInfo& info) {
  const auto options = info[0].As<Napi::Object>();
  TemplateInput input;
  input.messages_json = options.Get("messagesJson").As<Napi::String>();
  input.add_generation_prompt = options.Get("addGenerationPrompt").As<Napi::Boolean>();
  input.chat_template = optional_from_js(options.Get("chatTemplate")).value_or("");
  input.tools_json = optional_from_js(options.Get("toolsJson"));
  input.extra_json = optional_from_js(options.Get("extraContextJson"));
  return submit(info.Env(), [input](SharedTokenizer& tokenizer) -> ToJs {
    return [text = openvino_llm::apply_chat_template(tokenizer, input)](Napi::Env env) {
      return Napi::String::New(env, text);
    };
  });
}

Napi::Value Tokenizer::set_chat_template(const Napi::CallbackInfo& info) {
  return submit(info.Env(),
                [text = info[0].As<Napi::String>().Utf8Value()](SharedTokenizer& tokenizer) -> ToJs {
                  tokenizer.set_chat_template(text);
                  return [set = tokenizer.genai().get_chat_template()](Napi::Env env) {
                    return Napi::String::New(env, set);
                  };
                });
}

Napi::Value Tokenizer::vocabulary(const Napi::CallbackInfo& info) {
  return submit(info.Env(), [](SharedTokenizer& tokenizer) -> ToJs {
    return [tokens = spelled_vocabulary(tokenizer)](Napi::Env env) { return strings_to_js(env, tokens); };
  });
}

Napi::Value Tokenizer::close(const Napi::CallbackInfo& info) {
  gate_->closing = true;
  account_memory(info.Env(), 0);
  return submit(info.Env(), nullptr, true);
}

}  // namespace openvino_llm
