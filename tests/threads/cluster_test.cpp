// Acceptors and proposers on real threads: agreement, every bound ends a run, and what is measured adds up. Nothing
// here depends on how fast a thread is, only on what happened.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <string>

#include "core/backoff/registry.h"
#include "core/random.h"
#include "core/threads/thread_cluster.h"
#include "tests/support/allocations.h"

namespace paxoscope {
namespace {

// A cluster that ends after so many operations of each proposer; its time is only a safety net.
ClusterOptions cluster(std::uint32_t proposers, std::uint64_t operations) {
  ClusterOptions options;
  options.proposers = proposers;
  options.rules = {Quorums::majority(3), GiveUp::majority_out_of_reach, Learning::own_round};
  options.operations_max = operations;
  options.round_trip = 20 * kMicrosecond;
  options.measure = 120 * kSecond;
  return options;
}

Measurement run(const ClusterOptions& options, const ThreadOptions& threads = {},
                const std::string& strategy = "full_jitter", const RunControl& control = {}) {
  const auto parsed = parse_strategy(strategy);
  EXPECT_TRUE(parsed) << strategy;
  auto measurement = run_threads(options, **parsed, threads, control);
  EXPECT_TRUE(measurement);
  EXPECT_EQ(measurement->violation, "");
  return *std::move(measurement);
}

ProposerCounters sum(const Measurement& measurement) {
  ProposerCounters all;
  for (const ProposerMeasurement& proposer : measurement.proposers) {
    const ProposerCounters& c = proposer.counters;
    all.won += c.won;
    all.learned += c.learned;
    all.read += c.read;
    all.told += c.told;
    all.skipped += c.skipped;
    all.empty += c.empty;
    all.gave_up += c.gave_up;
    all.ballots += c.ballots;
    all.adopted += c.adopted;
    all.preempted_prepare += c.preempted_prepare;
    all.preempted_accept += c.preempted_accept;
  }
  return all;
}

TEST(Threads, ASingleProposerDecidesItsOwnValue) {
  for (const std::uint32_t workers : {0U, 1U, 2U}) {
    const Measurement m = run(cluster(1, 1), {.workers = workers});
    EXPECT_EQ(m.stop, StopReason::operations);
    EXPECT_EQ(sum(m).won, 1U);
    EXPECT_EQ(m.audit.chosen_ever, 1U);
    EXPECT_EQ(sum(m).ballots, 1U) << "nobody is in its way";
  }
}

TEST(Threads, OfTwoProposersOneWinsAndTheOtherLearnsIt) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    ClusterOptions options = cluster(2, 1);
    options.seed = seed;
    const Measurement m = run(options, {.workers = static_cast<std::uint32_t>(seed % 4)});
    EXPECT_EQ(m.stop, StopReason::operations);
    EXPECT_EQ(sum(m).won, 1U);
    EXPECT_EQ(sum(m).learned, 1U);
    EXPECT_EQ(m.audit.chosen_ever, 1U);
    EXPECT_EQ(m.audit.results, 2U) << "and both were told the same";
  }
}

TEST(Threads, WhatWasSetIsRead) {
  ClusterOptions options = cluster(1, 200);
  options.workload.read_share = 0.5;
  const Measurement m = run(options);
  EXPECT_GT(sum(m).read, 50U);
  EXPECT_EQ(sum(m).read + sum(m).won, 200U);
  EXPECT_EQ(m.audit.results, 200U);
}

