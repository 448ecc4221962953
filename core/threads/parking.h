// Puts a thread to sleep until it is woken or a time is up, without ever losing a wake-up.
//
// The protocol: the sleeper *announces* (exchange to `parked`), then looks at its mailboxes once more, then sleeps. A
// waker first makes its message visible, then exchanges the state to `awake`, and signals if it was `parked`. Both
// exchanges are read-modify-writes of one atomic, so one comes first: if the waker's does, the sleeper's acquires it
// and its second look finds the message; if the sleeper's does, the waker sees `parked` and signals.
// tests/threads/parking_test.cpp explores every interleaving of a model of this, with a broken one as a control.
#pragma once

#include <concurrentqueue.h>  // lightweightsemaphore.h needs it and does not say so
#include <lightweightsemaphore.h>

#include <atomic>
#include <cstdint>

#include "core/nanos.h"

namespace paxoscope {

// One sleeper, any number of wakers.
class Parking {
 public:
  // `can_park` false: the owner never parks (it spins or yields), and wake() costs nothing.
  explicit Parking(bool can_park) : can_park_(can_park) {}

  bool can_park() const { return can_park_; }

  // Sleeper: from here on a waker signals. Follow with another look, then park() or cancel().
  void announce() { state_.exchange(kParked, std::memory_order_acq_rel); }

  // Sleeper: the second look found something.
  void cancel() {
    // Whoever set it to awake has signalled, or is about to: take that signal, so that it wakes no later sleep.
    if (state_.exchange(kAwake, std::memory_order_acq_rel) == kAwake) semaphore_.wait();
  }

  // Sleeper: returns when woken, or after `nanos`.
  void park(Nanos nanos) {
    if (!semaphore_.wait(nanos / 1'000 + 1)) cancel();
  }

  // Any thread, after its message is visible in the queue.
  void wake() {
    if (!can_park_) return;
    if (state_.exchange(kAwake, std::memory_order_acq_rel) == kParked) semaphore_.signal();
  }

 private:
  static constexpr std::uint32_t kAwake = 0, kParked = 1;
  const bool can_park_;
  alignas(64) std::atomic<std::uint32_t> state_{kAwake};
  moodycamel::LightweightSemaphore semaphore_{0, 0};  // no spinning of its own: the idle strategy has spun already
};

}  // namespace paxoscope
