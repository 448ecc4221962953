// slotted: slot * randint(0, 2^min(k, doublings) - 1).
// Source: Ethernet's truncated binary exponential backoff (IEEE 802.3, clause 4.2.3.2.5): doublings 10.
// How it fails: the capture effect: a winner starts again at k = 0 and so draws from fewer slots than the losers.
#pragma once

#include "core/backoff/strategy.h"

namespace paxoscope {

// Parameters: slot > 0, doublings 1 .. 30, reset.
class Slotted final : public CountingStrategy {
 public:
  explicit Slotted(Parameters parameters)
      : CountingStrategy(std::move(parameters)),
        slot_(parameters_.positive_duration("slot")),
        doublings_(parameters_.count("doublings", 1, 30)) {
    attempts_.limit(doublings_);
  }

  Nanos wait(std::uint32_t k, const RetryContext& context, Random& random) const override {
    const std::uint64_t slots = std::uint64_t{1} << std::min(k, doublings_);
    return clamp_wait(WideNanos{slot_.of(context.round_trip)} * random.below(slots));
  }

 private:
  Duration slot_;
  std::uint32_t doublings_;
};

}  // namespace paxoscope
