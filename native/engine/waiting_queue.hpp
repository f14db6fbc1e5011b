// The only queue that requests wait in. Any thread puts and removes; the worker takes as many as its engine
// has slots for, and sleeps while there is nothing.
#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <mutex>
#include <utility>

#include "engine/request.hpp"

namespace openvino_llm {

class WaitingQueue {
 public:
  static constexpr size_t kNoLimit = std::numeric_limits<size_t>::max();
  // How many later requests one step of priority is worth: more than that cannot overtake, so nobody starves.
  static constexpr int64_t kPositionsPerPriority = 16;

  // The longest that the worker waits for more requests of the same turn of the event loop.
  static constexpr std::chrono::milliseconds kMaxGathering{10};

  enum class Put { kTaken, kFull, kClosed };

  // slots: sequences that run at once; max_waiting: requests beyond those that find a slot.
  WaitingQueue(size_t slots, size_t max_waiting) : slots_(slots), max_waiting_(max_waiting) {}

  // [any thread]
  Put put(std::shared_ptr<Request> request) {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      if (closed_) return Put::kClosed;
      if (is_full()) return Put::kFull;
      const int64_t arrival = ++arrivals_;
      waiting_.emplace(Position{arrival + request->priority * kPositionsPerPriority, arrival},
                       std::move(request));
      gathering_ = true;
    }
    wake_.notify_one();
    return Put::kTaken;
  }

  // [any thread] Null where the request does not wait (any more).
  std::shared_ptr<Request> remove(uint64_t request_id) {
    const std::lock_guard<std::mutex> lock(mutex_);
    for (auto at = waiting_.begin(); at != waiting_.end(); ++at) {
      if (at->second->id != request_id) continue;
      auto request = std::move(at->second);
      waiting_.erase(at);
      return request;
    }
    return nullptr;
  }

  // [any thread] All requests of a turn of the event loop have been put.
  void gathered() {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      gathering_ = false;
    }
    wake_.notify_one();
  }

  // [worker thread] Sleeps until a request waits; false once closed.
  bool wait() {
    std::unique_lock<std::mutex> lock(mutex_);
    wake_.wait(lock, [this] { return closed_ || !waiting_.empty(); });
    return !closed_;
  }

  // [worker thread] The same, and until those that come with it are there: what is made together should run
  // together from its first step on.
  bool wait_for_all() {
    std::unique_lock<std::mutex> lock(mutex_);
    wake_.wait(lock, [this] { return closed_ || !waiting_.empty(); });
    wake_.wait_for(lock, kMaxGathering, [this] { return closed_ || !gathering_; });
    return !closed_;
  }

  // [worker thread] The next one, if there are slots for it. One that is larger than all slots gets in
  // alone.
  std::shared_ptr<Request> take() {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (waiting_.empty()) return nullptr;
    const size_t wanted = slots_of(*waiting_.begin()->second);
    if (taken_ + wanted > slots_) return nullptr;
    taken_ += wanted;
    auto request = std::move(waiting_.begin()->second);
    waiting_.erase(waiting_.begin());
    return request;
  }

  // [worker thread] A taken request has ended: its slots are free.
  void leave(const Request& request) {
    const std::lock_guard<std::mutex> lock(mutex_);
    taken_ -= slots_of(request);
  }

  // [any thread]
  size_t size() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return waiting_.size();
  }

  bool closed() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return closed_;
  }

  // [any thread] Requests that were not taken are dropped; their owner has ended them already.
  void close() {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      closed_ = true;
      waiting_.clear();
    }
    wake_.notify_all();
  }

 private:
  using Position = std::pair<int64_t, int64_t>;  // where its priority puts it, then order of arrival

  size_t slots_of(const Request& request) const { return std::min(request.sequences, slots_); }

  // Requests that still find a slot do not count: the worker has only not come to take them yet.
  bool is_full() const {
    if (max_waiting_ == kNoLimit) return false;
    const size_t free = slots_ - std::min(slots_, taken_);
    return waiting_.size() >= max_waiting_ + free;
  }

  const size_t slots_, max_waiting_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::map<Position, std::shared_ptr<Request>> waiting_;
  int64_t arrivals_ = 0;
  size_t taken_ = 0;
  bool closed_ = false;
  bool gathering_ = false;  // more may be put at once
};

}  // namespace openvino_llm
