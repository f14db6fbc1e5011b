// Events on their way to one thread that takes all of them at once. Whoever pushes never waits for it, and at
// most one wake-up is pending; none is made for events that nobody awaits, until many have gathered. Knows
// nothing of JavaScript: how the taker is woken is the EventChannel's business.
#pragma once

#include <algorithm>
#include <iterator>
#include <mutex>
#include <utility>
#include <vector>

#include "engine/events.hpp"

namespace openvino_llm {

class EventQueue {
 public:
  // So many events wake the taker though nobody awaits one: it takes them in well below a millisecond.
  static constexpr size_t kMaxHeld = 64;

  // [any thread] At least one event; they are taken together. `wake` is called where no wake-up is pending,
  // and answers whether the taker will come. It runs under the lock: once the taker is gone it must not be
  // called again.
  template <class Wake>
  void push(std::vector<Event> events, const Wake& wake) {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (!open_) return;
    const bool awaited =
        std::any_of(events.begin(), events.end(), [](const Event& event) { return event.awaited; });
    if (waiting_.empty())
      waiting_ = std::move(events);
    else
      waiting_.insert(waiting_.end(), std::make_move_iterator(events.begin()),
                      std::make_move_iterator(events.end()));
    if (wake_pending_ || (!awaited && waiting_.size() < kMaxHeld)) return;
    wake_pending_ = wake();
    if (!wake_pending_) open_ = false;
  }

  // [taking thread] All that waits, in order, woken for it or not; after it the next push wakes again.
  std::vector<Event> take() {
    const std::lock_guard<std::mutex> lock(mutex_);
    wake_pending_ = false;
    return std::exchange(waiting_, {});
  }

  // [taking thread] Drops what waits and takes nothing more. False where that was so already.
  bool close() {
    const std::lock_guard<std::mutex> lock(mutex_);
    waiting_.clear();
    return std::exchange(open_, false);
  }

 private:
  std::mutex mutex_;
  std::vector<Event> waiting_;
  bool wake_pending_ = false;
  bool open_ = true;
};

}  // namespace openvino_llm
