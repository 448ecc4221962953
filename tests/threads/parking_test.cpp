// No wake-up is lost and no signal is left over: every interleaving of a model of core/threads/parking.h, with broken
// protocols as a control that the exploration can see; then the real thing under load.
#include "core/threads/parking.h"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <latch>
#include <set>
#include <string>
#include <thread>
#include <tuple>
#include <vector>

namespace paxoscope {
namespace {

// How the model differs from parking.h.
struct Variant {
  bool announces_late = false;      // looks a second time before it announces
  bool wakes_in_two_steps = false;  // reads the state, and sets it later, instead of an exchange
  bool signals_early = false;       // wakes before its message is visible
  bool forgets_signal = false;      // cancel does not take the signal of a waker that was faster
  bool times_out = false;           // a sleep may end by itself at any time
};

enum class Sleeper : std::uint8_t { look, announce, second_look, cancel, asleep, take_signal, done };
enum class Waker : std::uint8_t { put, exchange, set, signal, late_put, done };

struct State {
  static constexpr std::size_t kWakers = 2;
  Sleeper sleeper = Sleeper::look;
  std::array<Waker, kWakers> wakers{};
  std::array<std::uint8_t, kWakers> left{};  // messages that each has still to send
  std::uint8_t box = 0, to_come = 0, semaphore = 0;
  bool parked = false;
  auto operator<=>(const State&) const = default;
};

class Exploration {
 public:
  explicit Exploration(const Variant& variant) : variant_(variant) {
    State start;
    start.left = {2, 2};
    start.to_come = 4;
    for (Waker& waker : start.wakers) waker = first();
    visit(start);
  }

  std::size_t states() const { return seen_.size(); }
  const std::string& fault() const { return fault_; }

 private:
  Waker first() const { return variant_.signals_early ? Waker::exchange : Waker::put; }

  void visit(const State& state) {
    if (!seen_.insert(state).second) return;
    bool moved = step_sleeper(state);
    for (std::size_t i = 0; i < State::kWakers; ++i) moved |= step_waker(state, i);
    if (moved || !fault_.empty()) return;
    if (state.sleeper != Sleeper::done)
      fault_ = "asleep for ever, a message waits";
    else if (state.semaphore != 0)
      fault_ = "a signal is left over";
  }

  bool step_sleeper(State s) {
    const auto consume = [&] {
      --s.to_come;
      --s.box;
    };
    switch (s.sleeper) {
      case Sleeper::look:
        if (s.box > 0) {
          consume();
        } else {
          s.sleeper = s.to_come == 0            ? Sleeper::done
                      : variant_.announces_late ? Sleeper::second_look
                                                : Sleeper::announce;
        }
        break;
      case Sleeper::announce:
        s.parked = true;
        s.sleeper = variant_.announces_late ? Sleeper::asleep : Sleeper::second_look;
        break;
      case Sleeper::second_look:
        if (s.box > 0) {
          consume();
          s.sleeper = variant_.announces_late ? Sleeper::look : Sleeper::cancel;
        } else {
          s.sleeper = variant_.announces_late ? Sleeper::announce : Sleeper::asleep;
        }
        break;
      case Sleeper::cancel:
        s.sleeper = s.parked || variant_.forgets_signal ? Sleeper::look : Sleeper::take_signal;
        s.parked = false;
        break;
      case Sleeper::asleep:
        if (variant_.times_out) {
          State woken = s;
          woken.sleeper = Sleeper::cancel;
          visit(woken);
        }
        [[fallthrough]];
      case Sleeper::take_signal:
        if (s.semaphore == 0) return s.sleeper == Sleeper::asleep && variant_.times_out;
        --s.semaphore;
        s.sleeper = Sleeper::look;
        break;
      case Sleeper::done: return false;
    }
    visit(s);
    return true;
  }

