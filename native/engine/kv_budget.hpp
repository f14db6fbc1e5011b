// Admission to a key-value cache of a fixed size: a request that fits at its full length, or one alone.
// Where the cache runs out among several, GenAI makes room by taking blocks from some of them; when all
// that are left have lost every block, it reads outside its list of requests and ends the process, and
// where blocks are shared it gives tokens of one request to another. So it never has to make room. Worker
// thread.
#pragma once

#include <cstddef>

namespace openvino_llm {

class KvBudget {
 public:
  // Tokens in a block on CPUs.
  static constexpr size_t kBlockSize = 32;

  // blocks: in the whole cache; 0 where it grows as needed, and everybody fits.
  explicit KvBudget(size_t blocks) : blocks_(blocks) {}

  // Blocks of a request. tokens: of prompt and answer at most, in each sequence. One that is too large for
  // the cache fills it.
  size_t need(size_t tokens, size_t sequences) const {
    const size_t blocks = (tokens + kBlockSize - 1) / kBlockSize;
    return blocks > blocks_ / sequences ? blocks_ : blocks * sequences;
  }

  bool fits(size_t need) const { return taken_ + need <= blocks_; }
  void enter(size_t need) { taken_ += need; }

  // Its blocks are free after the next step.
  void leave(size_t need) { leaving_ += need; }

  // A step has been taken.
  void stepped() {
    taken_ -= leaving_;
    leaving_ = 0;
  }

 private:
  size_t blocks_;
  size_t taken_ = 0, leaving_ = 0;
};

}  // namespace openvino_llm
