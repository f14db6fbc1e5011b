// CPU time that this library itself spends on threads that mostly run GenAI, process-wide; read on any
// thread. Off until someone asks for it, because reading a thread's clock is a system call: some 0.9 us on a
// virtual machine, twice for each token.
#pragma once

#include <time.h>

#include <atomic>
#include <cstdint>

namespace openvino_llm {

// CPU time of the calling thread so far.
inline int64_t thread_cpu_ns() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return now.tv_sec * int64_t{1'000'000'000} + now.tv_nsec;
}

class CpuAccount {
 public:
  // Scopes that begin from now on are counted.
  static void turn_on() { on_ = true; }
  int64_t ns() const { return ns_; }

  // Books its thread's CPU time from construction to destruction, but for what lies between pause and resume.
  class Scope {
   public:
    explicit Scope(CpuAccount& account) : account_(account), counts_(on_) { resume(); }
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;
    ~Scope() { pause(); }
    void pause() {
      if (runs_) account_.ns_ += thread_cpu_ns() - begin_ns_;
      runs_ = false;
    }
    void resume() {
      if (!counts_) return;
      begin_ns_ = thread_cpu_ns();
      runs_ = true;
    }

   private:
    CpuAccount& account_;
    const bool counts_;
    bool runs_ = false;
    int64_t begin_ns_ = 0;
  };

  // GenAI's streamer threads, where it calls us; the workers' threads, outside generate().
  static CpuAccount streamers, workers;

 private:
  static inline std::atomic<bool> on_{false};
  std::atomic<int64_t> ns_{0};
};

inline CpuAccount CpuAccount::streamers, CpuAccount::workers;

}  // namespace openvino_llm
