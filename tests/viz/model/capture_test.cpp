// Captures from real threads. Which moment is caught depends on the machine; what a capture says of it does not.
#include <gtest/gtest.h>

#include <chrono>
#include <thread>

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
        Trigger{.kind = Trigger::Kind::slow_decision, .time = 1},
        Trigger{.kind = Trigger::Kind::livelock, .time = 1}}) {
    const Capture::Caught result = caught(options_for(trigger));
    EXPECT_GE(result.triggered_at, 0) << static_cast<int>(trigger.kind) << ": " << result.text;
    EXPECT_FALSE(result.source->take().history.empty());
  }
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
