// What every strategy in the registry promises, whatever it is told: bounded waits, no allocation, no memory in a
// fresh one, and the same waits from the same seed.
#include "tests/support/allocations.h"
#include "tests/unit/backoff/support.h"

namespace paxoscope::backoff_test {
namespace {

// Any word, of any magnitude.
std::uint64_t any(Random& random) {
  return random.next() >> random.below(64);
}

RetryContext any_context(Random& random) {
  RetryContext at;
  at.self = static_cast<ProposerId>(random.below(4));
  at.proposers = static_cast<std::uint32_t>(std::max<std::uint64_t>(1, any(random) >> 32));
  at.rank = static_cast<std::uint32_t>(random.below(at.proposers));
  at.now = static_cast<Nanos>(any(random));
  at.round_trip = static_cast<Nanos>(std::max<std::uint64_t>(1, any(random) >> 1));
  at.beaten_by = random.below(4) == 0 ? Ballot() : Ballot(any(random) % Ballot::kMaxN, at.self + 1);
  at.elapsed = static_cast<Nanos>(any(random));
  return at;
}

// One random call; what it returned, if anything.
Retry any_call(Backoff& backoff, Random& choice, Random& random) {
  const RetryContext at = any_context(choice);
  switch (choice.below(4)) {
    case 0: backoff.on_decided(at, choice.below(2) == 0); return {};
    case 1: return backoff.before_first(at, random);
    default: return backoff.on_preempted(at, random);
  }
}

class EveryStrategy : public testing::TestWithParam<std::string> {};

TEST_P(EveryStrategy, KeepsItsWaitsInBoundsAndNeverAllocates) {
  const auto backoff = strategy(GetParam());
  Random choice(22);
  Random random(23);
  const std::uint64_t allocations_before = allocations_so_far();
  Nanos shortest = 0;
  Nanos longest = 0;
  for (int i = 0; i < 100'000; ++i) {
    const Retry retry = any_call(*backoff, choice, random);
    shortest = std::min(shortest, retry.wait);
    longest = std::max(longest, retry.wait);
  }
  EXPECT_EQ(allocations_so_far(), allocations_before);
  EXPECT_EQ(shortest, 0);
  EXPECT_LE(longest, kLongestWait);
}

TEST_P(EveryStrategy, WhoWaitsBeforeAFirstAttemptSaysSo) {
  const auto backoff = strategy(GetParam());
  Random choice(26);
  Random random(27);
  bool waited = false;
  for (int i = 0; i < 10'000; ++i) {
    any_call(*backoff, choice, random);
    waited |= backoff->before_first(any_context(choice), random).wait > 0;
  }
  EXPECT_EQ(backoff->may_wait_first(), waited);
}

TEST_P(EveryStrategy, SameSeedGivesTheSameWaitsAndWhoIsFreshOrForgetsHasNoMemory) {
  const auto used = strategy(GetParam());
  Random choice(24);
  Random random(25);
  for (int i = 0; i < 1'000; ++i) {
    any_call(*used, choice, random);
  }
  const auto fresh = used->fresh();
  used->forget();
  for (Backoff* forgetful : {fresh.get(), used.get()}) {
    const auto first = strategy(GetParam());
    EXPECT_EQ(forgetful->to_string(), first->to_string());
    Random one_choice(26), two_choice(26), one_random(27), two_random(27);
    for (int i = 0; i < 1'000; ++i) {
      const Retry one = any_call(*forgetful, one_choice, one_random);
      const Retry two = any_call(*first, two_choice, two_random);
      ASSERT_EQ(one.wait, two.wait) << "call " << i;
      ASSERT_EQ(one.yields, two.yields) << "call " << i;
      ASSERT_EQ(one.ballot_skip, two.ballot_skip) << "call " << i;
    }
  }
}

// The counter is not blind: building a strategy does allocate.
TEST(Allocations, AreCounted) {
  const std::uint64_t before = allocations_so_far();
  strategy("none");
  EXPECT_GT(allocations_so_far(), before);
}

std::vector<std::string> every_text() {
  std::vector<std::string> texts;
  for (const StrategyInfo& info : all_strategies()) {
    texts.push_back(info.default_text());
  }
  for (const char* extreme : {"linear:step=1000000R,cap=1000000R,reset=never", "rebackoff:unit=3600s,doublings=30",
                              "exponential:base=3600s,cap=3600s", "decorrelated_jitter:base=3600s,cap=3600s",
                              "proportional_jitter:cap=3600s,factor=10,jitter=1,reset=never", "tdma:slot=1000000R",
                              "percentile:growth=10,cap=3600s,draw=uniform,reset=never", "ranked:slot=3600s",
                              "aimd:cap=3600s,decrease=1ns", "slotted:slot=3600s,doublings=30", "lease:length=3600s",
                              "tdma:first=slot", "constant:wait=0R", "full_jitter:base=0.000001R"}) {
    texts.emplace_back(extreme);
  }
  return texts;
}

INSTANTIATE_TEST_SUITE_P(Registry, EveryStrategy, testing::ValuesIn(every_text()), [](const auto& test) {
  return test.param.substr(0, test.param.find(':')) + "_" + std::to_string(test.index);
});

}  // namespace
}  // namespace paxoscope::backoff_test
