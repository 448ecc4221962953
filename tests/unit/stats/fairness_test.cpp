#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

#include "core/stats/jain.h"
#include "core/stats/streak.h"

namespace paxoscope {
namespace {

using Wins = std::vector<std::uint64_t>;

TEST(Jain, EqualSharesAreFairAndOneWinnerIsOneOverN) {
  EXPECT_DOUBLE_EQ(jain_index(Wins{7, 7, 7, 7}), 1.0);
  EXPECT_DOUBLE_EQ(jain_index(Wins{0, 0, 9, 0, 0}), 0.2);
  EXPECT_DOUBLE_EQ(jain_index(Wins{3}), 1.0);
}

// Section 2 of the paper: if k of n users share equally and the others get nothing, the index is k / n.
TEST(Jain, FavouringKOfNGivesKOverN) {
  for (std::size_t n = 1; n <= 20; ++n) {
    for (std::size_t k = 1; k <= n; ++k) {
      std::vector<double> shares(n, 0.0);
      for (std::size_t i = 0; i < k; ++i) shares[i] = 2.5;
      EXPECT_NEAR(jain_index(shares), static_cast<double>(k) / static_cast<double>(n), 1e-12);
    }
  }
}

TEST(Jain, DoesNotDependOnTheUnit) {
  EXPECT_DOUBLE_EQ(jain_index(Wins{1, 2, 3}), jain_index(Wins{1'000, 2'000, 3'000}));
  EXPECT_DOUBLE_EQ(jain_index(Wins{1, 2, 3}), 36.0 / 42.0);
}

TEST(Jain, NothingToShareOutFavoursNobody) {
  EXPECT_EQ(jain_index(Wins{}), 1.0);
  EXPECT_EQ(jain_index(Wins{0, 0}), 1.0);
}

TEST(TopShare, IsTheLargestPartOfAll) {
  EXPECT_DOUBLE_EQ(top_share(Wins{1, 6, 1}), 0.75);
  EXPECT_EQ(top_share(Wins{0, 0}), 0.0);
  EXPECT_EQ(top_share(Wins{}), 0.0);
}

TEST(LosingStreak, IsTheLongestRunOfLossesEvenIfStillGoingOn) {
  LosingStreak streak;
  EXPECT_EQ(streak.longest(), 0U);
  for (const bool lost : {true, true, false, true, true, true, false, true}) streak.record(lost);
  EXPECT_EQ(streak.longest(), 3U);
  EXPECT_EQ(streak.current(), 1U);
  for (int i = 0; i < 3; ++i) streak.record(true);
  EXPECT_EQ(streak.longest(), 4U);
}

}  // namespace
}  // namespace paxoscope
