// Small runs in virtual time, for the tests of the simulation.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "core/backoff/registry.h"
#include "core/check/rules.h"
#include "core/simulation/simulation.h"
#include "core/trace/event.h"

namespace paxoscope::testing {

inline SimulationOptions network_of(const std::string& text) {
  SimulationOptions options;
  auto network = parse_network(text);
  EXPECT_TRUE(network.has_value()) << (network ? "" : network.error().message);
  if (network) options.network = *network;
  return options;
}

// Every proposer does `operations` operations on one hot key; nothing bounds the time but an hour.
inline ClusterOptions one_shot(std::uint32_t proposers, const SimulationOptions& options, std::uint32_t acceptors = 3,
                               std::uint64_t operations = 1) {
  ClusterOptions cluster;
  cluster.proposers = proposers;
  cluster.rules.quorums = Quorums::majority(static_cast<int>(acceptors));
  cluster.round_trip = options.network.round_trip(acceptors, proposers);
  cluster.timeout = 20 * cluster.round_trip;
  cluster.operations_max = operations;
  cluster.measure = 3'600 * kSecond;
  return cluster;
}

inline SimulationResult run(const ClusterOptions& cluster, const std::string& strategy,
                            const SimulationOptions& options) {
  const auto parsed = parse_strategy(strategy);
  EXPECT_TRUE(parsed.has_value()) << (parsed ? "" : parsed.error().message);
  auto result = run_simulation(cluster, **parsed, options);
  EXPECT_TRUE(result.has_value()) << (result ? "" : result.error().message);
  return result ? *std::move(result) : SimulationResult();
}

// The same with its events given to a sink.
template <class Sink>
SimulationResult run_traced(const ClusterOptions& cluster, const std::string& strategy,
                            const SimulationOptions& options, Sink& sink) {
  struct Trace : TraceSink {
    explicit Trace(Sink& to) : sink(to) {}
    void push(const PackedEvent& event) override { sink.push(unpack(event)); }
    Expected<void> finish(std::span<const AgentTotal>) override { return {}; }
    Sink& sink;
  } trace(sink);
  const auto parsed = parse_strategy(strategy);
  auto result = run_simulation(cluster, **parsed, options, {.trace = &trace});
  EXPECT_TRUE(result.has_value()) << (result ? "" : result.error().message);
  return result ? *std::move(result) : SimulationResult();
}

struct JudgedRun {
  SimulationResult result;
  RuleReport rules;
};

// The same, judged by all rules of a trace besides.
inline JudgedRun run_judged(const ClusterOptions& cluster, const std::string& strategy,
                            const SimulationOptions& options) {
  RuleChecker checker({.quorums = cluster.rules.quorums, .learning = cluster.rules.learning});
  struct Feed {
    RuleChecker& checker;
    void push(const Event& event) { checker.feed(event); }
  } feed{checker};
  JudgedRun judged{run_traced(cluster, strategy, options, feed), {}};
  for (const AgentTotal& total : judged.result.recorded) {
    checker.expect(total.agent_kind, total.agent, total.recorded);
  }
  judged.rules = checker.finish();
  return judged;
}

inline const MessageCounts& messages(const SimulationResult& result, MessageType type) {
  return result.messages[static_cast<std::size_t>(type)];
}

}  // namespace paxoscope::testing
