// Runs whose outcome can be worked out on paper.
#include <gtest/gtest.h>

#include "core/stats/moments.h"
#include "tests/simulation/support.h"
#include "tests/support/effort.h"

namespace paxoscope {
namespace {

using testing::network_of;
using testing::one_shot;
using testing::run;

// All N start together. Their ballots (1,1) .. (1,N) reach every acceptor in this order, so each Prepare is granted and
// only the Accept of the highest is: one proposer ends per two round trips of 20, and the rest begin the next round.
TEST(Duel, AllAtOnceWithoutBackoffTakesTheTriangularNumberOfBallots) {
  const SimulationOptions options = network_of("constant:10ns");
  for (const std::uint32_t n : {1U, 2U, 3U, 7U, 20U, 64U}) {
    const SimulationResult result = run(one_shot(n, options), "none", options);
    EXPECT_EQ(result.ballots, std::uint64_t{n} * (n + 1) / 2) << n;
    EXPECT_EQ(result.all_done, 40 * Nanos{n}) << n;
    EXPECT_EQ(result.ended, result.all_done) << n;
    EXPECT_EQ(result.first_learned, 40) << n;
    EXPECT_EQ(result.first_chosen, 30) << n;
    EXPECT_EQ(result.chosen, 1U) << n;
    EXPECT_EQ(result.measurement.stop, StopReason::operations) << n;
    EXPECT_EQ(result.messages_sent(), std::uint64_t{12} * n * (n + 1) / 2) << n;
    EXPECT_FALSE(result.failed()) << result.measurement.violation;
  }
}

// A round's time is the second smallest of three sums of two latencies each: their median, whose mean is the mean of
// the sum, because the sum is distributed symmetrically. So quorum 2 of 3 takes 20 a phase, 40 in all, exactly.
TEST(Alone, NormalLatencyTakesTwelveMessagesAndFortyOnAverage) {
  const SimulationOptions options = network_of("normal:10us,2us");
  Moments completion;
  for (std::uint64_t seed = 1; seed <= 20'000; ++seed) {
    ClusterOptions cluster = one_shot(1, options);
    cluster.seed = seed;
    cluster.audit = false;
    const SimulationResult result = run(cluster, "none", options);
    ASSERT_EQ(result.messages_sent(), 12U) << seed;
    for (const MessageCounts& counts : result.messages) ASSERT_EQ(counts.sent, counts.delivered) << seed;
    completion.record(static_cast<double>(result.all_done) / kMicrosecond);
  }
  EXPECT_NEAR(completion.mean(), 40.0, 0.1);  // its standard error is 0.02
  EXPECT_GT(completion.standard_deviation(), 2.0);
}

// The one with the highest id wins, and tells the others, before any of them has lost its second round.
TEST(Scale, TenThousandProposersAtAHundredAndOneAcceptorsAllLearn) {
  constexpr auto kProposers = static_cast<std::uint32_t>(effort(10'000));
  const SimulationOptions options = network_of("constant:10us");
  ClusterOptions cluster = one_shot(kProposers, options, 101);
  cluster.rules.learning = Learning::announcement;
  const SimulationResult result = run(cluster, "full_jitter", options);
  EXPECT_FALSE(result.failed()) << result.measurement.violation;
  EXPECT_EQ(result.measurement.stop, StopReason::operations);
  EXPECT_EQ(result.chosen, 1U);
  EXPECT_EQ(result.measurement.audit.results, kProposers);
  EXPECT_GT(result.events, std::uint64_t{kProposers} * 101 * 4);
}

}  // namespace
}  // namespace paxoscope
