// Who may enter a key-value cache of a fixed size. Where it runs out while blocks are shared, by prompts that
// begin alike or by the sequences of one request, GenAI gives tokens of one request to another, or ends the
// process. So where blocks can be shared, a request enters if it fits at its full length, or alone. Worker
// thread.
#pragma once

#include <cstddef>

namespace openvino_llm {

class KvBudget {
 public:
  // Tokens in a block on CPUs.
  static constexpr size_t kBlockSize = 32;

  struct Need {
    size_t blocks;
    bool shares;  // has several sequences
  };

  // blocks: in the whole cache; 0 where it grows as needed, and everybody fits.
  KvBudget(size_t blocks, bool shares_prefixes) : blocks_(blocks), shares_prefixes_(shares_prefixes) {}

  // tokens: of prompt and answer at most, in each sequence. One that is too large for the cache fills it.
  Need need(size_t tokens, size_t sequences) const {
    const size_t blocks = (tokens + kBlockSize - 1) / kBlockSize;
    return {blocks > blocks_ / sequences ? blocks_ : blocks * sequences, sequences > 1};
  }

  bool fits(const Need& need) const {
    if (blocks_ == 0 || inside_ == 0) return true;
    if (!shares_prefixes_ && sharing_ == 0 && !need.shares) return true;  // GenAI itself makes room
    return taken_ + need.blocks <= blocks_;
  }

  void enter(const Need& need) {
    ++inside_;
    sharing_ += need.shares;
    taken_ += need.blocks;
  }

  // Its blocks are free after the next step.
  void leave(const Need& need) {
    ++leaving_.inside;
    leaving_.sharing += need.shares;
    leaving_.taken += need.blocks;
  }

  // A step has been taken.
  void stepped() {
    inside_ -= leaving_.inside;
    sharing_ -= leaving_.sharing;
    taken_ -= leaving_.taken;
    leaving_ = {};
  }

 private:
  struct Leaving {
    size_t inside = 0, sharing = 0, taken = 0;
  };

  size_t blocks_;
  bool shares_prefixes_;
  size_t inside_ = 0, sharing_ = 0, taken_ = 0;
  Leaving leaving_;
};

}  // namespace openvino_llm
