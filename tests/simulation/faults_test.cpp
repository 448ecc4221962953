// Safety whatever happens, and progress once it stops happening.
#include <gtest/gtest.h>

#include "core/simulation/shrink.h"
#include "tests/simulation/support.h"
#include "tests/support/effort.h"

namespace paxoscope {
namespace {

using testing::messages;
using testing::network_of;
using testing::one_shot;
using testing::run;
using testing::run_judged;

// Longer than the longest wait of any strategy below: rebackoff waits up to 2,048 R after many losses.
constexpr int kLivenessRoundTrips = 20'000;

// A cluster of a size of its own for every seed, in which a swarm of faults is let loose.
struct Storm {
  SimulationOptions options;
  ClusterOptions cluster;
  std::string strategy;
};

Storm storm(std::uint64_t seed) {
  static constexpr const char* kNetworks[] = {"constant:10us", "normal:10us,2us", "lognormal:10us,0.8",
                                              "exponential:10us", R"({"base": "rack", "processing_us": 3})"};
  static constexpr const char* kStrategies[] = {"full_jitter", "rebackoff", "aimd", "fixed_window", "lease"};
  static constexpr Learning kLearnings[] = {Learning::own_round, Learning::visible, Learning::announcement};
  static constexpr GiveUp kGiveUps[] = {GiveUp::first_nack, GiveUp::majority_out_of_reach, GiveUp::all_replies};
  Random random = Random::for_stream(seed, 1);
  Storm storm;
  storm.options = network_of(kNetworks[random.below(5)]);
  storm.strategy = kStrategies[random.below(5)];
  const std::uint32_t acceptors = 3 + 2 * static_cast<std::uint32_t>(random.below(2));
  storm.cluster =
      one_shot(1 + static_cast<std::uint32_t>(random.below(4)), storm.options, acceptors, 1 + random.below(8));
  storm.cluster.rules.learning = kLearnings[random.below(3)];
  storm.cluster.rules.give_up = kGiveUps[random.below(3)];
  storm.cluster.window = 1 + static_cast<std::uint32_t>(random.below(3));
  storm.cluster.workload.read_share = random.below(2) == 0 ? 0 : 0.3;
  storm.cluster.timeout = 4 * storm.cluster.round_trip;
  storm.cluster.seed = seed;
  storm.options.faults.swarm = true;
  storm.options.faults.liveness_within = kLivenessRoundTrips * storm.cluster.round_trip;
  return storm;
}

TEST(Swarm, NeverBreaksARuleAndEverythingEndsOnceItIsOver) {
  FaultCounts seen;
  MessageCounts total;
  std::uint64_t adopted = 0, preempted_accept = 0, timeouts = 0, several_ballots = 0, told = 0;
  for (std::uint64_t seed = 1; seed <= effort(3'000); ++seed) {
    const Storm s = storm(seed);
    const auto [result, judged] = run_judged(s.cluster, s.strategy, s.options);
    ASSERT_FALSE(result.failed()) << "seed " << seed << ": " << result.measurement.violation << result.liveness;
    ASSERT_EQ(judged.verdict, RuleReport::Verdict::ok) << "seed " << seed << ": " << to_string(judged);
    ASSERT_EQ(result.measurement.stop, StopReason::operations) << "seed " << seed;
    ASSERT_GT(result.chosen, 0U) << "seed " << seed;
    seen.acceptor_crashes += result.faults.acceptor_crashes;
    seen.proposer_crashes += result.faults.proposer_crashes;
    seen.pauses += result.faults.pauses;
    seen.partitions += result.faults.partitions;
    seen.reordered += result.faults.reordered;
    for (const MessageCounts& counts : result.messages) {
      total.duplicated += counts.duplicated;
      total.lost += counts.lost;
      total.cut_off += counts.cut_off;
      total.to_crashed += counts.to_crashed;
    }
    several_ballots += result.measurement.audit.many_ballots;
    for (const ProposerMeasurement& proposer : result.measurement.proposers) {
      adopted += proposer.counters.adopted;
      preempted_accept += proposer.counters.preempted_accept;
      timeouts += proposer.counters.timeouts;
      told += proposer.counters.told;
    }
  }
  // It was worth the trouble: everything that should happen did.
  for (const auto& [name, count] : std::initializer_list<std::pair<const char*, std::uint64_t>>{
           {"acceptor crashes", seen.acceptor_crashes},
           {"proposer crashes", seen.proposer_crashes},
           {"pauses", seen.pauses},
           {"partitions", seen.partitions},
           {"held back messages", seen.reordered},
           {"duplicated messages", total.duplicated},
           {"lost messages", total.lost},
           {"messages into a partition", total.cut_off},
           {"messages to a node that was down", total.to_crashed},
           {"adopted values", adopted},
           {"rejected Accepts", preempted_accept},
           {"timeouts", timeouts},
           {"instances voted on in several ballots", several_ballots},
           {"decisions heard of before proposing", told}}) {
    EXPECT_GT(count, effort(100)) << name;
  }
}

// The planted bug: an acceptor comes back under its old identity with nothing on its disk.
SimulationOptions forgetful(SimulationOptions options, Nanos round_trip, std::uint64_t seed) {
  Random random = Random::for_stream(seed, 2);
  for (int i = 0; i < 12; ++i) {
    options.faults.faults.push_back(
        {.kind = Fault::Kind::crash,
         .at = static_cast<Nanos>(random.below(static_cast<std::uint64_t>(10 * round_trip))),
         .lasts = round_trip / 10,
         .a = {{AgentKind::acceptor, static_cast<std::uint32_t>(random.below(3))}},
         .durable = false});
  }
  return options;
}

SimulationOptions forgetful_run(std::uint64_t seed, ClusterOptions& cluster) {
  const SimulationOptions options = network_of("lognormal:10us,0.8");
  cluster = one_shot(3, options);
  cluster.seed = seed;
  return forgetful(options, cluster.round_trip, seed);
}

TEST(PlantedBug, AnAcceptorThatForgetsInACrashIsCaughtAndItsScheduleShrinks) {
  std::uint64_t caught = 0, caught_by_rules = 0;
  std::uint64_t failing_seed = 0;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    ClusterOptions cluster;
    SimulationOptions options = forgetful_run(seed, cluster);
    const auto [result, rules] = run_judged(cluster, "full_jitter", options);
    caught_by_rules += rules.by_rule[1] > 0 ? 1 : 0;
    if (result.measurement.violation.empty()) continue;
    ++caught;
    failing_seed = seed;
    EXPECT_EQ(rules.verdict, RuleReport::Verdict::violation) << "only the audit caught seed " << seed;
    for (Fault& fault : options.faults.faults) fault.durable = true;
    const auto [durable, clean] = run_judged(cluster, "full_jitter", options);
    EXPECT_FALSE(durable.failed()) << "the same with a disk, seed " << seed;
    EXPECT_EQ(clean.verdict, RuleReport::Verdict::ok) << "the same with a disk, seed " << seed << to_string(clean);
  }
  ASSERT_GT(caught, 10U);
  EXPECT_GE(caught_by_rules, caught);

  ClusterOptions cluster;
  SimulationOptions options = forgetful_run(failing_seed, cluster);
  const auto still_fails = [&](const FaultPlan& plan) {
    SimulationOptions trial = options;
    trial.faults = plan;
    return !run(cluster, "full_jitter", trial).measurement.violation.empty();
  };
  const FaultPlan small = shrink(options.faults, still_fails);
  EXPECT_TRUE(still_fails(small));
  EXPECT_LE(small.faults.size(), 3U) << to_text(small);
  for (std::size_t i = 0; i < small.faults.size(); ++i) {
    FaultPlan fewer = small;
    fewer.faults.erase(fewer.faults.begin() + static_cast<std::ptrdiff_t>(i));
    EXPECT_FALSE(still_fails(fewer)) << "fault " << i << " was needless in " << to_text(small);
  }
}

// The planted bug: a restarted proposer starts with ballot (1, P) again, and so may propose two values in it.
TEST(PlantedBug, AProposerThatForgetsItsBallotsIsCaught) {
  const SimulationOptions network = network_of("lognormal:10us,0.8");
  std::uint64_t caught = 0, caught_by_rules = 0;
  for (std::uint64_t seed = 1; seed <= effort(2'000); ++seed) {
    ClusterOptions cluster = one_shot(3, network);
    cluster.seed = seed;
    SimulationOptions options = network;
    Random random = Random::for_stream(seed, 3);
    for (int i = 0; i < 12; ++i) {
      options.faults.faults.push_back(
          {.kind = Fault::Kind::crash,
           .at = static_cast<Nanos>(random.below(static_cast<std::uint64_t>(8 * cluster.round_trip))),
           .lasts = 1,
           .a = {{AgentKind::proposer, 1 + static_cast<std::uint32_t>(random.below(3))}},
           .durable = false});
    }
    const auto [result, rules] = run_judged(cluster, "none", options);
    caught_by_rules += rules.by_rule[8] > 0 ? 1 : 0;
    if (result.measurement.violation.empty()) continue;
    ++caught;
    EXPECT_EQ(rules.verdict, RuleReport::Verdict::violation) << "only the audit caught seed " << seed;
    for (Fault& fault : options.faults.faults) fault.durable = true;
    const auto [durable, clean] = run_judged(cluster, "none", options);
    EXPECT_FALSE(durable.failed()) << "the same with a disk, seed " << seed;
    EXPECT_EQ(clean.verdict, RuleReport::Verdict::ok) << "the same with a disk, seed " << seed << to_string(clean);
  }
  EXPECT_TRUE(kSanitized || caught > 0);    // one seed in a thousand
  EXPECT_GT(caught_by_rules, effort(100));  // a ballot used twice is seen even where it harms nothing
}

TEST(Faults, AOneWayPartitionStopsOneDirectionOnly) {
  SimulationOptions options = network_of("constant:10us");
  const ClusterOptions cluster = one_shot(1, options);
  options.faults = parse_faults(R"({"faults": [{"kind": "partition", "at_us": 0, "from": ["P1"], "to": ["A0"],
                                    "one_way": true}]})",
                                3, 1)
                       .value();
  const SimulationResult there = run(cluster, "none", options);
  EXPECT_EQ(messages(there, MessageType::prepare).cut_off, 1U);
  EXPECT_EQ(messages(there, MessageType::promise).cut_off, 0U);
  EXPECT_EQ(there.all_done, 40 * kMicrosecond);
  std::swap(options.faults.faults[0].a, options.faults.faults[0].b);
  const SimulationResult back = run(cluster, "none", options);
  EXPECT_EQ(messages(back, MessageType::prepare).cut_off, 0U);
  EXPECT_EQ(messages(back, MessageType::promise).cut_off, 1U);
  options.faults.faults[0].one_way = false;
  const SimulationResult both = run(cluster, "none", options);
  EXPECT_EQ(messages(both, MessageType::prepare).cut_off, 1U);
  EXPECT_EQ(messages(both, MessageType::accept).cut_off, 1U);
}

