// Jobs on one native object, done one after the other on one thread of libuv's pool. Belongs to the
// JavaScript object that wraps it, which lives as long as there are jobs; the environment's registry closes
// it where that ends first. All methods run on the JavaScript thread.
#pragma once

#include <napi.h>

#include <atomic>
#include <chrono>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "engine/failures.hpp"
#include "js/external_memory.hpp"

namespace openvino_llm {

template <class Object>
class JobQueue {
 public:
  // Made on the pool, run on the JavaScript thread.
  using ToJs = std::function<Napi::Value(Napi::Env)>;
  // Runs on the pool. Gives nothing where it wants to be run again: a long one works in parts, because
  // nothing but its own end stops a job of the pool, and the end of an environment waits for that.
  using Work = std::function<std::optional<ToJs>(Object&)>;
  // Makes the object, on the pool, before the first job.
  using Open = std::function<std::shared_ptr<Object>()>;

  // `what`: the object as errors call it. `memory_bytes`: of the object.
  JobQueue(Napi::Env env, std::string what, Open open, int64_t memory_bytes)
      : gate_(std::make_shared<Gate>(std::move(what), std::move(open))), memory_(env, memory_bytes) {}
  JobQueue(const JobQueue&) = delete;
  JobQueue& operator=(const JobQueue&) = delete;
  ~JobQueue() = default;

  // A promise of what the work gives; its errors have a `code`. With an id above 0 it can be cancelled.
  Napi::Value submit(const Napi::Object& owner, Work work, uint32_t id = 0) {
    return submit(owner, std::make_shared<Job>(owner.Env(), std::move(work), id));
  }

  // The job does not begin, or ends behind the part that runs.
  void cancel(uint32_t id) {
    const auto found = cancellable_.find(id);
    if (found != cancellable_.end()) found->second->cancelled = true;
  }

  // No job begins any more; the one that runs ends behind its part. Resolves when the object is freed.
  Napi::Value close(const Napi::Object& owner) {
    gate_->closing = true;
    memory_.set(0);
    return submit(owner, std::make_shared<Job>(owner.Env(), nullptr, 0));
  }

  // The same, and waits for it. For the environment's end.
  void close_now() {
    gate_->closing = true;
    const std::lock_guard<std::mutex> lock(gate_->mutex);
    gate_->free();
    memory_.set(0);
  }

 private:
  struct Job {
    Job(Napi::Env env, Work its_work, uint32_t its_id)
        : work(std::move(its_work)), id(its_id), deferred(Napi::Promise::Deferred::New(env)) {}
    const Work work;  // none: frees the object
    const uint32_t id;
    const Napi::Promise::Deferred deferred;
    std::atomic<bool> cancelled{false};
    std::optional<ToJs> value;
    std::optional<FailedEvent> failure;
  };
  using Jobs = std::deque<std::shared_ptr<Job>>;

  // What the pool's thread and the end of the environment share. The lock is held while a job runs.
  struct Gate {
    Gate(std::string its_what, Open its_open) : what(std::move(its_what)), open(std::move(its_open)) {}

    // Whether the job is done.
    bool run(Job& job) {
      const std::lock_guard<std::mutex> lock(mutex);
      if (!job.work) {
        free();
        return true;
      }
      try {
        if (closing) throw CodedError("ERR_CLOSED", "The " + what + " is closed. Load it again to go on.");
        if (job.cancelled) throw CodedError("ERR_ABORTED", "The call was aborted.");
        if (!object) object = open();
        job.value = job.work(*object);
        return job.value.has_value();
      } catch (...) {
        job.failure = failure_of_current_exception();
        return true;
      }
    }
    void free() {
      open = nullptr;
      object.reset();
    }

    const std::string what;
    std::mutex mutex;
    std::atomic<bool> closing{false};
    Open open;
    std::shared_ptr<Object> object;
  };

  // Does jobs for a while, so that small ones share a turn of the event loop, and none waits long for those
  // behind it.
  class Drain final : public Napi::AsyncWorker {
   public:
    Drain(const Napi::Object& owner, JobQueue& queue)
        : AsyncWorker(owner.Env(), "openvino-llm jobs"),
          kept_(Napi::Persistent(owner)),
          queue_(queue),
          gate_(queue.gate_),
          jobs_(std::exchange(queue.waiting_, {})) {}

   protected:
    void Execute() override {
      const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(10);
      do {
        if (gate_->run(*jobs_[done_])) ++done_;
      } while (done_ < jobs_.size() && std::chrono::steady_clock::now() < end);
    }
    void OnOK() override {
      // A terminated worker thread still comes here, and would go on for as long as there are jobs.
      if (!can_run_js()) return;
      const auto rest = jobs_.begin() + static_cast<long>(done_);
      queue_.waiting_.insert(queue_.waiting_.begin(), rest, jobs_.end());
      jobs_.erase(rest, jobs_.end());
      queue_.draining_ = false;
      queue_.drain(kept_.Value());
      for (const auto& job : jobs_) {
        queue_.cancellable_.erase(job->id);
        try {
          settle(*job);
        } catch (const Napi::Error& error) {  // more than JavaScript can hold
          job->deferred.Reject(error.Value());
        } catch (const std::exception& error) {
          job->deferred.Reject(failure_to_js({"ERR_NATIVE", error.what()}));
        }
      }
    }

   private:
    bool can_run_js() const {
      bool found = false;
      return napi_has_named_property(Env(), kept_.Value(), "close", &found) == napi_ok;
    }
    void settle(const Job& job) const {
      if (!job.failure) return job.deferred.Resolve(job.value ? (*job.value)(Env()) : Env().Undefined());
      job.deferred.Reject(failure_to_js(*job.failure));
    }
    Napi::Value failure_to_js(const FailedEvent& failure) const {
      auto error = Napi::Error::New(Env(), failure.message).Value();
      error["code"] = failure.code;
      return error;
    }

    Napi::ObjectReference kept_;
    JobQueue& queue_;
    std::shared_ptr<Gate> gate_;
    Jobs jobs_;
    size_t done_ = 0;
  };

  Napi::Value submit(const Napi::Object& owner, const std::shared_ptr<Job>& job) {
    waiting_.push_back(job);
    if (job->id != 0) cancellable_.emplace(job->id, job);
    drain(owner);
    return job->deferred.Promise();
  }

  void drain(const Napi::Object& owner) {
    if (draining_ || waiting_.empty()) return;
    draining_ = true;
    auto* drain = new Drain(owner, *this);  // deletes itself
    drain->Queue();
  }

  const std::shared_ptr<Gate> gate_;
  Jobs waiting_;
  std::unordered_map<uint32_t, std::shared_ptr<Job>> cancellable_;
  bool draining_ = false;
  ExternalMemory memory_;
};

}  // namespace openvino_llm
