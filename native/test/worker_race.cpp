// Lets many threads submit, cancel, close and join at random while tokens flow, for `npm run test:tsan`,
// which builds it with ThreadSanitizer. Usage: worker_race SEED ROUNDS [MODEL.gguf], a looping chain model;
// without a model only the queues run. Prints what it has seen; exit code 1 where an event was lost, doubled
// or out of order.
#include <cstdio>
#include <cstdlib>
#include <map>
#include <random>
#include <string>
#include <thread>

#include "engine/batching_engine.hpp"
#include "engine/event_queue.hpp"
#include "engine/llm_engine.hpp"
#include "engine/worker.hpp"

using namespace openvino_llm;

namespace {

using Random = std::mt19937;

std::atomic<int> failures{0};

void expect(bool holds, const char* what, uint64_t seed) {
  if (holds) return;
  ++failures;
  std::fprintf(stderr, "seed %llu: %s\n", static_cast<unsigned long long>(seed), what);
}

template <class Function>
std::vector<std::thread> start(size_t count, const Function& function) {
  std::vector<std::thread> threads;
  threads.reserve(count);
  for (size_t i = 0; i < count; ++i) threads.emplace_back(function, i);
  return threads;
}

void join(std::vector<std::thread>& threads) {
  for (std::thread& thread : threads) thread.join();
}

// What Node's thread-safe function and event loop are to the EventChannel: a wake-up that another thread
// comes for.
class Loop {
 public:
  // [any thread]
  void push(std::vector<Event> events) {
    queue_.push(std::move(events), [this] {
      const std::lock_guard<std::mutex> lock(mutex_);
      if (ended_) return false;
      ++wakes_;
      changed_.notify_one();
      return true;
    });
  }
  // [taking thread] Waits for events; none once ended.
  std::vector<Event> take() {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [this] { return wakes_ > 0 || ended_; });
    if (wakes_ == 0) return {};
    --wakes_;
    lock.unlock();
    return queue_.take();
  }
  // [any thread] As when the environment is torn down: wake-ups that were promised still come, new ones are
  // refused.
  void end() {
    const std::lock_guard<std::mutex> lock(mutex_);
    ended_ = true;
    changed_.notify_one();
  }
  bool close() { return queue_.close(); }

 private:
  EventQueue queue_;
  std::mutex mutex_;
  std::condition_variable changed_;
  size_t wakes_ = 0;
  bool ended_ = false;
};

// Not inlined: GCC 12 would take the prompt's other alternatives for memory that is freed twice.
[[gnu::noinline]] std::shared_ptr<Request> numbered(uint64_t id) {
  auto request = std::make_shared<Request>();
  request->id = id;
  return request;
}

// Every accepted request is taken at most once, in the order of its putter; all of them where the queue
// closes late.
void race_queue(uint64_t seed) {
  constexpr size_t kPutters = 3, kEach = 200;
  WaitingQueue queue(4, WaitingQueue::kNoLimit);
  std::vector<uint64_t> taken;
  std::thread taker([&] {
    while (queue.wait()) {
      while (const auto request = queue.take()) {
        taken.push_back(request->id);
        queue.leave(*request);
      }
    }
  });
  const size_t close_after = Random(seed)() % (2 * kPutters * kEach);
  std::atomic<size_t> accepted{0}, removed{0};
  auto putters = start(kPutters, [&](size_t me) {
    for (size_t i = 1; i <= kEach; ++i) {
      if (queue.put(numbered(me * kEach + i)) != WaitingQueue::Put::kTaken) return;
      if (i % 7 == 0 && queue.remove(me * kEach + i)) ++removed;
      if (++accepted == close_after) queue.close();
    }
  });
  join(putters);
  queue.close();
  taker.join();
  expect(taken.size() + removed <= accepted, "more requests were taken than put", seed);
  std::map<uint64_t, uint64_t> last;
  for (const uint64_t id : taken) {
    uint64_t& before = last[(id - 1) / kEach];
    expect(id > before, "requests of one thread were taken out of order", seed);
    before = id;
  }
}

// Every event that is pushed before the loop ends is taken, in the order of its pusher.
void race_events(uint64_t seed) {
  constexpr size_t kPushers = 3, kEach = 300;
  Loop loop;
  std::vector<size_t> seen(kPushers);
  std::thread taker([&] {
    for (auto events = loop.take(); !events.empty(); events = loop.take()) {
      for (const Event& event : events) {
        const size_t count = std::get<TakenEvent>(event.body).prompt_tokens;
        expect(count == ++seen[event.request_id], "an event was lost or came out of order", seed);
      }
    }
  });
  const size_t end_after = Random(seed)() % (2 * kPushers * kEach);
  std::atomic<size_t> pushed{0};
  auto pushers = start(kPushers, [&](size_t me) {
    for (size_t i = 1; i <= kEach; ++i) {
      std::vector<Event> events;
      events.push_back({me, TakenEvent{0, i, {}}, i % 100 == 0});
      loop.push(std::move(events));
      if (++pushed == end_after) loop.end();
    }
  });
  join(pushers);
  loop.end();
  taker.join();
  if (end_after >= kPushers * kEach) {
    for (const size_t count : seen) expect(count == kEach, "an event was lost", seed);
  }
  loop.close();
  expect(!loop.close(), "a second close() did something", seed);
}

