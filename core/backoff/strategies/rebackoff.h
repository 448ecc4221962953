// rebackoff: U(0, 1] * 2^k * unit, k at most `doublings`, and k - 1 (not 0) on success.
// Source: Tennage et al., "Baxos: Backing off for Robust and Efficient Consensus", arXiv 2204.10934 (REBackoff):
// unit 2R, which is one round of Paxos, and k at most 10.
// How it fails: grows fast, up to 2048R; needs to know R.
#pragma once

#include "core/backoff/strategy.h"

namespace paxoscope {

// Parameters: unit > 0, doublings 1 .. 30, reset.
class Rebackoff final : public CountingStrategy {
 public:
  explicit Rebackoff(Parameters parameters)
      : CountingStrategy(std::move(parameters)),
        unit_(parameters_.positive_duration("unit")),
        doublings_(parameters_.count("doublings", 1, 30)) {
    attempts_.limit(doublings_);
  }

  Nanos wait(std::uint32_t k, const RetryContext& context, Random& random) const override {
    const Nanos longest = doubled(unit_.of(context.round_trip), std::min(k, doublings_), kLongestWait);
    return longest == 0 ? 0 : draw_wait(random, 1, longest);
  }

 private:
  Duration unit_;
  std::uint32_t doublings_;
};

}  // namespace paxoscope