// Everything that can be combined, one combination after another.
TEST(Threads, AgreeWhateverIsCombined) {
  const auto strategies = all_strategies();
  ProposerCounters all;
  for (std::uint64_t i = 0; i < 54; ++i) {
    Random random(i);
    ClusterOptions options = cluster(1 + static_cast<std::uint32_t>(random.below(4)), 40);
    static constexpr int kAcceptors[] = {1, 3, 4, 5};
    options.rules = {Quorums::majority(kAcceptors[random.below(4)]), static_cast<GiveUp>(i % 3),
                     static_cast<Learning>(i / 3 % 3)};
    if (i % 9 == 8) options.rules.quorums = *Quorums::make(4, 3, 2);
    options.window = 1 + static_cast<std::uint32_t>(random.below(8));
    options.workload.choice = static_cast<KeyChoice>(random.below(4));
    options.workload.keys = 2;
    options.workload.read_share = i % 4 == 0 ? 0.3 : 0;
    options.workload.arrivals_per_second = i % 5 == 0 ? 20'000 : 0;
    options.seed = i;
    ThreadOptions threads{.workers = static_cast<std::uint32_t>(random.below(4)),
                          .wait = static_cast<WaitKind>(i % 3),
                          .pin = i % 7 == 0};
    // Spinning threads need few of them, or they wait for each other's time slices.
    if (threads.wait == WaitKind::spin) threads.workers = 1 + threads.workers % 2;
    const std::string strategy(strategies[i % strategies.size()].name);
    SCOPED_TRACE(strategy + ", setting " + std::to_string(i));
    const Measurement m = run(options, threads, strategy);
    ASSERT_EQ(m.stop, StopReason::operations);
    const ProposerCounters c = sum(m);
    ASSERT_EQ(c.gave_up, 0U);
    ASSERT_EQ(m.audit.results, c.won + c.learned + c.read);
    ASSERT_EQ(c.won + c.learned + c.read + c.empty, options.proposers * options.operations_max)
        << "nothing is retired so early";
    all.won += c.won;
    all.learned += c.learned;
    all.told += c.told;
    all.adopted += c.adopted;
    all.preempted_prepare += c.preempted_prepare;
    all.preempted_accept += c.preempted_accept;
  }
  EXPECT_GT(all.won, 0U);
  EXPECT_GT(all.learned, 0U);
  EXPECT_GT(all.preempted_prepare + all.preempted_accept, 0U);
}

