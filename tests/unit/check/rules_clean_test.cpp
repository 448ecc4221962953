// The rule checker raises no false alarm: on the shipped code, whatever the network does, in any order of merging.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include "core/check/random_cluster.h"
#include "core/check/random_play.h"
#include "core/check/rules.h"
#include "tests/support/effort.h"

namespace paxoscope {
namespace {

constexpr Learning kLearnings[] = {Learning::own_round, Learning::visible, Learning::announcement};

struct Cluster {
  RuleReport report;
  std::uint64_t events = 0;
};

Cluster run_cluster(const RandomClusterOptions& options, std::uint64_t events) {
  RuleChecker checker({.quorums = options.rules.quorums, .learning = options.rules.learning});
  auto feed = [&checker](const Event& event) { checker.feed(event); };
  const auto strategy = parse_strategy("full_jitter").value();
  RandomCluster cluster(options, *strategy, feed);
  for (std::uint64_t i = 0; i < events && cluster.step(); ++i) {
  }
  cluster.totals([&checker](AgentKind kind, std::uint32_t agent, std::uint64_t n) { checker.expect(kind, agent, n); });
  Cluster result{checker.finish(), 0};
  result.events = result.report.counters.events;
  return result;
}

TEST(RulesOnCleanTraces, RandomPlaysOfTheShippedAgentsAreOkAndInteresting) {
  RuleCounters seen;
  for (std::uint64_t seed = 0; seed < 3'000; ++seed) {
    RandomPlayOptions options;
    options.acceptors = seed % 3 == 0 ? 5 : 3;
    options.readers = seed % 5 == 0 ? 1 : 0;
    options.misroutes = seed % 7 == 0 ? 20 : 0;
    options.rules.quorums = Quorums::majority(options.acceptors);
    options.rules.give_up = static_cast<GiveUp>(seed % 3);
    options.rules.learning = seed % 2 == 0 ? Learning::own_round : Learning::visible;
    RandomPlay<ShippedModel> random(options, seed);
    const auto& events = random.run().events();
    const RuleReport report =
        check_rules(events, {.quorums = options.rules.quorums, .learning = options.rules.learning});
    ASSERT_EQ(report.verdict, RuleReport::Verdict::ok) << "seed " << seed << "\n" << to_string(report);
    seen.adopted += report.counters.adopted;
    seen.rejected_accepts += report.counters.rejected_accepts;
    seen.retries += report.counters.retries;
    seen.ties_broken += report.counters.ties_broken;
    seen.crashes += report.counters.crashes;
    seen.duplicates += report.counters.duplicates;
    seen.results += report.counters.results;
  }
  for (const std::uint64_t count : {seen.adopted, seen.rejected_accepts, seen.retries, seen.ties_broken, seen.crashes,
                                    seen.duplicates, seen.results}) {
    EXPECT_GT(count, 100U);
  }
}

TEST(RulesOnCleanTraces, NodesWithManyInstancesAreOk) {
  // PAXOSCOPE_CLEAN_EVENTS: steps of the schedule in all, about as many as events.
  const char* const asked = std::getenv("PAXOSCOPE_CLEAN_EVENTS");
  const std::uint64_t steps = (asked != nullptr ? std::strtoull(asked, nullptr, 10) : effort(12'000'000)) / 12;
  std::uint64_t adopted = 0, rejected_accepts = 0, ties_broken = 0;
  for (const Learning learning : kLearnings) {
    for (const auto& [acceptors, proposers, keys] :
         {std::array{3U, 3U, 2U}, {5U, 8U, 1U}, {3U, 4U, 100U}, {5U, 2U, 1U}}) {
      RandomClusterOptions options;
      options.acceptors = acceptors;
      options.proposers = proposers;
      options.keys = keys;
      options.rules = {Quorums::majority(static_cast<int>(acceptors)), GiveUp::majority_out_of_reach, learning};
      options.seed = acceptors + proposers;
      const Cluster cluster = run_cluster(options, steps);
      ASSERT_EQ(cluster.report.verdict, RuleReport::Verdict::ok) << to_string(cluster.report);
      adopted += cluster.report.counters.adopted;
      rejected_accepts += cluster.report.counters.rejected_accepts;
      ties_broken += cluster.report.counters.ties_broken;
    }
  }
  for (const std::uint64_t count : {adopted, rejected_accepts, ties_broken}) EXPECT_GT(count, 100U);
}

TEST(RulesOnCleanTraces, FlexibleQuorumsThatMeetAreOk) {
  RandomClusterOptions options;
  options.acceptors = 5;
  options.rules.quorums = *Quorums::make(5, 4, 2);
  const Cluster cluster = run_cluster(options, 100'000);
  EXPECT_EQ(cluster.report.verdict, RuleReport::Verdict::ok) << to_string(cluster.report);
  EXPECT_GT(cluster.report.counters.results, 1'000U);
}

// Any merge that keeps each agent's own order: here agents take turns by chance, so effects come before their causes.
TEST(RulesOnCleanTraces, TheOrderAcrossAgentsDoesNotMatter) {
  std::vector<Event> events;
  auto keep = [&events](const Event& event) { events.push_back(event); };
  const auto strategy = parse_strategy("full_jitter").value();
  RandomCluster cluster(RandomClusterOptions{.operations_max = 100}, *strategy, keep);
  while (cluster.step()) {
  }
  const RuleReport in_order = check_rules(events, {});
  ASSERT_EQ(in_order.verdict, RuleReport::Verdict::ok) << to_string(in_order);

  std::vector<std::vector<Event>> agents(2 * 8);
  for (const Event& event : events)
    agents[event.agent * 2 + static_cast<std::size_t>(event.agent_kind)].push_back(event);
  Random random(7);
  for (int trial = 0; trial < 20; ++trial) {
    std::vector<std::size_t> next(agents.size());
    RuleChecker checker({});
    for (std::size_t fed = 0; fed < events.size();) {
      const auto agent = random.below(agents.size());
      for (std::uint64_t run = random.below(100); run > 0 && next[agent] < agents[agent].size(); --run, ++fed) {
        checker.feed(agents[agent][next[agent]++]);
      }
    }
    const RuleReport report = checker.finish();
    ASSERT_EQ(report.verdict, RuleReport::Verdict::ok) << to_string(report);
    EXPECT_EQ(report.counters.chosen, in_order.counters.chosen);
    EXPECT_EQ(report.counters.adopted, in_order.counters.adopted);
  }
}

// Memory is linear in the instances that are open, however many there were and of however many keys.
TEST(RulesOnCleanTraces, WhatEveryAcceptorHasRetiredIsJudgedAndForgotten) {
  constexpr std::uint32_t kKeys = 8, kRetired = 100;
  // Of a key, what acceptors keep below the watermark, in batches, and what three proposers are ahead of it.
  constexpr std::uint64_t kOpen = 64 + 32 + 32;
  RandomClusterOptions options;
  options.keys = kKeys;
  options.drops = options.duplicates = 0;
  RuleChecker checker({.retired_kept = kRetired});
  std::uint64_t kept = 0;
  auto feed = [&](const Event& event) {
    checker.feed(event);
    kept = std::max(kept, checker.kept());
  };
  const auto strategy = parse_strategy("full_jitter").value();
  RandomCluster cluster(options, *strategy, feed);
  for (int i = 0; i < 300'000; ++i) cluster.step();
  const RuleReport report = checker.finish();
  EXPECT_EQ(report.verdict, RuleReport::Verdict::ok) << to_string(report);
  EXPECT_LE(kept, kKeys * kOpen + kRetired);
  EXPECT_GT(report.counters.instances, 3 * kept) << "or nothing had to be forgotten";
}

TEST(RulesOnCleanTraces, OldInstancesAreJudgedAndForgotten) {
  RandomClusterOptions options;
  options.keys = 1;
  options.read_share = 0;
  RuleChecker checker({.versions_kept = 256});
  auto feed = [&checker](const Event& event) { checker.feed(event); };
  const auto strategy = parse_strategy("full_jitter").value();
  RandomCluster cluster(options, *strategy, feed);
  for (int i = 0; i < 300'000; ++i) cluster.step();
  const RuleReport report = checker.finish();
  EXPECT_EQ(report.violation_count, 0U) << to_string(report);
  EXPECT_GT(report.counters.instances, 5'000U);
}

}  // namespace
}  // namespace paxoscope
