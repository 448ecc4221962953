// yield: give the core away `yields` times, then retry. In virtual time there is no core, and this equals none.
// Source: compare-and-swap retry loops around sched_yield.
// How it fails: it measures the operating system's scheduler.
#pragma once

#include "core/backoff/strategy.h"

namespace paxoscope {

// Parameters: yields, 1 .. 1000000.
class Yield final : public Strategy {
 public:
  explicit Yield(Parameters parameters)
      : Strategy(std::move(parameters)), yields_(parameters_.count("yields", 1, 1'000'000)) {}

  Retry on_preempted(const RetryContext&, Random&) override { return {.yields = yields_}; }

 private:
  std::uint32_t yields_;
};

}  // namespace paxoscope
