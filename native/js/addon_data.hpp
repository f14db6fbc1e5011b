// Per-environment state: what is alive in one JavaScript environment (the main thread or a worker) and has
// threads or a native model.
#pragma once

#include <napi.h>

#include <set>

namespace openvino_llm {

// What must have ended before its environment does.
class Closeable {
 public:
  Closeable() = default;
  Closeable(const Closeable&) = delete;
  Closeable& operator=(const Closeable&) = delete;
  // Ends what runs and waits for it.
  virtual void close_now(Napi::Env env) = 0;

 protected:
  ~Closeable() = default;
};

class AddonData {
 public:
  static AddonData& of(Napi::Env env);
  // Null once the environment is being torn down.
  static AddonData* find(Napi::Env env);

  explicit AddonData(Napi::Env env);
  void add(Closeable* alive) { alive_.insert(alive); }
  void remove(Closeable* alive) { alive_.erase(alive); }
  // Ends every worker and waits for it: a thread that still infers while the process runs its static
  // destructors crashes, and one that outlives its environment calls into nothing. Idempotent.
  void close_all();

 private:
  Napi::Env env_;
  std::set<Closeable*> alive_;
  bool ended_ = false;
};

}  // namespace openvino_llm
