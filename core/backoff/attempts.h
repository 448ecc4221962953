// k: how often this client was preempted since its memory was last reset, and when that happens.
#pragma once

#include <cstdint>
#include <limits>

namespace paxoscope {

enum class Reset {
  never,
  win,      // to 0 when an instance is decided with our own value
  decided,  // to 0 when an instance is over, whoever won it
  step,     // back by one when an instance is decided with our own value
};

// A plain value; not thread-safe.
class Attempts {
 public:
  explicit constexpr Attempts(Reset reset) : reset_(reset) {}

  // k never rises above `limit`.
  constexpr void limit(std::uint32_t limit) { limit_ = limit; }

  // Counts one more preemption and returns k, now 1 .. limit.
  constexpr std::uint32_t count() {
    k_ += k_ < limit_ ? 1 : 0;
    return k_;
  }

  constexpr void on_decided(bool won) {
    if (reset_ == Reset::step) {
      k_ -= won && k_ > 0 ? 1 : 0;
    } else if (resets(reset_, won)) {
      k_ = 0;
    }
  }

  constexpr void forget() { k_ = 0; }
  constexpr std::uint32_t k() const { return k_; }

  // Whether all memory goes when an instance ends. Also for strategies whose memory is not a count.
  static constexpr bool resets(Reset reset, bool won) {
    return reset == Reset::decided || (reset == Reset::win && won);
  }

 private:
  Reset reset_;
  std::uint32_t limit_ = std::numeric_limits<std::uint32_t>::max();
  std::uint32_t k_ = 0;
};

}  // namespace paxoscope
