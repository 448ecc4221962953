// ranked: rank * slot. Rank 0 retries at once, everyone else leaves room for those before it.
// Source: leader election by priority.
// How it fails: unfair by design; needs to know every proposer's rank.
#pragma once

#include "core/backoff/strategy.h"

namespace paxoscope {

// Parameters: slot > 0.
class Ranked final : public Strategy {
 public:
  explicit Ranked(Parameters parameters)
      : Strategy(std::move(parameters)), slot_(parameters_.positive_duration("slot")) {}

  Retry on_preempted(const RetryContext& context, Random&) override {
    return {.wait = clamp_wait(WideNanos{slot_.of(context.round_trip)} * context.rank)};
  }

 private:
  Duration slot_;
};

}  // namespace paxoscope
