// fixed_window: U(0, window).
// Source: Cassandra's first lightweight transactions (up to 100 ms), ScyllaDB, phxpaxos.
// How it fails: one window for every number of proposers: too long for two, too short for many.
#pragma once

#include "core/backoff/strategy.h"

namespace paxoscope {

// Parameters: window >= 0, so that a sweep may begin at none.
class FixedWindow final : public Strategy {
 public:
  explicit FixedWindow(Parameters parameters)
      : Strategy(std::move(parameters)), window_(parameters_.duration("window")) {}

  Retry on_preempted(const RetryContext& context, Random& random) override {
    return {.wait = draw_wait(random, 0, window_.of(context.round_trip))};
  }

 private:
  Duration window_;
};

}  // namespace paxoscope
