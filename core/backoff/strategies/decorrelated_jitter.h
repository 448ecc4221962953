// decorrelated_jitter: s = min(cap, U(base, 3s)); s starts at base.
// Source: Marc Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
// How it fails: s is a random walk that remembers bad luck; some clients starve.
#pragma once

#include "core/backoff/strategy.h"

namespace paxoscope {

// Parameters: base > 0, cap >= base, reset = never, win or decided (there is no k to step back).
class DecorrelatedJitter final : public Strategy {
 public:
  explicit DecorrelatedJitter(Parameters parameters)
      : Strategy(std::move(parameters)),
        base_(parameters_.positive_duration("base")),
        cap_(parameters_.duration_from("cap", "base", base_)),
        reset_(static_cast<Reset>(parameters_.choice("reset", {"never", "win", "decided"}))) {}

  Retry on_preempted(const RetryContext& context, Random& random) override {
    const Nanos base = base_.of(context.round_trip);
    const Nanos last = std::max(base, last_);
    last_ = std::min(cap_.of(context.round_trip), draw_wait(random, base, 3 * last));
    return {.wait = last_};
  }

  void on_decided(const RetryContext&, bool won) override {
    if (Attempts::resets(reset_, won)) {
      last_ = 0;
    }
  }

  void forget() override { last_ = 0; }

 private:
  Duration base_;
  Duration cap_;
  Reset reset_;
  Nanos last_ = 0;  // s; anything below base stands for base
};

}  // namespace paxoscope
