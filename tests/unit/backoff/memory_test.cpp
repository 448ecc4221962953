// What a strategy remembers between calls, and what makes it forget.
#include "core/backoff/strategies/percentile.h"
#include "tests/unit/backoff/support.h"

namespace paxoscope::backoff_test {
namespace {

Nanos preempt(Backoff& backoff, Random& random, const RetryContext& at = context()) {
  return backoff.on_preempted(at, random).wait;
}

TEST(Reset, PoliciesDifferOnlyInWhatAnEndOfAnInstanceDoesToK) {
  // linear with step 1R shows k itself.
  struct Case {
    const char* reset;
    std::vector<Nanos> after_win;
    std::vector<Nanos> after_loss;
  };
  for (const Case& expected : {Case{"never", {4, 5}, {4, 5}}, Case{"win", {1, 2}, {4, 5}},
                               Case{"decided", {1, 2}, {1, 2}}, Case{"step", {3, 4}, {4, 5}}}) {
    for (const bool won : {true, false}) {
      const auto linear = strategy(std::string("linear:step=1R,cap=100R,reset=") + expected.reset);
      Random random(1);
      for (Nanos k = 1; k <= 3; ++k) {
        EXPECT_EQ(preempt(*linear, random), k * kR);
      }
      linear->on_decided(context(), won);
      for (const Nanos k : won ? expected.after_win : expected.after_loss) {
        EXPECT_EQ(preempt(*linear, random), k * kR) << expected.reset << " won=" << won;
      }
    }
  }
}

TEST(Reset, SteppingBackStopsAtZero) {
  const auto linear = strategy("linear:step=1R,reset=step");
  Random random(1);
  preempt(*linear, random);
  for (int i = 0; i < 5; ++i) {
    linear->on_decided(context(), true);
  }
  EXPECT_EQ(preempt(*linear, random), kR);
}

TEST(Attempts, CountStopsAtItsLimit) {
  Attempts attempts(Reset::step);
  attempts.limit(10);
  for (int i = 0; i < 100; ++i) {
    attempts.count();
  }
  EXPECT_EQ(attempts.k(), 10U);
  attempts.on_decided(true);
  EXPECT_EQ(attempts.k(), 9U);
}

TEST(Rebackoff, OneSuccessHalvesTheWindowEvenAfterManyPreemptions) {
  const auto rebackoff = strategy("rebackoff:doublings=4");
  Random random(14);
  for (int i = 0; i < 1'000; ++i) {
    preempt(*rebackoff, random);
  }
  rebackoff->on_decided(context(), true);
  rebackoff->on_decided(context(), true);
  Nanos longest = 0;
  for (int i = 0; i < 2'000; ++i) {
    longest = std::max(longest, preempt(*rebackoff, random));
    rebackoff->on_decided(context(), true);
  }
  EXPECT_LE(longest, 2 * kR << 3);  // k is 3 again at each preemption
  EXPECT_GT(longest, 2 * kR << 2);
}

TEST(Slotted, StepsBackFromItsLimitNotFromAllItsPreemptions) {
  Random random(28);
  Nanos longest = 0;
  for (int i = 0; i < 200; ++i) {
    const auto slotted = strategy("slotted:doublings=2,reset=step");
    for (int k = 0; k < 10; ++k) {
      preempt(*slotted, random);
    }
    slotted->on_decided(context(), true);
    slotted->on_decided(context(), true);
    longest = std::max(longest, preempt(*slotted, random));  // k is 1: slot 0 or 1
  }
  EXPECT_EQ(longest, 2 * kR);
}

TEST(DecorrelatedJitter, IsUniformUpToThreeTimesTheLastWait) {
  const auto jitter = strategy("decorrelated_jitter:cap=1000R,reset=win");
  Random random(15);
  std::vector<Nanos> scaled;  // each draw as its place between base and 3s, in billionths
  Nanos last = kR;
  for (int i = 0; i < 20'000; ++i) {
    const Nanos wait = preempt(*jitter, random);
    ASSERT_GE(wait, kR);
    ASSERT_LE(wait, std::min(3 * last, 1'000 * kR));
    if (3 * last <= 1'000 * kR) {
      scaled.push_back(static_cast<Nanos>(1e9 * static_cast<double>(wait - kR) / static_cast<double>(3 * last - kR)));
    }
    last = wait;
    if (i % 5 == 4) {
      jitter->on_decided(context(), false);  // no success: s stays
      jitter->on_decided(context(), true);
      last = kR;
    }
  }
  EXPECT_LT(uniform_distance(scaled, 0, 1'000'000'000), kOneInAThousand);
}

TEST(DecorrelatedJitter, NeverExceedsTheCap) {
  const auto jitter = strategy("decorrelated_jitter:reset=never");
  Random random(16);
  Nanos longest = 0;
  for (int i = 0; i < 10'000; ++i) {
    longest = std::max(longest, preempt(*jitter, random));
    jitter->on_decided(context(), true);
  }
  EXPECT_EQ(longest, 8 * kR);
}

// The window w of an aimd cannot be seen, but a generator that always draws the top end shows it; instead of one, the
// largest of many draws of equal strategies is taken.
Nanos window_of(const std::string& text, const std::vector<char>& history) {
  Nanos longest = 0;
  for (std::uint64_t seed = 0; seed < 4'000; ++seed) {
    Random random = Random::for_stream(17, seed);
    const auto aimd = strategy(text);
    Nanos wait = 0;
    for (const char step : history) {
      if (step == 'p') {
        wait = preempt(*aimd, random);
      } else {
        aimd->on_decided(context(), step == 'w');
      }
    }
    longest = std::max(longest, wait);
  }
  return longest;
}

void expect_window(const std::vector<char>& history, Nanos window) {
  const Nanos seen = window_of("aimd:cap=20R", history);
  EXPECT_LE(seen, window);
  EXPECT_GT(seen, window - window / 50);
}

TEST(Aimd, DoublesWhenPreemptedAndShrinksByOneRWhenItWins) {
  expect_window({'p'}, 2 * kR);
  expect_window({'p', 'p', 'p'}, 8 * kR);
  expect_window({'p', 'p', 'p', 'p', 'p', 'p'}, 20 * kR);
  expect_window({'p', 'p', 'p', 'w', 'p'}, 14 * kR);      // 8 - 1, doubled
  expect_window({'p', 'p', 'p', 'l', 'p'}, 16 * kR);      // somebody else's win changes nothing
  expect_window({'p', 'w', 'w', 'w', 'w', 'p'}, 2 * kR);  // never below 1R
}

class PercentileTest : public testing::Test {
 protected:
  static std::unique_ptr<Backoff> observed(const std::string& text, const std::vector<Nanos>& latencies) {
    auto backoff = strategy(text);
    RetryContext at = context();
    for (const Nanos latency : latencies) {
      at.elapsed = latency;
      backoff->on_decided(at, true);
    }
    return backoff;
  }

  static void expect_window(const Backoff& backoff, std::uint32_t k, Nanos min, Nanos max) {
    const auto window = dynamic_cast<const Percentile&>(backoff).window(k, context());
    EXPECT_EQ(window.min, min);
    EXPECT_EQ(window.max, max);
  }
};

TEST_F(PercentileTest, BeforeAnyObservationTheFloorIsTheWindow) {
  expect_window(*strategy("percentile"), 1, 0, 10 * kR);
}

TEST_F(PercentileTest, WindowFollowsTheObservedPercentiles) {
  std::vector<Nanos> latencies;
  for (Nanos i = 20; i >= 1; --i) {
    latencies.push_back(i * kR);  // p50 = 10R, p95 = 19R
  }
  const auto backoff = observed("percentile:low_factor=0.5,growth=2", latencies);
  expect_window(*backoff, 1, 5 * kR, 38 * kR);
  expect_window(*backoff, 2, 5 * kR, 76 * kR);
  expect_window(*backoff, 3, 5 * kR, 100 * kR);  // the cap
}

TEST_F(PercentileTest, TheGapRaisesMaxAndAtTheCapLowersMin) {
  const auto raised = observed("percentile:low_factor=2,growth=1,gap_factor=0", {20 * kR});
  expect_window(*raised, 1, 40 * kR, 45 * kR);
  const auto capped = observed("percentile:low_factor=10,growth=1,gap_factor=0", {20 * kR});
  expect_window(*capped, 1, 95 * kR, 100 * kR);
  const auto proportional = observed("percentile:low_factor=2,growth=1,gap_factor=0.5", {20 * kR});
  expect_window(*proportional, 1, 40 * kR, 50 * kR);
}

TEST_F(PercentileTest, OnlyTheLast64LatenciesCount) {
  std::vector<Nanos> latencies(1'000, 50 * kR);
  latencies.resize(1'064, kR);
  const auto backoff = observed("percentile:low_factor=1,growth=1,floor=1R,gap=0R,gap_factor=0,cap=100R", latencies);
  expect_window(*backoff, 1, kR, kR);
}

TEST_F(PercentileTest, AttemptsBelongToTheInstance) {
  const auto backoff = observed("percentile:low_factor=0,growth=2,draw=uniform,floor=1R,gap=0R,cap=1000R", {kR});
  Random random(18);
  for (int i = 0; i < 1'000; ++i) {
    EXPECT_LE(preempt(*backoff, random), 2 * kR);  // k is 1 each time
    RetryContext at = context();
    at.elapsed = kR;
    backoff->on_decided(at, false);
  }
}

TEST_F(PercentileTest, UniformDrawsAreUniform) {
  const auto backoff = observed("percentile:draw=uniform", {10 * kR});
  const auto window = dynamic_cast<const Percentile&>(*backoff).window(3, context());
  Random random(19);
  std::vector<Nanos> draws;
  for (int i = 0; i < 20'000; ++i) {
    draws.push_back(wait_after(*backoff, 3, random));
  }
  EXPECT_LT(uniform_distance(draws, window.min, window.max), kOneInAThousand);
}

TEST_F(PercentileTest, QuantizedDrawsFavourTheEndAsUToTheOneAndAHalf) {
  const auto backoff = observed("percentile", {10 * kR});
  const auto window = dynamic_cast<const Percentile&>(*backoff).window(4, context());
  const Nanos quantum = (window.max - window.min) / 4;
  Random random(20);
  std::vector<double> counts(4);
  constexpr int kQuantizedDraws = 40'000;
  for (int i = 0; i < kQuantizedDraws; ++i) {
    const Nanos wait = wait_after(*backoff, 4, random);
    ASSERT_GE(wait, window.max - 4 * quantum);
    ASSERT_LE(wait, window.max);
    ++counts[std::min<std::size_t>(3, static_cast<std::size_t>((window.max - wait) / quantum))];
  }
  // floor(4 u^1.5) = i for u between (i/4)^(2/3) and ((i+1)/4)^(2/3). 16.3: chi-square, 3 degrees of freedom, 99.9%.
  double chi_square = 0;
  for (int i = 0; i < 4; ++i) {
    const double expected = kQuantizedDraws * (std::pow((i + 1) / 4.0, 2.0 / 3) - std::pow(i / 4.0, 2.0 / 3));
    const double difference = counts[static_cast<std::size_t>(i)] - expected;
    chi_square += difference * difference / expected;
  }
  EXPECT_LT(chi_square, 16.3);
}

class LeaseTest : public testing::Test {
 protected:
  // What we do when refused by `ballot` at `now`, in multiples of R.
  Nanos beaten(Ballot ballot, Nanos now) {
    at_.beaten_by = ballot;
    at_.now = now * kR;
    return lease_->on_preempted(at_, random_).wait / kR;
  }
  Nanos first(Nanos now) {
    at_.beaten_by = {};
    at_.now = now * kR;
    return lease_->before_first(at_, random_).wait / kR;
  }
  void decided(bool won, Nanos now) {
    at_.now = now * kR;
    lease_->on_decided(at_, won);
  }

  Random random_{21};
  std::unique_ptr<Backoff> lease_ = strategy("lease");
  RetryContext at_ = context();  // we are proposer 1
};

TEST_F(LeaseTest, TheLoserWaitsTheLeaseOut) {
  EXPECT_EQ(first(0), 0);
  EXPECT_EQ(beaten(Ballot(1, 2), 10), 6);
}

TEST_F(LeaseTest, OnlyNewEvidenceRenewsIt) {
  EXPECT_EQ(beaten(Ballot(5, 2), 10), 6);
  EXPECT_EQ(beaten(Ballot(5, 2), 12), 4);  // the same ballot again
  EXPECT_EQ(beaten(Ballot(4, 3), 13), 3);  // an older one
  EXPECT_EQ(beaten({}, 14), 2);            // a time-out
  EXPECT_EQ(beaten(Ballot(6, 2), 15), 6);  // a newer one of the holder
  EXPECT_EQ(beaten(Ballot(7, 3), 16), 6);  // somebody else took over
  EXPECT_EQ(beaten({}, 22), 0);            // run out: nobody to wait for
}

TEST_F(LeaseTest, ANewInstanceWaitsForTheHolderToo) {
  beaten(Ballot(5, 2), 10);
  decided(false, 12);
  EXPECT_EQ(first(13), 5);  // renewed at 12
  EXPECT_EQ(first(18), 0);
  EXPECT_EQ(beaten(Ballot(1, 2), 19), 6);  // ballots start again in each instance
}

TEST_F(LeaseTest, TheHolderKeepsGoing) {
  beaten(Ballot(5, 2), 10);
  decided(true, 11);
  EXPECT_EQ(first(11), 0);
  EXPECT_EQ(beaten({}, 12), 0);            // a lost message, not a rival
  EXPECT_EQ(beaten(Ballot(9, 1), 12), 0);  // a ballot of our own
  EXPECT_EQ(beaten(Ballot(9, 3), 13), 6);
}

TEST_F(LeaseTest, AClockThatRunsBackNeverMakesItLonger) {
  beaten(Ballot(5, 2), 1'000);
  EXPECT_EQ(first(0), 6);
}

}  // namespace
}  // namespace paxoscope::backoff_test
