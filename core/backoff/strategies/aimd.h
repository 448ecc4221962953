// aimd: U(0, w). Preempted: first w = min(cap, 2w). Success: w = max(min, w - decrease). w starts at min.
// Source: TCP's congestion window (Chiu and Jain, 1989), turned round as the time-out of "Paxos Made Moderately
// Complex" (van Renesse and Altinbuken, 2015): multiplied when preempted, lessened by a constant on success.
// How it fails: the winner keeps a small w and goes on winning.
#pragma once

#include "core/backoff/strategy.h"

namespace paxoscope {

// Parameters: min > 0, cap >= min, decrease > 0. Success is an instance decided with our own value.
class Aimd final : public Strategy {
 public:
  explicit Aimd(Parameters parameters)
      : Strategy(std::move(parameters)),
        min_(parameters_.positive_duration("min")),
        cap_(parameters_.duration_from("cap", "min", min_)),
        decrease_(parameters_.positive_duration("decrease")) {}

  Retry on_preempted(const RetryContext& context, Random& random) override {
    window_ = doubled(std::max(window_, min_.of(context.round_trip)), 1, cap_.of(context.round_trip));
    return {.wait = draw_wait(random, 0, window_)};
  }

  void on_decided(const RetryContext& context, bool won) override {
    if (won) {
      window_ = std::max<Nanos>(0, window_ - decrease_.of(context.round_trip));
    }
  }

  void forget() override { window_ = 0; }

 private:
  Duration min_;
  Duration cap_;
  Duration decrease_;
  Nanos window_ = 0;  // w; anything below min stands for min
};

}  // namespace paxoscope
