// Each strategy without memory of its own, or with nothing but k, against its formula: exactly where it draws nothing,
// and otherwise by its bounds and by the Kolmogorov-Smirnov test with fixed seeds.
#include <functional>
#include <limits>

#include "tests/unit/backoff/support.h"

namespace paxoscope::backoff_test {
namespace {

constexpr int kDraws = 20'000;

// Every draw lies in low .. high, they come near both ends, and they are uniform between.
void expect_uniform(Nanos low, Nanos high, const std::function<Nanos()>& draw) {
  std::vector<Nanos> draws;
  for (int i = 0; i < kDraws; ++i) {
    draws.push_back(draw());
  }
  EXPECT_GE(*std::min_element(draws.begin(), draws.end()), low);
  EXPECT_LE(*std::max_element(draws.begin(), draws.end()), high);
  EXPECT_LT(uniform_distance(draws, low, high), kOneInAThousand) << low << " .. " << high;
}

// Exponential, the base of the jitters: min(8R, R * 2^k).
Nanos e(std::uint32_t k) {
  return std::min(8 * kR, kR << std::min(k, 10U));
}

TEST(None, NeverWaits) {
  Random random(1);
  const Retry retry = strategy("none")->on_preempted(context(), random);
  EXPECT_EQ(retry.wait, 0);
  EXPECT_EQ(retry.yields, 0U);
  EXPECT_EQ(retry.ballot_skip, 0U);
}

TEST(Yield, GivesTheCoreAwayWithoutWaiting) {
  Random random(1);
  EXPECT_EQ(strategy("yield")->on_preempted(context(), random).yields, 1U);
  const Retry retry = strategy("yield:yields=3")->on_preempted(context(), random);
  EXPECT_EQ(retry.wait, 0);
  EXPECT_EQ(retry.yields, 3U);
}

TEST(Constant, WaitsTheSameEveryTime) {
  Random random(1);
  const auto constant = strategy("constant:wait=2.5R");
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(constant->on_preempted(context(), random).wait, 25'000);
  }
  EXPECT_EQ(strategy("constant:wait=20us")->on_preempted(context(7), random).wait, 20'000);
}

TEST(Linear, IsStepTimesKUpToTheCap) {
  Random random(1);
  const auto linear = strategy("linear");
  for (std::uint32_t k = 1; k <= 40; ++k) {
    EXPECT_EQ(wait_after(*linear, k, random), std::min<Nanos>(8 * kR, k * kR / 2));
  }
}

TEST(Exponential, DoublesUpToTheCap) {
  Random random(1);
  const auto exponential = strategy("exponential:base=3us,cap=100us");
  const Nanos waits[] = {6'000, 12'000, 24'000, 48'000, 96'000, 100'000, 100'000};
  for (std::uint32_t k = 1; k <= 7; ++k) {
    EXPECT_EQ(wait_after(*exponential, k, random), waits[k - 1]);
  }
}

TEST(Exponential, ACapBelowTheBaseInThisRunStillBounds) {  // base=1R, cap=1us has no order before R is known
  Random random(1);
  EXPECT_EQ(wait_after(*strategy("exponential:base=1R,cap=1us"), 1, random), 1'000);
}

TEST(FullJitter, IsUniformFromZeroToE) {
  Random random(5);
  const auto jitter = strategy("full_jitter");
  for (const std::uint32_t k : {1U, 2U, 3U, 50U}) {
    expect_uniform(0, e(k), [&] { return wait_after(*jitter, k, random); });
  }
}

TEST(EqualJitter, IsUniformOverTheUpperHalfOfE) {
  Random random(6);
  const auto jitter = strategy("equal_jitter");
  for (const std::uint32_t k : {1U, 2U, 3U, 50U}) {
    expect_uniform(e(k) / 2, e(k), [&] { return wait_after(*jitter, k, random); });
  }
}

TEST(FixedWindow, IsUniformOverTheWindow) {
  Random random(7);
  const auto window = strategy("fixed_window");
  expect_uniform(0, 5 * kR, [&] { return window->on_preempted(context(), random).wait; });
}

TEST(ProportionalJitter, IsWithinAFifthOfTheGrowingBase) {
  Random random(8);
  const auto jitter = strategy("proportional_jitter");
  double base = static_cast<double>(kR);
  for (std::uint32_t k = 1; k <= 12; ++k) {
    expect_uniform(static_cast<Nanos>(base * 0.8), static_cast<Nanos>(std::ceil(base * 1.2)),
                   [&] { return wait_after(*jitter, k, random); });
    base = std::min(base * 1.6, 50.0 * static_cast<double>(kR));
  }
}

TEST(ProportionalJitter, WithoutJitterIsTheBaseItself) {
  Random random(1);
  const auto exact = strategy("proportional_jitter:factor=2,jitter=0,cap=10R");
  const Nanos waits[] = {kR, 2 * kR, 4 * kR, 8 * kR, 10 * kR, 10 * kR};
  for (std::uint32_t k = 1; k <= 6; ++k) {
    EXPECT_EQ(wait_after(*exact, k, random), waits[k - 1]);
  }
}

TEST(Slotted, TakesEachOfItsSlotsEquallyOften) {
  Random random(9);
  const auto slotted = strategy("slotted:doublings=4");
  for (const std::uint32_t k : {1U, 2U, 4U, 9U}) {
    const std::size_t slots = std::size_t{1} << std::min(k, 4U);
    std::vector<int> counts(slots);
    for (int i = 0; i < kDraws; ++i) {
      const Nanos wait = wait_after(*slotted, k, random);
      ASSERT_EQ(wait % (2 * kR), 0);
      ASSERT_LT(wait / (2 * kR), static_cast<Nanos>(slots));
      ++counts[static_cast<std::size_t>(wait / (2 * kR))];
    }
    // Chi-square; 37.7 is its 99.9% point for 15 degrees of freedom, more than for any smaller number of slots.
    const double expected = static_cast<double>(kDraws) / static_cast<double>(slots);
    double chi_square = 0;
    for (const int count : counts) {
      chi_square += (count - expected) * (count - expected) / expected;
    }
    EXPECT_LT(chi_square, 37.7) << k;
  }
}

TEST(Rebackoff, IsUniformAboveZeroUpToTwoRoundsDoubled) {
  Random random(10);
  const auto rebackoff = strategy("rebackoff");
  for (const std::uint32_t k : {1U, 5U, 10U, 11U, 1'000U}) {
    expect_uniform(1, 2 * kR << std::min(k, 10U), [&] { return wait_after(*rebackoff, k, random); });
  }
}

TEST(Ranked, IsRankTimesSlot) {
  Random random(1);
  RetryContext at = context();
  at.proposers = 5;
  for (at.rank = 0; at.rank < 5; ++at.rank) {
    EXPECT_EQ(strategy("ranked")->on_preempted(at, random).wait, at.rank * (kR + kR / 2));
  }
}

TEST(Tdma, WaitsExactlyToTheNextStartOfItsOwnSlot) {
  Random random(11);
  const auto tdma = strategy("tdma");
  const Nanos slot = kR + kR / 2;
  for (int i = 0; i < 10'000; ++i) {
    RetryContext at = context();
    at.proposers = 1 + static_cast<std::uint32_t>(random.below(9));
    at.rank = static_cast<std::uint32_t>(random.below(at.proposers));
    at.now = static_cast<Nanos>(random.below(1'000'000'000)) - 500'000'000;
    const Nanos turn = slot * at.proposers;
    const Nanos wait = tdma->on_preempted(at, random).wait;
    EXPECT_GE(wait, 0);
    EXPECT_LT(wait, turn);
    EXPECT_EQ((at.now + wait - at.rank * slot) % turn, 0);
  }
}

TEST(Tdma, HoldsTheFirstAttemptBackOnlyWhenAsked) {
  Random random(1);
  RetryContext at = context();
  at.proposers = 2;
  at.now = 1;
  EXPECT_EQ(strategy("tdma")->before_first(at, random).wait, 0);
  EXPECT_EQ(strategy("tdma:first=slot")->before_first(at, random).wait, 3 * kR - 1);
}

TEST(RandomRank, RaisesTheNumberUniformlyAndNeverWaits) {
  Random random(12);
  const auto rank = strategy("random_rank");
  std::vector<Nanos> skips;
  for (int i = 0; i < kDraws; ++i) {
    const Retry retry = rank->on_preempted(context(), random);
    ASSERT_EQ(retry.wait, 0);
    ASSERT_LT(retry.ballot_skip, 1'000U);
    skips.push_back(static_cast<Nanos>(retry.ballot_skip));
  }
  EXPECT_EQ(*std::min_element(skips.begin(), skips.end()), 0);
  EXPECT_EQ(*std::max_element(skips.begin(), skips.end()), 999);
  EXPECT_LT(uniform_distance(skips, 0, 999), kOneInAThousand);
}

// Billions of preemptions, the longest parameters and an absurd R end at the cap or at one hour, not in an overflow.
TEST(EveryFormula, SaturatesForEveryK) {
  Random random(13);
  for (const char* text : {"linear:step=1000000R,cap=1000000R", "exponential:base=1000000R,cap=1000000R",
                           "full_jitter:base=3600s,cap=3600s", "equal_jitter:base=1ns,cap=3600s",
                           "proportional_jitter:base=1ns,cap=3600s,factor=10,jitter=1", "proportional_jitter:factor=1",
                           "slotted:slot=1000000R,doublings=30", "rebackoff:unit=3600s,doublings=30",
                           "percentile:growth=10,floor=1ns,cap=3600s"}) {
    const auto saturating = strategy(text);
    for (const std::uint32_t k : {1U, 62U, 63U, 64U, 65U, 4'000'000'000U, std::numeric_limits<std::uint32_t>::max()}) {
      for (const Nanos round_trip : {Nanos{1}, kR, kLongestWait, std::numeric_limits<Nanos>::max()}) {
        const Nanos wait = wait_after(*saturating, k, random, round_trip);
        EXPECT_GE(wait, 0) << text << " k=" << k;
        EXPECT_LE(wait, kLongestWait) << text << " k=" << k;
      }
    }
  }
  EXPECT_EQ(wait_after(*strategy("linear:step=1R,cap=3600s"), 4'000'000'000U, random), kLongestWait);
  EXPECT_EQ(wait_after(*strategy("exponential:base=1ns,cap=3600s"), 4'000'000'000U, random), kLongestWait);
}

}  // namespace
}  // namespace paxoscope::backoff_test
