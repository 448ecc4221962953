// random_rank: no wait; the next ballot number grows by U{1 .. most} instead of by 1.
// Source: CorfuDB, pull request 3476, against livelock of failure detectors that run in step.
// How it fails: the interesting counter-example: who wins a round is now random, but everybody still retries at once.
#pragma once

#include "core/backoff/strategy.h"

namespace paxoscope {

// Parameters: most, 1 .. 1000000; 1 is the same as none.
class RandomRank final : public Strategy {
 public:
  explicit RandomRank(Parameters parameters)
      : Strategy(std::move(parameters)), most_(parameters_.count("most", 1, 1'000'000)) {}

  Retry on_preempted(const RetryContext&, Random& random) override { return {.ballot_skip = random.below(most_)}; }

 private:
  std::uint32_t most_;
};

}  // namespace paxoscope
