// Per-environment state: the pipelines and tokenizers that are alive in one JavaScript environment (the main
// thread or a worker).
#pragma once

#include <napi.h>

#include <set>

namespace openvino_llm {

class Pipeline;
class Tokenizer;

class AddonData {
 public:
  static AddonData& of(Napi::Env env);
  // Null once the environment is being torn down.
  static AddonData* find(Napi::Env env);

  explicit AddonData(Napi::Env env);
  void add(Pipeline* pipeline) { pipelines_.insert(pipeline); }
  void remove(Pipeline* pipeline) { pipelines_.erase(pipeline); }
  void add(Tokenizer* tokenizer) { tokenizers_.insert(tokenizer); }
  void remove(Tokenizer* tokenizer) { tokenizers_.erase(tokenizer); }
  // Ends every worker and waits for it: a thread that still infers while the process runs its static
  // destructors crashes, and one that outlives its environment calls into nothing. Idempotent.
  void close_all();

 private:
  Napi::Env env_;
  std::set<Pipeline*> pipelines_;
  std::set<Tokenizer*> tokenizers_;
  bool ended_ = false;
};

}  // namespace openvino_llm
