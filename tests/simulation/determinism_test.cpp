// Same seed, same run: twice in one process, with the trace on or off, and on every compiler, level of optimisation and
// sanitizer, since all of them are held to the same hashes here.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "core/trace/event.h"
#include "tests/simulation/support.h"

namespace paxoscope {
namespace {

using testing::network_of;
using testing::one_shot;
using testing::run;
using testing::run_traced;

// What a run must give to the last bit. To see what it gives now, let it fail.
struct Golden {
  const char* strategy;
  const char* network;
  std::uint64_t hash;
};

constexpr Golden kGolden[] = {
    {"none", "constant:10us", 0xa72d6364ca1b9df9},
    {"full_jitter", "rack", 0x47afa1abcdc1cb02},
    {"percentile", "zones", 0x797b68faede35c71},
    {"lease", "continents", 0x01c90ab910f3bc71},
    {"tdma", R"({"base": "rack", "clock_offset_us": 50, "clock_drift_ppm": 100})", 0x84ece97725e92e2b},
    {"rebackoff", "normal:10us,2us", 0xb1e05fdc3057ba71},
    {"aimd", "exponential:10us", 0x37657cb9a0b1189c},
    {"random_rank", R"({"latency": {"histogram": [[9000, 5], [12000, 3], [70000, 1]]}, "processing_us": 2})",
     0x4badc17994fbc226},
};

class GoldenRun : public ::testing::TestWithParam<Golden> {};

// Faults, several keys by Zipf, reads, arrivals and a window: everything that draws a random number.
ClusterOptions busy_cluster(const SimulationOptions& options) {
  ClusterOptions cluster = one_shot(5, options, 5, 40);
  cluster.window = 3;
  cluster.seed = 2026;
  cluster.workload = {.choice = KeyChoice::zipf,
                      .keys = 4,
                      .zipf_theta = 0.99,
                      .read_share = 0.2,
                      .arrivals_per_second = 0.05 * 1e9 / static_cast<double>(cluster.round_trip)};
  return cluster;
}

TEST_P(GoldenRun, HasTheHashItAlwaysHad) {
  SimulationOptions options = network_of(GetParam().network);
  options.faults.swarm = true;
  const SimulationResult result = run(busy_cluster(options), GetParam().strategy, options);
  EXPECT_EQ(result.measurement.violation, "");
  EXPECT_GT(result.events, 1000U);
  EXPECT_EQ(result.trace_hash, GetParam().hash) << fmt::format("0x{:016x}", result.trace_hash);
}

struct EventHash {
  std::uint64_t hash = 0;
  std::uint64_t events = 0;
  void push(const Event& event) {
    ++events;
    for (const std::uint64_t word :
         {static_cast<std::uint64_t>(event.at), event.instance.ver, event.ballot.word(),
          static_cast<std::uint64_t>(event.value), event.last_bal.word(), event.v_bal.word(),
          std::uint64_t{event.agent} << 32 | event.peer, std::uint64_t{event.sequence} << 32 | event.round,
          static_cast<std::uint64_t>(event.kind) << 8 | static_cast<std::uint64_t>(event.phase)}) {
      hash = Random::mix(hash ^ word);
    }
  }
};

TEST_P(GoldenRun, IsTheSameTwiceAndWithItsTraceOn) {
  SimulationOptions options = network_of(GetParam().network);
  options.faults.swarm = true;
  const ClusterOptions cluster = busy_cluster(options);
  const SimulationResult untraced = run(cluster, GetParam().strategy, options);
  EventHash first, second;
  const SimulationResult traced = run_traced(cluster, GetParam().strategy, options, first);
  run_traced(cluster, GetParam().strategy, options, second);
  EXPECT_EQ(traced.trace_hash, untraced.trace_hash);
  EXPECT_EQ(traced.chosen, untraced.chosen);
  EXPECT_EQ(traced.ballots, untraced.ballots);
  EXPECT_EQ(traced.ended, untraced.ended);
  EXPECT_GT(first.events, untraced.events);
  EXPECT_EQ(first.hash, second.hash);
}

INSTANTIATE_TEST_SUITE_P(Determinism, GoldenRun, ::testing::ValuesIn(kGolden),
                         [](const auto& test) { return std::string(test.param.strategy); });

TEST(Determinism, EveryStrategyDecidesTheSameWithItsTraceOnOrOff) {
  const SimulationOptions options = network_of("lognormal:10us,0.3");
  for (const StrategyInfo& info : all_strategies()) {
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
      ClusterOptions cluster = one_shot(4, options, 3, 6);
      cluster.seed = seed;
      cluster.rounds_max = 200;
      EventHash sink;
      const std::string strategy(info.name);
      EXPECT_EQ(run(cluster, strategy, options).trace_hash, run_traced(cluster, strategy, options, sink).trace_hash)
          << strategy << " seed " << seed;
    }
  }
}

TEST(Determinism, AnotherSeedIsAnotherRun) {
  const SimulationOptions options = network_of("rack");
  ClusterOptions cluster = one_shot(3, options);
  const auto first = run(cluster, "full_jitter", options).trace_hash;
  cluster.seed = 2;
  EXPECT_NE(run(cluster, "full_jitter", options).trace_hash, first);
}

// The first broadcasts of every proposer meet the same latencies, whatever the strategy.
TEST(Determinism, StrategiesShareTheirNetworkUnderOneSeed) {
  const SimulationOptions options = network_of("lognormal:10us,0.5");
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    ClusterOptions cluster = one_shot(1, options, 3, 10);
    cluster.seed = seed;
    const SimulationResult alone = run(cluster, "none", options);
    for (const char* other : {"full_jitter", "lease", "rebackoff"}) {
      EXPECT_EQ(run(cluster, other, options).all_done, alone.all_done) << other << " seed " << seed;
    }
  }
}

}  // namespace
}  // namespace paxoscope
