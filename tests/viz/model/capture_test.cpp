// Captures from real threads. Which moment is caught depends on the machine; what a capture says of it does not.
#include <gtest/gtest.h>

#include <chrono>
#include <thread>
#include <vector>

#include "viz/model/capture.h"
#include "viz/model/decree.h"

namespace paxoscope::viz {
namespace {

CaptureOptions options_for(Trigger trigger) {
  CaptureOptions options;
  options.experiment.engine = Engine::threads;
  options.experiment.strategy = "none";
  options.experiment.proposers = 3;
  options.experiment.warm_up_s = 0;
  options.experiment.duration_s = 20;
  options.experiment.round_trip_us = 20;
  options.trigger = trigger;
  options.before = options.after = kMillisecond;
  options.events_max = 1U << 14;
  return options;
}

Capture::Caught caught(const CaptureOptions& options) {
  auto capture = Capture::start(options);
  EXPECT_TRUE(capture) << capture.error().message;
  while ((*capture)->state() != Capture::State::done) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  auto result = (*capture)->take();
  EXPECT_TRUE(result) << result.error().message;
  return std::move(*result);
}

class CapturesOf : public testing::TestWithParam<std::uint32_t> {};
// The smaller is overwritten several times from one look at it to the next.
INSTANTIATE_TEST_SUITE_P(SoManyEvents, CapturesOf, testing::Values(1U << 10, 1U << 14));

TEST_P(CapturesOf, ThreeProposersThatNeverWaitShowOnePreemptedInPhaseTwo) {
  CaptureOptions options = options_for({.kind = Trigger::Kind::preempted_in_accept});
  options.events_max = GetParam();
  const Capture::Caught result = caught(options);
  ASSERT_GE(result.triggered_at, 0) << result.text;
  const History& history = result.source->take().history;
  EXPECT_GE(history.first(), result.triggered_at - kMillisecond);
  EXPECT_LE(history.last(), result.triggered_at + kMillisecond);
  bool is_there = false;
  for (std::size_t i = 0; i < history.lanes(); ++i) {
    const History::Lane& lane = history.lane(i);
    for (std::uint32_t p = 0; p < lane.size; ++p) {
      const Event event = history.event_at(lane, p);
      is_there |=
          event.at == result.triggered_at && event.kind == EventKind::backed_off && event.phase == Phase::accept;
    }
  }
  EXPECT_TRUE(is_there) << "what pulled the trigger is in what was caught";
  const Decree decree(result.source->take(), focus_at(history, result.triggered_at));
  EXPECT_TRUE(decree.at(result.triggered_at).safety.holds);
}

TEST(Captures, EveryTriggerIsPulledByWhatItNames) {
  for (const Trigger& trigger :
       {Trigger{.kind = Trigger::Kind::now}, Trigger{.kind = Trigger::Kind::ballots, .count = 2},
        Trigger{.kind = Trigger::Kind::slow_decision, .time = 1}, Trigger{.kind = Trigger::Kind::livelock, .time = 1},
        Trigger{.kind = Trigger::Kind::first_crash}}) {
    CaptureOptions options = options_for(trigger);
    if (trigger.kind == Trigger::Kind::first_crash) {
      options.experiment.faults = to_text({.faults = {{.a = {{AgentKind::acceptor, 0}}}}});
    }
    const Capture::Caught result = caught(options);
    EXPECT_GE(result.triggered_at, 0) << static_cast<int>(trigger.kind) << ": " << result.text;
    EXPECT_FALSE(result.source->take().history.empty());
  }
}

// When it crashed, and when it was up again; nothing else happened to it.
std::pair<Nanos, Nanos> outage_of(const History& history, AgentKind kind, std::uint32_t agent) {
  std::vector<Event> events;
  for (const EventId id : history.faults()) {
    const Event event = history.event(id);
    if (event.agent_kind == kind && event.agent == agent) events.push_back(event);
  }
  EXPECT_EQ(events.size(), 2U);
  EXPECT_EQ(events.front().kind, EventKind::crashed);
  EXPECT_EQ(events.back().kind, EventKind::restarted);
  return {events.front().at, events.back().at};
}

// P2 is down for longer, so the run does not end before A0 is up again: they share a thread. Nothing is overwritten.
TEST(Captures, OfAnAcceptorThatCrashesShowItDownAndUpAgain) {
  CaptureOptions options = options_for({.kind = Trigger::Kind::first_crash});
  options.experiment.faults =
      to_text({.faults = {{.at = 0, .lasts = kMillisecond, .a = {{AgentKind::acceptor, 0}}},
                          {.at = 0, .lasts = 2 * kMillisecond, .a = {{AgentKind::proposer, 2}}}}});
  options.experiment.timeout_us = 300;
  options.experiment.operations_max = 500;
  options.experiment.workers = 1;
  options.after = 1'000 * kSecond;
  options.events_max = 1U << 20;
  const Capture::Caught result = caught(options);
  ASSERT_GE(result.triggered_at, 0) << result.text;
  EXPECT_EQ(result.text, "A0 crashed");
  const History& history = result.source->take().history;
  const auto [crash, restart] = outage_of(history, AgentKind::acceptor, 0);
  EXPECT_EQ(crash, result.triggered_at);
  EXPECT_GE(outage_of(history, AgentKind::proposer, 2).second, restart);
  const Decree decree(result.source->take(), focus_at(history, history.last()));
  EXPECT_TRUE(decree.at(restart).acceptors.front().up);
  EXPECT_TRUE(decree.at(crash).acceptors.front().up == (crash == restart)) << "unless its thread had no core meanwhile";
  EXPECT_TRUE(decree.at(history.last()).safety.holds);
}

// Its thread goes on at full speed, in a ring that is overwritten before anybody looks into it.
TEST_P(CapturesOf, ACrashThatComesOnceIsNotMissed) {
  CaptureOptions options = options_for({.kind = Trigger::Kind::first_crash});
  options.experiment.faults =
      to_text({.faults = {{.at = kMillisecond, .lasts = kMicrosecond, .a = {{AgentKind::acceptor, 0}}}}});
  options.experiment.timeout_us = 300;
  options.experiment.workers = 1;
  options.events_max = GetParam();
  const Capture::Caught result = caught(options);
  EXPECT_GE(result.triggered_at, kMillisecond) << result.text;
  EXPECT_NE(result.text.find("crashed"), std::string::npos) << result.text;
}

TEST(Captures, OfACrashThatNobodyAskedForAreRefused) {
  const auto capture = Capture::start(options_for({.kind = Trigger::Kind::first_crash}));
  ASSERT_FALSE(capture);
  EXPECT_EQ(capture.error().message, "the trigger is the first crash, and nobody is to crash: say when");
}

// As when it was overwritten before it was noticed; here because a moment has no length.
TEST(Captures, OfAMomentOfWhichNothingIsLeftItShowsWhatThereIsAndSaysSo) {
  CaptureOptions options = options_for({.kind = Trigger::Kind::now});
  options.before = options.after = 0;
  const Capture::Caught result = caught(options);
  EXPECT_EQ(result.text, "at once, but nothing of that moment was kept: this is what was");
  EXPECT_FALSE(result.source->take().history.empty());
}

TEST(Captures, WithoutATriggerTheEndOfTheRunIsShownAndSaysSo) {
  CaptureOptions options = options_for({.kind = Trigger::Kind::rule_broken});
  options.experiment.operations_max = 100;
  const Capture::Caught result = caught(options);
  EXPECT_EQ(result.triggered_at, -1);
  EXPECT_EQ(result.text, "the trigger never came: this is how the run ended");
  EXPECT_FALSE(result.source->take().history.empty());
  EXPECT_TRUE(result.source->take().findings.empty());
}

TEST(Captures, WhatWasOverwrittenIsAGapFromTheBeginningOfTheWindow) {
  CaptureOptions options = options_for({.kind = Trigger::Kind::rule_broken});
  options.experiment.operations_max = 2'000;
  options.before = kSecond * 1'000;  // all of it
  options.events_max = 1U << 10;
  const Capture::Caught result = caught(options);
  const History& history = result.source->take().history;
  ASSERT_EQ(history.lanes(), 6U);
  for (std::size_t i = 0; i < history.lanes(); ++i) {
    const History::Lane& lane = history.lane(i);
    ASSERT_EQ(lane.gaps.size(), 1U);
    EXPECT_EQ(lane.gaps[0].from, 0);
    EXPECT_EQ(lane.gaps[0].to, history.time_at(lane, 0));
    EXPECT_GT(history.event_at(lane, 0).sequence, 0U);
  }
}

TEST(Captures, BadOptionsAreRefused) {
  CaptureOptions options = options_for({});
  options.experiment.engine = Engine::simulation;
  EXPECT_FALSE(Capture::start(options));
  options = options_for({.kind = Trigger::Kind::ballots, .count = 1});
  EXPECT_FALSE(Capture::start(options));
  options = options_for({});
  options.events_max = 7;
  EXPECT_FALSE(Capture::start(options));
}

}  // namespace
}  // namespace paxoscope::viz
