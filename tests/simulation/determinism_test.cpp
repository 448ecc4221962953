// Same seed, same run: twice in one process, with the trace on or off, and on every compiler, level of optimisation and
// sanitizer, since all of them are held to the same hashes here.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "core/simulation/simulator.h"
#include "core/trace/event.h"
#include "tests/simulation/golden.h"
#include "tests/simulation/support.h"

namespace paxoscope {
namespace {

using testing::Golden;
using testing::kGolden;
using testing::network_of;
using testing::one_shot;
using testing::run;
using testing::run_traced;
using testing::setting_of;

// To see what a run gives now, let it fail.
class GoldenRun : public ::testing::TestWithParam<Golden> {};

TEST_P(GoldenRun, HasTheHashItAlwaysHad) {
  const auto [cluster, options, strategy] = setting_of(GetParam());
  const SimulationResult result = run_simulation(cluster, *strategy, options).value();
  EXPECT_EQ(result.measurement.violation, "");
  EXPECT_GT(result.events, 1000U);
  EXPECT_EQ(result.trace_hash, GetParam().hash) << fmt::format("0x{:016x}", result.trace_hash);
}

// What a run measured, as far as it can be compared.
std::string figures_of(const SimulationResult& result) {
  const Measurement& m = result.measurement;
  std::string text = fmt::format("{:x} {} {} {} {} {} {} {} {} {} {}", result.trace_hash, result.events, result.ballots,
                                 result.chosen, result.ended, result.first_chosen, result.first_learned,
                                 result.all_done, result.faults.reordered, m.audit.votes, m.audit.to_chosen.total());
  for (const MessageCounts& counts : result.messages) text += fmt::format(" {}", counts.delivered);
  for (const ProposerMeasurement& proposer : m.proposers) {
    text += fmt::format("; {} {} {} {} {} {} {} {}", proposer.counters.ballots, proposer.counters.won,
                        proposer.counters.waiting, proposer.to_end.total(), proposer.to_end.count(),
                        proposer.budget.queued, proposer.longest_losing_streak, proposer.open_at_end);
  }
  for (const AcceptorCounters& acceptor : m.acceptors) text += fmt::format("; {}", acceptor.votes);
  return text;
}

TEST_P(GoldenRun, IsTheSameInASimulatorThatRanOtherSeedsBefore) {
  const auto [cluster, options, strategy] = setting_of(GetParam());
  NoSink none;
  Simulator<NoSink> used(cluster, *strategy, options, none);
  for (const std::uint64_t seed : {1U, 2U, 2026U, 3U, 2026U}) {
    Simulator<NoSink> fresh(cluster, *strategy, options, none);
    EXPECT_EQ(figures_of(used.run(seed)), figures_of(fresh.run(seed))) << seed;
  }
  EXPECT_EQ(used.run(2026).trace_hash, GetParam().hash);
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
  const auto [cluster, options, strategy] = setting_of(GetParam());
  const SimulationResult untraced = run_simulation(cluster, *strategy, options).value();
  EventHash first, second;
  const SimulationResult traced = run_traced(cluster, GetParam().strategy, options, first);
  run_traced(cluster, GetParam().strategy, options, second);
  EXPECT_EQ(figures_of(traced), figures_of(untraced));
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
