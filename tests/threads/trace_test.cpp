// What real threads did, recorded and judged: every acceptor's state after every step is what the reference makes of
// the requests in its own order, and every other rule holds too.
#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <thread>
#include <tuple>
#include <type_traits>
#include <vector>

#include "core/backoff/registry.h"
#include "core/threads/crew.h"
#include "core/threads/thread_cluster.h"
#include "tests/threads/judging_sink.h"

namespace paxoscope {
namespace {

#ifdef PAXOSCOPE_SANITIZED
constexpr std::uint64_t kDecisions = 4'000;  // of each setting
#else
constexpr std::uint64_t kDecisions = 700'000;
#endif

struct ListSink : TraceSink {
  std::vector<Event> events;
  std::vector<AgentTotal> totals;
  using TraceSink::push;
  void push(const PackedEvent& event) override { events.push_back(unpack(event)); }
  Expected<void> finish(std::span<const AgentTotal> all) override {
    totals.assign(all.begin(), all.end());
    return {};
  }
};

// Not recording costs nothing: there is nothing to call, and nothing to keep. That the threads compile without is the
// proof that they do not look for it either.
template <class Recorder>
concept Records = requires(Recorder recorder) {
  recorder.record(Event(), Nanos());
};
static_assert(Records<ThreadRecorder> && !Records<NoRecorder> && std::is_empty_v<NoRecorder>);
static_assert(sizeof(ProposerSeat<PaxosNodes, NoRecorder>) + sizeof(ThreadRecorder) <=
              sizeof(ProposerSeat<PaxosNodes, ThreadRecorder>));

ClusterOptions traced_cluster(int acceptors, std::uint32_t proposers, std::uint32_t window) {
  ClusterOptions options;
  options.proposers = proposers;
  options.rules.quorums = Quorums::majority(acceptors);
  options.window = window;
  options.round_trip = 20 * kMicrosecond;
  options.measure = 120 * kSecond;
  return options;
}

RuleReport judged_run(const ClusterOptions& options, const ThreadOptions& threads = {}) {
  JudgingSink sink({.quorums = options.rules.quorums, .learning = options.rules.learning});
  RunControl control;
  control.trace = &sink;
  control.trace_mode = TraceMode::whole;
  const auto measurement = run_threads(options, **parse_strategy("full_jitter"), threads, control);
  EXPECT_TRUE(measurement);
  EXPECT_EQ(measurement->violation, "");
  EXPECT_EQ(sink.finished(), 1);
  EXPECT_EQ(sink.report().verdict, RuleReport::Verdict::ok) << to_string(sink.report());
  EXPECT_EQ(sink.report().counters.chosen, measurement->audit.chosen_ever) << "two judges, one count";
  return sink.report();
}

TEST(RealThreadTraces, MillionsOfInstancesReplayToTheSameAcceptorStates) {
  RuleCounters seen;
  const auto add = [&seen](const RuleReport& report) {
    seen.chosen += report.counters.chosen;
    seen.adopted += report.counters.adopted;
    seen.rejected_accepts += report.counters.rejected_accepts;
    seen.retries += report.counters.retries;
    seen.ties_broken += report.counters.ties_broken;
  };
  for (const std::uint32_t workers : {0U, 2U}) {
    ClusterOptions crowd = traced_cluster(3, 2, 64);
    crowd.decisions_max = kDecisions;
    add(judged_run(crowd, {.workers = workers}));
  }
  ClusterOptions alone = traced_cluster(3, 1, 1024);
  alone.decisions_max = kDecisions;
  add(judged_run(alone));
  EXPECT_GE(seen.chosen, 3 * kDecisions);
  // The interesting things have happened, too.
  EXPECT_GT(seen.adopted, 0U);
  EXPECT_GT(seen.retries, 0U);
  EXPECT_GT(seen.ties_broken, 0U);
}

TEST(RealThreadTraces, OfEverySettingAreOk) {
  for (std::uint64_t i = 0; i < 27; ++i) {
    ClusterOptions options = traced_cluster(i % 4 == 0 ? 5 : 3, 1 + static_cast<std::uint32_t>(i % 5), 1 + i % 8);
    if (i % 9 == 8) options.rules.quorums = *Quorums::make(4, 3, 2);
    options.rules.give_up = static_cast<GiveUp>(i % 3);
    options.rules.learning = static_cast<Learning>(i / 3 % 3);
    options.workload.choice = static_cast<KeyChoice>(i % 4);
    options.workload.keys = 3;
    options.workload.read_share = i % 2 == 0 ? 0.3 : 0;
    options.operations_max = 60;
    options.seed = i;
    SCOPED_TRACE(i);
    const RuleReport report = judged_run(options, {.workers = static_cast<std::uint32_t>(i % 4)});
    EXPECT_GT(report.counters.results, 0U);
  }
}

// Nothing is waited for, so much may be lost; what is lost is a gap, and never makes a violation.
TEST(RealThreadTraces, WhatIsLostIsAGap) {
  class Slow : public JudgingSink {
   public:
    using JudgingSink::JudgingSink;
    void push(const PackedEvent& event) override {
      if (++pushed_ == 3'000) std::this_thread::sleep_for(std::chrono::milliseconds(50));
      JudgingSink::push(event);
    }

   private:
    int pushed_ = 0;
  };
  ClusterOptions options = traced_cluster(3, 2, 64);
  options.decisions_max = 20'000;
  Slow sink(RuleOptions{});
  RunControl control;
  control.trace = &sink;
  ASSERT_TRUE(run_threads(options, **parse_strategy("full_jitter"), {}, control));
  const RuleReport& report = sink.report();
  EXPECT_EQ(report.violation_count, 0U) << to_string(report);
  EXPECT_EQ(report.verdict == RuleReport::Verdict::incomplete, report.by_rule[10] > 0) << to_string(report);
}

// Each thread's newest events, in order, up to its last one; what was overwritten is a gap, and never makes a
// violation.
TEST(RealThreadTraces, OfTheNewestEventsEndWithTheRun) {
  class Kept : public JudgingSink {
   public:
    using JudgingSink::JudgingSink;
    void push(const PackedEvent& event) override {
      const Event unpacked = unpack(event);
      const std::pair agent(unpacked.agent_kind, unpacked.agent);
      const auto [last, first] = last_.try_emplace(agent, unpacked.sequence);
      if (!first) {
        EXPECT_EQ(unpacked.sequence, last->second + 1);
        last->second = unpacked.sequence;
      }
      JudgingSink::push(event);
    }
    Expected<void> finish(std::span<const AgentTotal> totals) override {
      for (const AgentTotal& total : totals) {
        EXPECT_EQ(last_.at({total.agent_kind, total.agent}) + 1, total.recorded);
        overwritten_ |= total.recorded > (1U << 14);
      }
      return JudgingSink::finish(totals);
    }
    bool overwritten() const { return overwritten_; }

   private:
    std::map<std::pair<AgentKind, std::uint32_t>, std::uint32_t> last_;
    bool overwritten_ = false;
  };
  ClusterOptions options = traced_cluster(3, 2, 64);
  options.decisions_max = 20'000;
  Kept sink(RuleOptions{});
  RunControl control;
  control.trace = &sink;
  control.trace_mode = TraceMode::newest;
  ASSERT_TRUE(run_threads(options, **parse_strategy("full_jitter"), {}, control));
  EXPECT_TRUE(sink.overwritten());
  EXPECT_EQ(sink.report().violation_count, 0U) << to_string(sink.report());
  EXPECT_EQ(sink.report().verdict, RuleReport::Verdict::incomplete);
}

// A message is never received before it was sent, on the one clock of the run.
TEST(RealThreadTraces, NoEffectIsTimedBeforeItsCause) {
  ClusterOptions options = traced_cluster(3, 3, 4);
  options.operations_max = 300;
  ListSink sink;
  RunControl control;
  control.trace = &sink;
  control.trace_mode = TraceMode::whole;
  ASSERT_TRUE(run_threads(options, **parse_strategy("full_jitter"), {}, control));
  ASSERT_EQ(sink.totals.size(), 6U);

  using Message =
      std::tuple<std::uint32_t, std::uint64_t, std::uint64_t, std::uint32_t>;  // key, version, ballot, round
  std::map<Message, Nanos> sent;
  std::map<std::pair<Message, std::uint32_t>, Nanos> answered;
  const auto message = [](const Event& event) {
    return Message{event.instance.key, event.instance.ver, event.ballot.word(), event.round};
  };
  std::erase_if(sink.events, [](const Event& event) { return !is_of_an_instance(event.kind); });
  for (const Event& event : sink.events) {
    if (event.kind == EventKind::sent) sent[message(event)] = event.at;
    if (event.agent_kind == AgentKind::acceptor) answered[{message(event), event.agent}] = event.at;
  }
  std::uint64_t compared = 0;
  for (const Event& event : sink.events) {
    if (event.agent_kind == AgentKind::acceptor) {
      ASSERT_LE(sent.at(message(event)), event.at);
    } else if (event.kind == EventKind::used || event.kind == EventKind::ignored) {
      ASSERT_LE(answered.at({message(event), event.peer}), event.at);
    } else {
      continue;
    }
    ++compared;
  }
  EXPECT_GT(compared, 10'000U);
}

}  // namespace
}  // namespace paxoscope