std::shared_ptr<Request> request_of(uint64_t id, Random& random) {
  auto request = numbered(id);
  switch (random() % 3) {
    case 0:
      request->prompt = TextPrompt{"hello"};
      break;
    case 1:
      request->prompt = ChatPrompt{"hello", ""};
      break;
    default:
      request->prompt = random() % 3 == 0 ? TokenIds{} : TokenIds{1, 2, 3};  // no ids: fails
  }
  request->config = {
      {"do_sample", false}, {"stop_strings", std::set<std::string>{}}, {"num_return_sequences", size_t{1}}};
  request->max_new_tokens = 1 + random() % 60;
  request->streams = random() % 4 != 0;
  request->tokens_awaited = random() % 2 == 0;
  if (random() % 3 == 0) request->text_rules.stop_strings = {"lmn"};
  request->priority = static_cast<int>(random() % 3) - 1;
  return request;
}

// What the events of one pipeline say, as they are taken.
struct Seen {
  std::atomic<size_t> tokens{0}, ended{0};
  std::map<uint64_t, size_t> tokens_of, ends_of;
  uint64_t seed = 0;

  void operator()(const Event& event) {
    const uint64_t id = event.request_id;
    if (std::holds_alternative<TokensEvent>(event.body)) {
      expect(ends_of[id] == 0, "tokens came after the end", seed);
      ++tokens_of[id];
      ++tokens;
    } else if (std::holds_alternative<TakenEvent>(event.body)) {
      expect(tokens_of[id] == 0 && ends_of[id] == 0, "a request was taken late", seed);
    } else {
      expect(++ends_of[id] == 1, "a request, or the load, ended twice", seed);
      ++ended;
    }
  }
};

// Batching for every other seed.
std::shared_ptr<Worker> worker_of(const std::string& model, uint64_t seed, Worker::Emit emit) {
  const LoadOptions load{model, "CPU", {}};
  if (seed % 2 == 0) {
    return std::make_shared<Worker>([load] { return std::make_unique<LlmEngine>(load); }, 1,
                                    WaitingQueue::kNoLimit, std::move(emit));
  }
  const ov::genai::SchedulerConfig scheduler;
  return std::make_shared<Worker>(
      [load, scheduler] { return std::make_unique<BatchingEngine>(load, scheduler); }, 5,
      WaitingQueue::kNoLimit, std::move(emit));
}

// One life of a pipeline. The close comes at a random moment: while it loads, between tokens, or when all is
// done.
void race_pipeline(const std::string& model, uint64_t seed) {
  constexpr size_t kSubmitters = 3, kEach = 4;
  Random random(seed);
  const bool close_late = seed % 3 == 0;
  const size_t close_after_tokens = random() % 120;
  Loop loop;
  Seen seen;
  seen.seed = seed;
  auto worker = worker_of(model, seed, [&loop](std::vector<Event> events) { loop.push(std::move(events)); });
  std::thread taker([&] {
    for (auto events = loop.take(); !events.empty(); events = loop.take()) {
      for (const Event& event : events) seen(event);
    }
  });
  std::atomic<size_t> accepted{0};
  std::atomic<bool> submitting{true};
  auto submitters = start(kSubmitters, [&](size_t me) {
    Random mine(seed * 100 + me);
    for (size_t i = 1; i <= kEach; ++i) {
      const uint64_t id = me * kEach + i;
      if (worker->submit(request_of(id, mine)) == WaitingQueue::Put::kTaken) ++accepted;
      if (mine() % 3 == 0) worker->cancel(1 + mine() % (kSubmitters * kEach));
    }
  });
  auto closers = start(2, [&](size_t me) {
    const auto moment = [&] {
      if (close_late) return !submitting && seen.ended == accepted + 1;
      return seen.tokens >= close_after_tokens || (!submitting && seen.ended == accepted + 1);
    };
    while (!moment()) {
      worker->cancel(me);  // nobody has the id 0; the id 1 is somebody's
      expect(worker->produced_tokens() < 1'000'000, "the counter of tokens is off", seed);
      std::this_thread::yield();
    }
    worker->close();
    worker->join();
  });
  join(submitters);
  submitting = false;
  join(closers);
  loop.end();
  taker.join();
  loop.close();
  if (close_late) expect(seen.ended == accepted + 1, "not every request ended", seed);
  worker.reset();
  expect(LiveCount<Engine>::now() == 0, "an engine outlives its worker", seed);
  expect(LiveCount<Request>::now() == 0, "a request outlives its worker", seed);
  std::printf("seed %llu: %zu tokens, %zu of %zu requests ended\n", static_cast<unsigned long long>(seed),
              seen.tokens.load(), seen.ended.load() - 1, accepted.load());
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  const uint64_t first = std::strtoull(argv[1], nullptr, 10);
  const uint64_t rounds = std::strtoull(argv[2], nullptr, 10);
  for (uint64_t seed = first; seed < first + rounds; ++seed) {
    for (uint64_t i = 0; i < 20; ++i) {
      race_queue(seed * 20 + i);
      race_events(seed * 20 + i);
    }
    if (argc > 3) race_pipeline(argv[3], seed);
  }
  std::printf("%llu rounds, %d failures\n", static_cast<unsigned long long>(rounds), failures.load());
  return failures == 0 ? 0 : 1;
}
