// What a thread does when a look at all its mailboxes found nothing: spin, yield or park, as interchangeable
// strategies of one shape. bench/benchmarks/wait_bench.cpp compares them; the README says what it measured.
#pragma once

#include <cstdint>
#include <thread>

namespace paxoscope {

enum class WaitKind : std::uint8_t {
  spin,   // never gives the core away: the shortest reaction, sensible only with a core for every thread
  yield,  // spins a little, then gives the core to whoever else is ready
  park,   // spins, yields, then sleeps until it is woken
};

inline void cpu_relax() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#endif
}

class Idle {
 public:
  // `spins`, `yields`: fruitless looks before the next, more patient way to wait.
  Idle(WaitKind kind, std::uint32_t spins, std::uint32_t yields) : kind_(kind), spins_(spins), yields_(yields) {}

  // Another fruitless look. True when the thread should park now.
  bool step() {
    ++looks_;
    if (kind_ == WaitKind::spin || looks_ <= spins_) {
      cpu_relax();
      return false;
    }
    if (kind_ == WaitKind::yield || looks_ <= spins_ + yields_) {
      std::this_thread::yield();
      return false;
    }
    return true;
  }

  void reset() { looks_ = 0; }

 private:
  WaitKind kind_;
  std::uint32_t spins_;
  std::uint32_t yields_;
  std::uint32_t looks_ = 0;
};

}  // namespace paxoscope
