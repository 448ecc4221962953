// Nodes that crash and come back while real threads go on. When that is, is up to the machine; what a test relies on is
// that who is to crash at time 0 is down before it has done anything, and that a proposer which is down keeps a run
// that ends by operations from ending.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "core/backoff/registry.h"
#include "core/random.h"
#include "core/threads/thread_cluster.h"
#include "core/threads/worker.h"
#include "tests/threads/judging_sink.h"

namespace paxoscope {
namespace {

ClusterOptions crashing_cluster(std::uint32_t proposers, std::uint64_t operations) {
  ClusterOptions options;
  options.proposers = proposers;
  options.operations_max = operations;
  options.round_trip = 20 * kMicrosecond;
  options.timeout = 2 * kMillisecond;
  options.measure = 120 * kSecond;  // only a safety net
  return options;
}

Crash acceptor(std::uint32_t id, Nanos at, Nanos until = kNever) {
  return {.kind = AgentKind::acceptor, .id = id, .at = at, .until = until};
}
Crash proposer(std::uint32_t id, Nanos at, Nanos until = kNever) {
  return {.kind = AgentKind::proposer, .id = id, .at = at, .until = until};
}

Measurement crashing_run(const ClusterOptions& options, const ThreadOptions& threads, const RunControl& control = {}) {
  auto measurement = run_threads(options, **parse_strategy("full_jitter"), threads, control);
  EXPECT_TRUE(measurement);
  EXPECT_EQ(measurement->violation, "");
  return *std::move(measurement);
}

struct Judged {
  Measurement measurement;
  RuleReport report;
};

Judged judged(const ClusterOptions& options, const ThreadOptions& threads) {
  JudgingSink sink({.quorums = options.rules.quorums, .learning = options.rules.learning});
  RunControl control;
  control.trace = &sink;
  control.trace_mode = TraceMode::whole;
  Judged judged{crashing_run(options, threads, control), sink.report()};
  EXPECT_EQ(judged.report.verdict, RuleReport::Verdict::ok) << to_string(judged.report);
  EXPECT_EQ(judged.report.counters.chosen, judged.measurement.audit.chosen_ever) << "two judges, one count";
  return judged;
}

TEST(Crashes, WithAQuorumUpARunGoesOnToItsEnd) {
  for (const std::uint32_t workers : {0U, 1U, 2U}) {
    const Judged it = judged(crashing_cluster(2, 300), {.workers = workers, .crashes = {acceptor(1, 0)}});
    EXPECT_EQ(it.measurement.stop, StopReason::operations);
    EXPECT_GE(it.measurement.audit.chosen_ever, 300U);
    EXPECT_EQ(it.measurement.crashes.acceptors, 1U);
    EXPECT_EQ(it.report.counters.crashes, 1U);
    EXPECT_EQ(it.measurement.acceptors[1].prepares + it.measurement.acceptors[1].accepts, 0U) << "it was down";
    EXPECT_GT(it.measurement.acceptors[0].votes, 0U);
  }
}

// Bounded queues: a proposer waits for an acceptor that has too many of its requests unanswered. What a crash loses is
// given back to it, or it would wait for ever.
TEST(Crashes, WhoIsDownForTheWholeRunHoldsNobodyUp) {
  for (const std::uint32_t workers : {0U, 1U}) {
    ClusterOptions options = crashing_cluster(2, 20'000);  // of two requests each, and some 32,768 may be unanswered
    options.window = 4;
    options.workload.choice = KeyChoice::disjoint;
    const Measurement m = crashing_run(options, {.workers = workers, .crashes = {acceptor(0, 0)}});
    EXPECT_EQ(m.stop, StopReason::operations);
    EXPECT_GE(m.audit.chosen_ever, 40'000U);
    EXPECT_EQ(m.proposers[0].counters.won, 20'000U) << "and nothing was retried for it";
  }
}

// Three acceptors and a proposer, a thread each, of which the test starts A0's when it likes.
TEST(Crashes, WhoWasHeldUpGoesOnWhenItHearsWhatWasLost) {
  using W = Worker<PaxosNodes>;
  constexpr std::uint32_t kUnansweredMax = 4;  // two operations
  SharedRun run;
  const KeyPicker picker{Workload{}};
  std::vector<std::unique_ptr<W>> workers;
  std::vector<std::unique_ptr<W::Acceptor>> acceptors;
  std::vector<std::unique_ptr<W::Proposer>> proposers;
  std::vector<Crashes<PaxosNodes, NoRecorder>*> crashes;
  for (std::size_t i = 0; i < 4; ++i) {
    workers.push_back(std::make_unique<W>(run, Idle(WaitKind::park, 4, 4), true, nullptr, i));
    crashes.push_back(&workers.back()->expect_crashes(0));
    if (i == 3) break;
    acceptors.push_back(std::make_unique<W::Acceptor>(W::Acceptor{
        AcceptorNode(static_cast<AcceptorId>(i), {}), Mailbox<Request>(workers[i]->parking(), 64, 1), NoRecorder{}}));
    workers[i]->seat(*acceptors[i]);
  }
  ProposerNodeOptions options;
  options.operations_max = 500;
  options.timeout = 1'000 * kSecond;  // nothing but the news wakes it
  proposers.push_back(
      std::make_unique<W::Proposer>(W::Proposer{.node = ProposerNode(options, **parse_strategy("none"), {}, picker),
                                                .inbox = Mailbox<Reply>(workers[3]->parking(), 64, 3),
                                                .unanswered = Unanswered(3, kUnansweredMax),
                                                .measured = {},
                                                .before = {},
                                                .livelock = {},
                                                .recorder = {}}));
  workers[3]->seat(*proposers[0]);
  crashes[0]->add(*acceptors[0], acceptor(0, 0));
  const Seating seating(3, 1, 4);
  for (std::size_t i = 0; i < 4; ++i) {
    workers[i]->connect(acceptors, proposers, false);
    crashes[i]->connect(seating, crashes, acceptors, proposers);
  }
  run.epoch = std::chrono::steady_clock::now();
  const auto until = [&](const auto& reached) {
    while (!reached() && run.now() < 120 * kSecond) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    return reached();
  };
  std::vector<std::thread> threads;
  for (std::size_t i = 1; i < 4; ++i) threads.emplace_back([&worker = *workers[i]] { worker(); });
  EXPECT_TRUE(until([&] { return acceptors[0]->inbox.size_approx() == kUnansweredMax; }));
  threads.emplace_back([&worker = *workers[0]] { worker(); });
  EXPECT_TRUE(until([&] { return run.proposers_done.load() == 1; })) << "it is held up";
  run.stop.store(true);
  for (const auto& worker : workers) worker->parking().wake();
  for (std::thread& thread : threads) thread.join();
  const W::Proposer& seat = *proposers[0];
  const std::uint64_t sent = 1'000 - seat.measured.held_back, lost = crashes[0]->counts().messages;
  EXPECT_LE(seat.unanswered.by(0), kUnansweredMax);
  EXPECT_LE(sent - seat.unanswered.by(0), lost) << "what it heard of was lost,";
  EXPECT_LE(lost, sent) << "and once";
}

TEST(Crashes, OfAMajorityEndAtTheRunsTimeAndDecideNothing) {
  for (const WaitKind wait : {WaitKind::park, WaitKind::yield}) {
    ClusterOptions options = crashing_cluster(2, 0);
    options.measure = 30 * kMillisecond;
    const Judged it = judged(options, {.wait = wait, .crashes = {acceptor(0, 0), acceptor(2, 0)}});
    EXPECT_EQ(it.measurement.stop, StopReason::time);
    EXPECT_EQ(it.measurement.audit.chosen_ever, 0U);
    EXPECT_EQ(it.measurement.crashes.acceptors, 2U);
  }
}

TEST(Crashes, OfEverybodyAreSurvived) {
  for (const std::uint32_t workers : {0U, 1U, 3U}) {
    ThreadOptions threads{.workers = workers};
    for (std::uint32_t id = 0; id < 3; ++id) threads.crashes.push_back(acceptor(id, 0, 3 * kMillisecond));
    for (std::uint32_t id = 1; id <= 2; ++id) threads.crashes.push_back(proposer(id, 0, 2 * kMillisecond));
    const Judged it = judged(crashing_cluster(2, 50), threads);
    EXPECT_EQ(it.measurement.stop, StopReason::operations);
    EXPECT_EQ(it.measurement.crashes.acceptors, 3U);
    EXPECT_EQ(it.measurement.crashes.proposers, 2U);
  }
}

TEST(Crashes, OfOneNodeThatOverlapAreOneOutage) {
  // On one thread what is due is done in its order.
  const ThreadOptions threads{
      .workers = 1,
      .crashes = {acceptor(0, 0, 2 * kMillisecond), acceptor(0, kMillisecond, 3 * kMillisecond),
                  proposer(1, 0, 4 * kMillisecond), acceptor(0, 3 * kMillisecond, 3 * kMillisecond)}};
  const Judged it = judged(crashing_cluster(1, 20), threads);
  EXPECT_EQ(it.measurement.stop, StopReason::operations);
  EXPECT_EQ(it.measurement.crashes.acceptors, 2U) << "the third begins when the second is over";
  EXPECT_EQ(it.measurement.crashes.proposers, 1U);
}

// Everybody now and then, in every setting: the rules hold, and a quorum that is up again decides.
TEST(Crashes, AtAnyTimeOfAnybodyBreakNoRule) {
  RuleCounters seen;
  for (std::uint64_t seed = 1; seed <= 24; ++seed) {
    SCOPED_TRACE(seed);
    Random random(seed);
    ClusterOptions options = crashing_cluster(2 + static_cast<std::uint32_t>(random.below(3)), 150);
    const std::uint32_t acceptors = seed % 4 == 0 ? 5 : 3;
    options.rules = {Quorums::majority(static_cast<int>(acceptors)), static_cast<GiveUp>(seed % 3),
                     static_cast<Learning>(seed / 3 % 3)};
    options.window = 1 + static_cast<std::uint32_t>(random.below(8));
    options.workload.choice = static_cast<KeyChoice>(random.below(4));
    options.workload.keys = 3;
    options.workload.read_share = seed % 2 == 0 ? 0.3 : 0;
    options.timeout = kMillisecond;
    options.seed = seed;
    ThreadOptions threads{.workers = static_cast<std::uint32_t>(seed % 4)};
    Nanos last = 0;
    for (std::uint64_t i = 0; i < 12; ++i) {
      const bool of_acceptor = random.below(2) == 0;
      const auto at = static_cast<Nanos>(random.below(8 * kMillisecond));
      const auto until = at + static_cast<Nanos>(random.below(2 * kMillisecond));
      const auto id = static_cast<std::uint32_t>(random.below(of_acceptor ? acceptors : options.proposers));
      threads.crashes.push_back(of_acceptor ? acceptor(id, at, until) : proposer(id + 1, at, until));
      last = std::max(last, until);
    }
    threads.crashes.push_back(proposer(1, 0, last));  // so it lasts until all of that is due
    const Judged it = judged(options, threads);
    EXPECT_EQ(it.measurement.stop, StopReason::operations);
    EXPECT_GT(it.report.counters.results, 0U);
    seen.crashes += it.report.counters.crashes;
    seen.dropped += it.report.counters.dropped;
    seen.retries += it.report.counters.retries;
  }
  EXPECT_GE(seen.crashes, 24U);
  EXPECT_GT(seen.dropped, 0U);
  EXPECT_GT(seen.retries, 0U);
}

TEST(Crashes, OfWhoDoesNotExistAreRefused) {
  for (const Crash& crash : {acceptor(3, 0), proposer(0, 0), proposer(2, 0)}) {
    EXPECT_FALSE(run_threads(crashing_cluster(1, 1), **parse_strategy("none"), {.crashes = {crash}}, {}));
  }
}

}  // namespace
}  // namespace paxoscope
