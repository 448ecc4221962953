// Quorums that could miss each other cannot be made; a tally counts each acceptor once and judges by the give-up rule.
#include "core/paxos/quorum.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <climits>
#include <utility>
#include <vector>

#include "core/random.h"

namespace paxoscope {
namespace {

TEST(Quorums, AreRefusedExactlyWhenTwoCouldMissEachOther) {
  for (int n = -1; n <= kMaxAcceptors + 1; ++n) {
    for (int q1 = -1; q1 <= n + 1; ++q1) {
      for (int q2 = -1; q2 <= n + 1; ++q2) {
        const bool legal = n >= 1 && n <= kMaxAcceptors && q1 >= 1 && q1 <= n && q2 >= 1 && q2 <= n && q1 + q2 > n;
        const auto quorums = Quorums::make(n, q1, q2);
        ASSERT_EQ(quorums.has_value(), legal) << n << " " << q1 << " " << q2;
        if (!quorums) continue;
        ASSERT_EQ(quorums->acceptors(), n);
        ASSERT_EQ(quorums->size(Phase::prepare), q1);
        ASSERT_EQ(quorums->size(Phase::accept), q2);
      }
    }
  }
  EXPECT_FALSE(Quorums::make(INT_MAX, INT_MAX, INT_MAX));
  EXPECT_FALSE(Quorums::make(256 + 3, 2, 2));
}

TEST(Quorums, MajorityIsMoreThanHalfForOddAndEvenNumbers) {
  for (int n = 1; n <= kMaxAcceptors; ++n) {
    EXPECT_EQ(Quorums::majority(n), *Quorums::make(n, n / 2 + 1, n / 2 + 1)) << n;
  }
}

TEST(Tally, CountsEachAcceptorOnceAndItsFirstAnswerStands) {
  Tally tally;
  for (int i = 0; i < kMaxAcceptors; ++i) {
    const auto acceptor = static_cast<AcceptorId>(i);
    const bool granted = i % 3 != 0;
    EXPECT_TRUE(tally.add(acceptor, granted));
    const Tally before = tally;
    EXPECT_FALSE(tally.add(acceptor, granted));
    EXPECT_FALSE(tally.add(acceptor, !granted));
    EXPECT_EQ(tally, before);
    EXPECT_EQ(tally.has_granted(acceptor), granted);
    EXPECT_EQ(tally.has_refused(acceptor), !granted);
    EXPECT_EQ(tally.granted() + tally.refused(), i + 1);
  }
}

// The verdict of the definitions, from the list of answers alone.
Verdict expected(const std::vector<bool>& answers, int acceptors, int needed, GiveUp give_up) {
  const auto granted = static_cast<int>(std::count(answers.begin(), answers.end(), true));
  const auto refused = static_cast<int>(answers.size()) - granted;
  if (granted >= needed) return Verdict::won;
  switch (give_up) {
    case GiveUp::first_nack: return refused > 0 ? Verdict::lost : Verdict::pending;
    case GiveUp::majority_out_of_reach: return acceptors - refused < needed ? Verdict::lost : Verdict::pending;
    case GiveUp::all_replies: return granted + refused == acceptors ? Verdict::lost : Verdict::pending;
  }
  return Verdict::pending;
}

class TallyVerdict : public testing::TestWithParam<GiveUp> {};

TEST_P(TallyVerdict, FollowsItsRuleAfterEveryReplyInAnyOrderWithDuplicates) {
  for (std::uint64_t seed = 0; seed < 4'000; ++seed) {
    Random random(seed);
    const int n = 1 + static_cast<int>(random.below(seed % 4 == 0 ? kMaxAcceptors : 7));
    const int q1 = 1 + static_cast<int>(random.below(static_cast<std::uint64_t>(n)));
    const int q2_min = n - q1 + 1;
    const int q2_choices = n - q2_min + 1;
    const int q2 = q2_min + static_cast<int>(random.below(static_cast<std::uint64_t>(q2_choices)));
    const Quorums quorums = *Quorums::make(n, q1, q2);
    const std::uint64_t grants_of_8 = random.below(9);
    std::vector<AcceptorId> order;
    for (int i = 0; i < n; ++i) order.push_back(static_cast<AcceptorId>(i));
    for (std::size_t i = order.size(); i-- > 1;) std::swap(order[i], order[random.below(i + 1)]);

    Tally tally;
    std::vector<bool> answers;
    for (std::size_t i = 0; i < order.size(); ++i) {
      const bool granted = random.below(8) < grants_of_8;
      ASSERT_TRUE(tally.add(order[i], granted));
      answers.push_back(granted);
      ASSERT_FALSE(tally.add(order[random.below(i + 1)], random.below(2) == 0));
      for (const Phase phase : {Phase::prepare, Phase::accept}) {
        ASSERT_EQ(tally.verdict(quorums, phase, GetParam()), expected(answers, n, quorums.size(phase), GetParam()))
            << "seed " << seed << ", reply " << i;
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(EachRule, TallyVerdict,
                         testing::Values(GiveUp::first_nack, GiveUp::majority_out_of_reach, GiveUp::all_replies));

}  // namespace
}  // namespace paxoscope
