// What not backing off costs beside every strategy that waits, and that no strategy outlasts a bound of its run.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/simulation/support.h"

namespace paxoscope {
namespace {

using testing::network_of;
using testing::one_shot;
using testing::run;

// The strategies that let the others go first in some way: `yield` gives away a core that is not there in virtual time,
// and `random_rank` only jumps ahead in the ballots.
std::vector<std::string> all_that_wait() {
  std::vector<std::string> names;
  for (const StrategyInfo& strategy : all_strategies()) {
    if (strategy.name != "none" && strategy.name != "yield" && strategy.name != "random_rank") {
      names.emplace_back(strategy.name);
    }
  }
  return names;
}

struct Price {
  double ballots = 0;        // per decision
  double losing_streak = 0;  // the longest, of any proposer
  Nanos silence = 0;         // the longest time without a decision, anywhere
};

// Sixteen proposers on one hot key, one operation after another; means over the same seeds for every strategy, the
// silence the longest of all.
Price price(const std::string& strategy, const std::string& network) {
  constexpr int kSeeds = 5;
  const SimulationOptions options = network_of(network);
  ClusterOptions cluster = one_shot(16, options, 3, 0);
  cluster.measure = 600 * cluster.round_trip;
  Price price;
  for (cluster.seed = 1; cluster.seed <= kSeeds; ++cluster.seed) {
    const SimulationResult result = run(cluster, strategy, options);
    EXPECT_EQ(result.measurement.stop, StopReason::time) << strategy;
    EXPECT_FALSE(result.failed()) << result.measurement.violation;
    std::uint64_t streak = 0;
    for (const ProposerMeasurement& p : result.measurement.proposers)
      streak = std::max(streak, p.longest_losing_streak);
    price.ballots += static_cast<double>(result.ballots) / static_cast<double>(result.chosen) / kSeeds;
    price.losing_streak += static_cast<double>(streak) / kSeeds;
    price.silence = std::max(price.silence, result.measurement.audit.longest_silence);
  }
  return price;
}

TEST(PriceOfNone, IsTheMostBallotsAndTheLongestLosingStreaks) {
  const Price none = price("none", "normal:10us,2us");
  for (const std::string& strategy : all_that_wait()) {
    const Price other = price(strategy, "normal:10us,2us");
    EXPECT_GT(none.ballots, 1.25 * other.ballots) << strategy;
    EXPECT_GT(none.losing_streak, other.losing_streak) << strategy;
  }
}

// Where a round trip differs much from one acceptor to another, proposers that do not wait hold each other up.
TEST(PriceOfNone, IsTheLongestSilence) {
  const Price none = price("none", "zones");
  for (const std::string& strategy : all_that_wait()) {
    EXPECT_GT(none.silence, 4 * price(strategy, "zones").silence) << strategy;
  }
}

TEST(Bounds, OfTimeHoldWhateverTheStrategyWithOrWithoutAMajority) {
  for (const bool majority : {true, false}) {
    SimulationOptions options = network_of("normal:10us,2us");
    ClusterOptions cluster = one_shot(4, options, 3, 0);
    cluster.measure = 2 * kMillisecond;
    if (!majority) {
      const auto faults = R"({"faults": [{"kind": "crash", "at_us": 0, "nodes": ["A0", "A1"]}]})";
      options.faults = parse_faults(faults, 3, 4).value();
    }
    for (const StrategyInfo& strategy : all_strategies()) {
      const SimulationResult result = run(cluster, std::string(strategy.name), options);
      EXPECT_EQ(result.measurement.stop, StopReason::time) << strategy.name;
      EXPECT_EQ(result.measurement.measured, cluster.measure) << strategy.name;
      EXPECT_EQ(result.chosen > 0, majority) << strategy.name;
    }
  }
}

TEST(Bounds, OfDecisionsAndOfOperationsHoldWhateverTheStrategy) {
  const SimulationOptions options = network_of("normal:10us,2us");
  for (const StrategyInfo& strategy : all_strategies()) {
    ClusterOptions cluster = one_shot(4, options, 3, 30);
    EXPECT_EQ(run(cluster, std::string(strategy.name), options).measurement.stop, StopReason::operations)
        << strategy.name;
    cluster.operations_max = 0;
    cluster.decisions_max = 30;
    const SimulationResult result = run(cluster, std::string(strategy.name), options);
    EXPECT_EQ(result.measurement.stop, StopReason::decisions) << strategy.name;
    EXPECT_EQ(result.chosen, 30U) << strategy.name;
  }
}

// Whoever loses its first round says so and gives up: a livelock in the smallest.
TEST(Bounds, OfRoundsHoldWhateverTheStrategy) {
  const SimulationOptions options = network_of("constant:10ns");
  for (const StrategyInfo& strategy : all_strategies()) {
    ClusterOptions cluster = one_shot(3, options);
    cluster.rounds_max = 1;
    const SimulationResult result = run(cluster, std::string(strategy.name), options);
    std::uint64_t gave_up = 0, ballots = 0;
    for (const ProposerMeasurement& p : result.measurement.proposers) {
      gave_up += p.counters.gave_up;
      ballots += p.counters.ballots;
    }
    EXPECT_EQ(ballots, 3U) << strategy.name << ": one each";
    if (gave_up > 0) {
      EXPECT_NE(result.measurement.livelock.find("gave up key 0 version 0"), std::string::npos) << strategy.name;
    }
  }
}

}  // namespace
}  // namespace paxoscope