  bool step_waker(State s, std::size_t i) {
    const auto next_message = [&] { s.wakers[i] = --s.left[i] == 0 ? Waker::done : first(); };
    const auto woken = [&] {
      if (variant_.signals_early) {
        s.wakers[i] = Waker::late_put;
      } else {
        next_message();
      }
    };
    switch (s.wakers[i]) {
      case Waker::put:
        ++s.box;
        s.wakers[i] = Waker::exchange;
        break;
      case Waker::exchange:
        if (variant_.wakes_in_two_steps) {
          s.wakers[i] = Waker::set;
          if (!s.parked) woken();
        } else if (s.parked) {
          s.parked = false;
          s.wakers[i] = Waker::signal;
        } else {
          woken();
        }
        break;
      case Waker::set:
        s.parked = false;
        s.wakers[i] = Waker::signal;
        break;
      case Waker::signal:
        ++s.semaphore;
        woken();
        break;
      case Waker::late_put:
        ++s.box;
        next_message();
        break;
      case Waker::done: return false;
    }
    visit(s);
    return true;
  }

  Variant variant_;
  std::set<State> seen_;
  std::string fault_;
};

TEST(ParkingModel, LosesNoWakeUpAndLeavesNoSignalInAnyInterleaving) {
  for (const bool times_out : {false, true}) {
    const Exploration exploration({.times_out = times_out});
    EXPECT_EQ(exploration.fault(), "");
    EXPECT_GT(exploration.states(), 500U);
  }
}

TEST(ParkingModel, SeesWhatGoesWrongInBrokenProtocols) {
  EXPECT_EQ(Exploration({.announces_late = true}).fault(), "asleep for ever, a message waits");
  EXPECT_EQ(Exploration({.signals_early = true}).fault(), "asleep for ever, a message waits");
  EXPECT_NE(Exploration({.wakes_in_two_steps = true}).fault(), "");
  EXPECT_EQ(Exploration({.forgets_signal = true}).fault(), "a signal is left over");
  EXPECT_NE(Exploration({.forgets_signal = true, .times_out = true}).fault(), "");
}

// The sleeper of worker.h in short: looks, announces, looks again, parks.
TEST(Parking, DeliversEveryMessageUnderLoad) {
  constexpr int kWakers = 3, kMessages = 1'500;
  constexpr Nanos kLong = 20 * kSecond;  // a lost wake-up shows as a sleep of this length with a message in the box
  Parking parking(true);
  std::latch first_park(1);  // nothing is sent before it, so that there is one
  std::atomic<int> box{0};
  int taken = 0, parks = 0, lost = 0;
  std::thread sleeper([&] {
    while (taken < kWakers * kMessages) {
      taken += box.exchange(0, std::memory_order_acquire);
      parking.announce();
      const int found = box.exchange(0, std::memory_order_acquire);
      taken += found;
      if (found > 0 || taken == kWakers * kMessages) {
        parking.cancel();
        continue;
      }
      const auto begin = std::chrono::steady_clock::now();
      // Now and then a short sleep, so that timeouts race with wake-ups.
      const bool brief = ++parks % 8 == 0;
      if (parks == 1) first_park.count_down();
      parking.park(brief ? 1'000 : kLong);
      lost += static_cast<int>(!brief && std::chrono::steady_clock::now() - begin >= std::chrono::nanoseconds(kLong));
    }
  });
  std::vector<std::thread> wakers;
  for (int w = 0; w < kWakers; ++w) {
    wakers.emplace_back([&, w] {
      first_park.wait();
      for (int i = 0; i < kMessages; ++i) {
        box.fetch_add(1, std::memory_order_release);
        parking.wake();
        if ((i + w) % 7 == 0) std::this_thread::yield();
      }
    });
  }
  for (std::thread& waker : wakers) waker.join();
  sleeper.join();
  EXPECT_EQ(taken, kWakers * kMessages);
  EXPECT_EQ(lost, 0);
  EXPECT_GT(parks, 0);
}

TEST(Parking, AWakeUpBeforeTheAnnouncementDoesNotDisturbTheNextSleep) {
  Parking parking(true);
  for (int i = 0; i < 100; ++i) {
    for (int k = 0; k < 3; ++k) parking.wake();  // nobody sleeps
    parking.announce();
    parking.wake();
    parking.wake();  // one signal, not two
    parking.park(20 * kSecond);
    parking.announce();
    parking.wake();
    parking.cancel();  // takes the signal
    parking.announce();
    parking.park(1'000);  // by its own time: nothing is left to wake it, and it returns
  }
}

}  // namespace
}  // namespace paxoscope