TEST(Faults, APausedAcceptorAnswersEverythingAtTheEndOfItsPause) {
  SimulationOptions options = network_of("constant:10us");
  const ClusterOptions cluster = one_shot(1, options, 1);
  options.faults =
      parse_faults(R"({"faults": [{"kind": "pause", "at_us": 5, "for_us": 100, "nodes": ["A0"]}]})", 1, 1).value();
  EXPECT_EQ(run(cluster, "none", options).all_done, (105 + 10 + 20) * kMicrosecond);
}

TEST(Faults, WhatAPauseWithoutAnEndHoldsIsStillOnItsWayAtTheEnd) {
  SimulationOptions options = network_of("constant:10us");
  const ClusterOptions cluster = one_shot(1, options);
  options.faults = parse_faults(R"({"faults": [{"kind": "pause", "at_us": 5, "nodes": ["A0"]}]})", 3, 1).value();
  const auto [result, rules] = run_judged(cluster, "none", options);
  EXPECT_FALSE(result.failed()) << result.measurement.violation;
  EXPECT_EQ(result.all_done, 40 * kMicrosecond);
  EXPECT_EQ(messages(result, MessageType::prepare).in_flight, 1U);
  EXPECT_EQ(messages(result, MessageType::accept).in_flight, 1U);
  EXPECT_EQ(rules.verdict, RuleReport::Verdict::ok) << to_string(rules);
}

TEST(Faults, WithoutAMajorityNothingIsDecidedAndLivenessSaysWhoIsStuck) {
  SimulationOptions options = network_of("constant:10us");
  ClusterOptions cluster = one_shot(2, options);
  cluster.rules.quorums = Quorums::majority(3);
  // A loss of everything that outlasts the healing is not a fault that ends, so it is put into the bound instead.
  options.faults = parse_faults(R"({"faults": [{"kind": "crash", "at_us": 0, "nodes": ["A0", "A1"]}],
                                    "heal_at_us": 1000, "liveness_us": 1})",
                                3, 2)
                       .value();
  const SimulationResult result = run(cluster, "full_jitter", options);
  EXPECT_EQ(result.chosen, 0U);
  EXPECT_NE(result.liveness.find("P1, P2"), std::string::npos) << result.liveness;
  options.faults.liveness_within = kSecond;
  EXPECT_EQ(run(cluster, "full_jitter", options).liveness, "");
}

}  // namespace
}  // namespace paxoscope
