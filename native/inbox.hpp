// The queue into a worker: any thread puts, the worker takes and sleeps while there is nothing.
#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>

#include "request.hpp"

namespace openvino_llm {

class Inbox {
 public:
  // [any thread] False once closed: the request was not taken.
  bool put(std::shared_ptr<Request> request) {
    {
      std::lock_guard<std::mutex> lock(mutex_);
      if (closed_) return false;
      queue_.push_back(std::move(request));
    }
    wake_.notify_one();
    return true;
  }

  // [worker thread] Waits for a request; null once closed, even when requests are left.
  std::shared_ptr<Request> take() {
    std::unique_lock<std::mutex> lock(mutex_);
    wake_.wait(lock, [this] { return closed_ || !queue_.empty(); });
    if (closed_) return nullptr;
    auto request = std::move(queue_.front());
    queue_.pop_front();
    return request;
  }

  // [any thread] Requests that were not taken are dropped; their owner has told its caller already.
  void close() {
    {
      std::lock_guard<std::mutex> lock(mutex_);
      closed_ = true;
      queue_.clear();
    }
    wake_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::shared_ptr<Request>> queue_;
  bool closed_ = false;
};

}  // namespace openvino_llm
