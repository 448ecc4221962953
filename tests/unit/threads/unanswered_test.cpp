// Unanswered against a plain count for each acceptor.
#include "core/threads/unanswered.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "core/random.h"

namespace paxoscope {
namespace {

TEST(Unanswered, IsWhatWasSentAndNotYetSettled) {
  int met_crowded = 0, met_free = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    Random random(seed);
    const std::size_t acceptors = 1 + random.below(7);
    const auto max = static_cast<std::uint32_t>(1 + random.below(20));
    Unanswered unanswered(acceptors, max);
    std::vector<std::uint64_t> open(acceptors);
    for (int step = 0; step < 2'000; ++step) {
      const bool crowded = std::any_of(open.begin(), open.end(), [&](std::uint64_t count) { return count >= max; });
      ++(crowded ? met_crowded : met_free);
      ASSERT_EQ(unanswered.any_crowded(), crowded) << "seed " << seed;
      if (random.below(2) == 0) {  // a broadcast, to those that are not crowded
        for (std::size_t a = 0; a < acceptors; ++a) {
          ASSERT_EQ(unanswered.crowded(a), open[a] >= max);
          open[a] >= max ? unanswered.settle(a) : (void)++open[a];
        }
        unanswered.sent();
      } else if (const std::size_t a = random.below(acceptors); open[a] > 0) {
        --open[a];
        unanswered.settle(a);
      }
      for (std::size_t a = 0; a < acceptors; ++a) ASSERT_EQ(unanswered.by(a), open[a]);
    }
  }
  EXPECT_GT(met_crowded, 1'000);
  EXPECT_GT(met_free, 1'000);
}

}  // namespace
}  // namespace paxoscope