TEST(Threads, GoOnFarBehindTheWatermark) {
  ClusterOptions options = cluster(2, 3'000);
  options.limits.rings.versions_max = 512;
  options.limits.retain = 32;
  options.window = 4;
  const Measurement m = run(options, {.workers = 1});
  EXPECT_EQ(m.stop, StopReason::operations);
  for (const AcceptorCounters& acceptor : m.acceptors) EXPECT_EQ(acceptor.refused, 0U);
}

TEST(Bounds, TimeEndsARun) {
  ClusterOptions options = cluster(2, 0);
  options.warm_up = 10 * kMillisecond;
  options.measure = 50 * kMillisecond;
  const Measurement m = run(options);
  EXPECT_EQ(m.stop, StopReason::time);
  EXPECT_EQ(m.warm_up, 10 * kMillisecond);
  EXPECT_EQ(m.threads, 5U);
}

TEST(Bounds, DecisionsEndARun) {
  ClusterOptions options = cluster(2, 0);
  options.decisions_max = 50;
  const Measurement m = run(options);
  EXPECT_EQ(m.stop, StopReason::decisions);
  EXPECT_GE(m.audit.chosen_ever, 50U);
}

TEST(Bounds, HoldWhateverTheStrategy) {
  for (const StrategyInfo& strategy : all_strategies()) {
    SCOPED_TRACE(strategy.name);
    ClusterOptions options = cluster(3, 0);
    options.measure = 10 * kMillisecond;
    EXPECT_EQ(run(options, {}, std::string(strategy.name)).stop, StopReason::time);
  }
}

TEST(Bounds, AnInterruptionEndsARunAndJoinsItsThreads) {
  for (const WaitKind wait : {WaitKind::yield, WaitKind::park}) {
    ClusterOptions options = cluster(2, 0);
    options.workload.arrivals_per_second = 5;  // most threads sleep when it comes
    std::atomic<int> asked{0};
    std::chrono::steady_clock::time_point interrupted;
    const Measurement m = run(options, {.wait = wait}, "full_jitter",
                              {.interrupted =
                                   [&] {
                                     if (++asked < 10) return false;
                                     interrupted = std::chrono::steady_clock::now();
                                     return true;
                                   },
                               .progress = {}});
    EXPECT_EQ(m.stop, StopReason::interrupted);
    // A second, and a margin for a busy machine.
    EXPECT_LT(std::chrono::steady_clock::now() - interrupted, std::chrono::seconds(10));
  }
}

TEST(Bounds, ALivelockEndsARunAndIsNamed) {
  ClusterOptions options = cluster(4, 200);
  options.rounds_max = 1;  // the first preemption is called a livelock
  // On one thread all of them begin before any of them hears a reply, so they meet.
  const Measurement m = run(options, {.workers = 1}, "none");
  EXPECT_GT(sum(m).gave_up, 0U);
  EXPECT_NE(m.livelock.find("gave up key 0 version "), std::string::npos) << m.livelock;
}

TEST(Bounds, AProposerThatGaveUpRetiresNothingUndecided) {
  // Everybody gives up at the first refusal, and goes on with what comes next, for long enough to retire.
  for (std::uint64_t seed = 0; seed < 5; ++seed) {
    ClusterOptions options = cluster(3, 2'000);
    options.rounds_max = 1;
    options.window = 8;
    options.limits.retain = 0;
    options.seed = seed;
    (void)run(options, {.workers = 2}, "none");  // run() expects no violation
  }
}

TEST(Measured, BudgetsAddUpToTheMeasuredTime) {
  for (const std::uint32_t workers : {0U, 1U, 2U}) {
    ClusterOptions options = cluster(3, 100);
    options.workload.arrivals_per_second = workers == 2 ? 10'000 : 0;
    const Measurement m = run(options, {.workers = workers});
    ASSERT_EQ(m.proposers.size(), 3U);
    for (const ProposerMeasurement& proposer : m.proposers) {
      const TimeBudget& b = proposer.budget;
      for (const Nanos part : {b.working, b.waiting, b.queued, b.backing_off, b.idle}) EXPECT_GE(part, 0);
      EXPECT_GT(b.total(), 0);
      EXPECT_EQ(b.total(), proposer.measured) << "100%";
      EXPECT_LE(b.total(), m.measured) << "the longest of all threads";
      const ProposerCounters& c = proposer.counters;
      EXPECT_LE(c.waiting + c.backing_off, proposer.measured) << "one slot, so one thing at a time";
      // One thread measures for all.
      EXPECT_TRUE(workers != 1 || b.total() == m.measured) << b.total() << " of " << m.measured;
    }
  }
}

TEST(Measured, LatencyIncludesTheSleep) {
  // A sleeping proposer is woken by an arrival: from its intended start to its end takes some time;
  // what counts is that the clock is read after the sleep, not before it.
  ClusterOptions options = cluster(1, 20);
  options.workload.arrivals_per_second = 500;
  const Measurement m = run(options);
  const Histogram& to_end = m.proposers[0].to_end;
  EXPECT_EQ(to_end.count(), 20U);
  EXPECT_EQ(to_end.saturated(), 0U) << "no operation ends before it begins";
  EXPECT_GT(to_end.min(), 0);
}

TEST(Measured, TheRoundTripIsPositiveOrZeroWhenInterrupted) {
  for (const std::uint32_t workers : {0U, 1U}) {
    const auto round_trip = measure_round_trip(cluster(1, 0), {.workers = workers});
    ASSERT_TRUE(round_trip) << round_trip.error().message;
    EXPECT_GT(*round_trip, 0);
  }
  const auto interrupted = measure_round_trip(cluster(1, 0), {}, {.interrupted = [] { return true; }, .progress = {}});
  ASSERT_TRUE(interrupted);
  EXPECT_EQ(*interrupted, 0);
}

TEST(Measured, TenTimesTheWorkNeedsNoMoreMemory) {
  const auto allocated = [](std::uint64_t operations) {
    ClusterOptions options = cluster(1, operations);
    options.window = 4;
    const std::uint64_t before = allocations_of_all_threads();
    (void)run(options, {.workers = 1});
    return allocations_of_all_threads() - before;
  };
  allocated(2'000);
  const std::uint64_t few = allocated(2'000), many = allocated(20'000);
  EXPECT_LT(many, few + 100) << "the hot path allocates";
}

}  // namespace
}  // namespace paxoscope
