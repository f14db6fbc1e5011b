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
  // Ends what runs and waits for it. Idempotent.
  virtual void close_now() = 0;

 protected:
  ~Closeable() = default;
};

class AddonData {
 public:
  static AddonData& of(Napi::Env env);
  // Null once the environment is being torn down.
  static AddonData* find(Napi::Env env);

  explicit AddonData(Napi::Env env);
  // Ends every worker and waits for it: a thread that still infers while the process runs its static
  // destructors crashes, and one that outlives its environment calls into nothing. Idempotent.
  void close_all();

 private:
  friend class Registration;

  std::set<Closeable*> alive_;
  bool ended_ = false;
};

// The last member of what is Closeable: registers its owner with the environment, and closes it before the
// owner's other members go, also where its constructor throws.
class Registration {
 public:
  Registration(Napi::Env env, Closeable* owner);
  Registration(const Registration&) = delete;
  Registration& operator=(const Registration&) = delete;
  ~Registration();

 private:
  const Napi::Env env_;
  Closeable* const owner_;
};

}  // namespace openvino_llm
