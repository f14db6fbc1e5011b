#include "js/tokenizer_wrap.hpp"

#include <memory>
#include <utility>

#include "js/convert.hpp"
#include "js/external_memory.hpp"
#include "js/pipeline_wrap.hpp"
#include "text/chat_prompt.hpp"
#include "text/tokenizing.hpp"

namespace openvino_llm {
namespace {

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

JobQueue<Tokenizer> jobs_for(const Napi::CallbackInfo& info) {
  const std::string what = "tokenizer";
  if (info[0].IsString()) {
    const std::string path = info[0].As<Napi::String>();
    const auto open = [path, properties = properties_from_js(info[1].As<Napi::Array>())] {
      return std::make_shared<Tokenizer>(path, properties);
    };
    return {info.Env(), what, open,
            memory_bytes(path, {"openvino_tokenizer.bin", "openvino_detokenizer.bin"})};
  }
  auto tokenizer = PipelineWrap::Unwrap(info[0].As<Napi::Object>())->tokenizer();
  if (!tokenizer) throw Napi::Error::New(info.Env(), "The pipeline is not loaded.");
  return {info.Env(), what, [tokenizer] { return tokenizer; }, 0};
}

}  // namespace

Napi::Function TokenizerWrap::define(Napi::Env env) {
  return DefineClass(
      env, "Tokenizer",
      {InstanceMethod<&TokenizerWrap::facts>("facts"), InstanceMethod<&TokenizerWrap::encode>("encode"),
       InstanceMethod<&TokenizerWrap::decode>("decode"),
       InstanceMethod<&TokenizerWrap::encode_chat>("encodeChat"),
       InstanceMethod<&TokenizerWrap::vocabulary>("vocabulary"),
       InstanceMethod<&TokenizerWrap::close>("close")});
}

TokenizerWrap::TokenizerWrap(const Napi::CallbackInfo& info)
    : ObjectWrap(info), jobs_(jobs_for(info)), registration_(info.Env(), this) {}

Napi::Value TokenizerWrap::submit(const Napi::CallbackInfo& info, Queue::Work work) {
  return jobs_.submit(info.This().As<Napi::Object>(), std::move(work));
}

Napi::Value TokenizerWrap::facts(const Napi::CallbackInfo& info) {
  return submit(info, [](Tokenizer& tokenizer) -> ToJs {
    return [facts = facts_of(tokenizer)](Napi::Env env) { return facts_to_js(env, facts); };
  });
}

Napi::Value TokenizerWrap::encode(const Napi::CallbackInfo& info) {
  auto texts = strings_from_js(info[0].As<Napi::Array>());
  auto seconds = info[1].IsArray() ? strings_from_js(info[1].As<Napi::Array>()) : std::vector<std::string>{};
  const EncodeOptions options{info[2].As<Napi::Boolean>(),
                              static_cast<size_t>(info[3].As<Napi::Number>().Int64Value())};
  return submit(
      info, [texts = std::move(texts), seconds = std::move(seconds), options](Tokenizer& tokenizer) -> ToJs {
        auto rows =
            std::make_shared<EncodedRows>(seconds.empty() ? encode_texts(tokenizer, texts, options)
                                                          : encode_pairs(tokenizer, texts, seconds, options));
        return [rows](Napi::Env env) { return rows_to_js(env, *rows); };
      });
}

Napi::Value TokenizerWrap::decode(const Napi::CallbackInfo& info) {
  const auto flat = info[0].As<Napi::Int32Array>();
  const auto lengths = info[1].As<Napi::Int32Array>();
  std::vector<TokenIds> rows;
  const int32_t* at = flat.Data();
  for (size_t i = 0; i < lengths.ElementLength(); ++i) {
    rows.emplace_back(at, at + lengths[i]);
    at += lengths[i];
  }
  const bool skip_special_tokens = info[2].As<Napi::Boolean>();
  return submit(info, [rows = std::move(rows), skip_special_tokens](Tokenizer& tokenizer) -> ToJs {
    return [texts = decode_rows(tokenizer, rows, skip_special_tokens)](Napi::Env env) {
      return array_to_js(env, texts);
    };
  });
}

Napi::Value TokenizerWrap::encode_chat(const Napi::CallbackInfo& info) {
  const std::string text = info[0].As<Napi::String>();
  const std::string sentinel = info[1].As<Napi::String>();
  return submit(info, [text, sentinel](Tokenizer& tokenizer) -> ToJs {
    auto ids = openvino_llm::encode_chat(tokenizer, text, sentinel).ids;
    return [rows = std::vector<TokenIds>{std::move(ids)}](Napi::Env env) { return flat_to_js(env, rows); };
  });
}

Napi::Value TokenizerWrap::vocabulary(const Napi::CallbackInfo& info) {
  return submit(info, [](Tokenizer& tokenizer) -> ToJs {
    return [tokens = spelled_vocabulary(tokenizer)](Napi::Env env) { return array_to_js(env, tokens); };
  });
}

Napi::Value TokenizerWrap::close(const Napi::CallbackInfo& info) {
  return jobs_.close(info.This().As<Napi::Object>());
}

}  // namespace openvino_llm
