// The model of the window, headlessly: what would be shown, as text.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "tests/viz/model/show.h"
#include "viz/model/live.h"
#include "viz/model/playback.h"
#include "viz/model/scenarios.h"

namespace paxoscope::viz {
namespace {

std::unique_ptr<Source> open(std::string_view name) {
  auto source = open_scenario(name);
  EXPECT_TRUE(source) << source.error().message;
  return source ? std::move(*source) : nullptr;
}

TEST(Moments, ARefusalIsOnItsWayAndTheProposerDoesNotKnow) {
  const auto source = open("example_2_two_proposers");
  const Decree decree(source->take(), source->take().history.instances().front().id);
  EXPECT_EQ(show(decree.at(13 * kStep), decree), R"(P10 accepting (1,10) try 1 [+x.] 1/2 own 100 asks for 100
P11 accepting (2,11) try 1 [.>>] 0/2 own 200 asks for 200
A0 promised (1,10), voted 100 in (1,10) (1 promises, 1 votes)
A1 promised (2,11) (2 promises, 0 votes)
A2 promised (2,11) (1 promises, 0 votes)
Accept (2,11) P11->A1 at 0.60
Accept (2,11) P11->A2 at 0.43
Rejected (1,10) A1->P10 at 0.00
open: 100 has 1 of 2 votes in (1,10)
safety holds
A1 rejects (1,10): it has promised (2,11)
)");
}

TEST(Moments, ChosenIsKnownBeforeAnybodyHasLearnedIt) {
  const auto source = open("example_2_two_proposers");
  const Decree decree(source->take(), source->take().history.instances().front().id);
  EXPECT_EQ(show(decree.at(17 * kStep), decree),
            R"(P10 backing off (1,10) try 1 [+X.] 1/2 own 100 asks for 100 beaten by (2,11)
P11 accepting (2,11) try 1 [.+s] 1/2 own 200 asks for 200
A0 promised (1,10), voted 100 in (1,10) (1 promises, 1 votes)
A1 promised (2,11), voted 200 in (2,11) (2 promises, 1 votes)
A2 promised (2,11), voted 200 in (2,11) (1 promises, 1 votes)
Accepted (2,11) A2->P11 at 0.00
chosen: 200 in (2,11); learned by 0 of 2 proposers
safety holds
A2 votes for 200 in (2,11): it has promised nothing higher
)");
}

TEST(Ladders, ExampleTwoIsLaidOutLaneByLane) {
  const auto source = open("example_2_two_proposers");
  const Decree decree(source->take(), source->take().history.instances().front().id);
  EXPECT_EQ(show(lay_out_ladder(decree, {0, 28 * kStep, 1000})), R"(P10 36..179 prepares (1,10)
P10 179..500 asks for votes in (1,10)
P10 679..821 prepares (3,10) (dim)
P10 821..964 asks for votes in (3,10) (dim)
P11 214..357 prepares (2,11)
P11 357..643 asks for votes in (2,11)
P10 500..679 waits after try 1
A0 71..714 promised (1,10)
A0 714..1000 promised (3,10)
A0 393..857 voted (1,10) = 100
A0 857..1000 voted (3,10) = 200
A1 143..250 promised (1,10)
A1 250..786 promised (2,11)
A1 786..1000 promised (3,10)
A1 536..929 voted (2,11) = 200
A1 929..1000 voted (3,10) = 200
A2 321..1000 promised (2,11)
A2 607..1000 voted (2,11) = 200
Prepare P10 36 -> A0 71
Prepare P10 36 -> A1 143
Promise A0 71 -> P10 107
Promise A1 143 -> P10 179
Accept P10 179 -> A0 393
Accept P10 179 -> A1 464
Prepare P11 214 -> A1 250
Prepare P11 214 -> A2 321
Promise A1 250 -> P11 286
Promise A2 321 -> P11 357
Accept P11 357 -> A1 536
Accept P11 357 -> A2 607
Accepted A0 393 -> P10 429
Rejected A1 464 -> P10 500
Accepted A1 536 -> P11 571
Accepted A2 607 -> P11 643
Prepare P10 679 -> A0 714
Prepare P10 679 -> A1 786
Promise A0 714 -> P10 750
Promise A1 786 -> P10 821
Accept P10 821 -> A0 857
Accept P10 821 -> A1 929
Accepted A0 857 -> P10 893
Accepted A1 929 -> P10 964
607 chosen 200 at (2,11)
)");
}

TEST(Ladders, NothingIsDroppedAtAnyZoom) {
  auto live = LiveSource::start(live_experiment());
  ASSERT_TRUE(live) << live.error().message;
  (*live)->reach(200 * kSecond);
  const History& history = (*live)->take().history;
  const Decree decree((*live)->take(), focus_at(history, 50 * kSecond));
  for (Nanos span = 200 * kSecond; span > kMillisecond; span /= 3) {
    const TimeView view{50 * kSecond - span / 4, 50 * kSecond + span * 3 / 4, 1000};
    const Ladder ladder = lay_out_ladder(decree, view);
    std::uint64_t in_blocks = 0;
    for (const LadderBlock& block : ladder.blocks) in_blocks += block.events;
    // A block at the edge may stand for events just outside.
    const std::uint64_t at_edges = 40 * ladder.lanes.size();
    EXPECT_GE(in_blocks + ladder.shown, ladder.events) << time_text(span);
    EXPECT_LE(in_blocks + ladder.shown, ladder.events + at_edges) << time_text(span);
    EXPECT_LE(ladder.lines.size(), 300U);
    EXPECT_LE(ladder.blocks.size(), 1100 / 3 * ladder.lanes.size()) << "pixels, not events";
  }
}

TEST(Ladders, ALineIsFoundUnderTheMouseAndHasItsCauseAndEffects) {
  const auto source = open("example_1_single_proposer");
  const Decree decree(source->take(), source->take().history.instances().front().id);
  const Ladder ladder = lay_out_ladder(decree, {0, 12 * kStep, 1200});
  const std::vector<float> lanes = {50, 150, 250, 350};
  const LadderLine& prepare = ladder.lines.front();
  const int found = line_at(ladder, lanes, (prepare.x0 + prepare.x1) / 2, 100);
  ASSERT_EQ(found, 0);
  EXPECT_EQ(line_at(ladder, lanes, 1190, 20), -1);
  const auto effects = decree.effects_of(prepare.message);
  ASSERT_EQ(effects.size(), 1U);
  EXPECT_EQ(decree.messages()[effects[0]].kind, MessageKind::promise);
  EXPECT_EQ(decree.cause_of(effects[0]), prepare.message);
  EXPECT_EQ(decree.cause_of(prepare.message), Decree::kNone);
}

TEST(Scenarios, EveryOneOfTheMenuOpensAndIsSafe) {
  for (const Scenario& scenario : all_scenarios()) {
    const auto source = open(scenario.name);
    ASSERT_NE(source, nullptr);
    source->reach(3 * kSecond);
    const Take& take = source->take();
    ASSERT_FALSE(take.history.empty()) << scenario.name;
    EXPECT_EQ(take.findings.empty(), scenario.kind != Scenario::Kind::planted_bug)
        << scenario.name << ": " << (take.findings.empty() ? "" : take.findings.front().sentence);
    const Decree decree(take, focus_at(take.history, take.history.last()));
    EXPECT_FALSE(decree.at(take.history.last()).knowledge.text.empty());
  }
  EXPECT_FALSE(open_scenario("nothing like it"));
}

TEST(Scenarios, WaitingEndsTheLivelock) {
  const auto known_at = [](const Source& source, Nanos at) {
    const Decree decree(source.take(), InstanceId{0, 0});
    return std::pair(decree.at(at).knowledge.kind, decree.events_before(at));
  };
  const auto livelock = open("livelock");
  const auto backing_off = open("backing_off");
  livelock->reach(7 * kSecond);
  backing_off->reach(7 * kSecond);
  EXPECT_LE(known_at(*livelock, 5900 * kMillisecond).first, Knowledge::Kind::voted);
  EXPECT_GT(known_at(*livelock, 5900 * kMillisecond).second, 1000U) << "and it is no silence";
  EXPECT_GE(known_at(*livelock, 7 * kSecond).first, Knowledge::Kind::chosen);
  EXPECT_GE(known_at(*backing_off, kSecond).first, Knowledge::Kind::chosen);
}

TEST(Live, MessagesOnTheirWayHaveTheirArrival) {
  auto live = LiveSource::start(live_experiment());
  ASSERT_TRUE(live) << live.error().message;
  (*live)->reach(5 * kSecond);
  const History& history = (*live)->take().history;
  for (Nanos at = 0; at < 5 * kSecond; at += 100 * kMillisecond) {
    const Decree decree((*live)->take(), focus_at(history, at));
    for (const Flying& flying : decree.at(at).flying) {
      EXPECT_EQ(decree.messages()[flying.message].fate, Fate::delivered);
    }
  }
}

std::vector<Event> events_until(const History& history, Nanos at) {
  std::vector<Event> events;
  for (std::size_t i = 0; i < history.lanes(); ++i) {
    const History::Lane& lane = history.lane(i);
    for (std::uint32_t p = 0; p < history.position_of(lane, at); ++p) events.push_back(history.event_at(lane, p));
  }
  return events;
}

bool same(const std::vector<Event>& a, const std::vector<Event>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const Event& x, const Event& y) { return pack(x) == pack(y); });
}

TEST(Live, ActingDifferentlyForksTheRunAndKeepsTheOldFuture) {
  auto live = LiveSource::start(live_experiment());
  ASSERT_TRUE(live) << live.error().message;
  LiveSource& source = **live;
  source.reach(6 * kSecond);
  const auto past = events_until(source.take().history, 2 * kSecond);
  const auto future = events_until(source.take().history, 5 * kSecond);
  const NodeName a1{AgentKind::acceptor, 1};
  ASSERT_TRUE(source.crash(a1, 2 * kSecond));
  EXPECT_FALSE(source.crash(a1, 2 * kSecond)) << "it is down already";
  source.reach(6 * kSecond);
  EXPECT_TRUE(source.is_down(a1, 3 * kSecond));
  EXPECT_TRUE(same(past, events_until(source.take().history, 2 * kSecond))) << "the past is the same";
  const Decree decree(source.take(), focus_at(source.take().history, 3 * kSecond));
  EXPECT_FALSE(decree.at(3 * kSecond).acceptors[1].up);
  ASSERT_TRUE(source.restart(a1, 4 * kSecond));
  source.reach(6 * kSecond);
  EXPECT_FALSE(source.is_down(a1, 5 * kSecond));
  ASSERT_FALSE(source.forks().empty());
  source.return_to(0);
  EXPECT_TRUE(same(future, events_until(source.take().history, 5 * kSecond))) << "the old future is kept";
}

TEST(Live, ACutLinkCarriesNothing) {
  auto live = LiveSource::start(live_experiment());
  ASSERT_TRUE(live) << live.error().message;
  LiveSource& source = **live;
  ASSERT_TRUE(source.cut(2, 0, 0));
  source.reach(20 * kSecond);
  EXPECT_TRUE(source.is_cut(2, 0, kSecond));
  for (const InstanceInfo& instance : source.take().history.instances()) {
    const Decree decree(source.take(), instance.id);
    for (const Message& message : decree.messages()) {
      const bool along = message.owner() == 2 && (message.request() ? message.to : message.from) == 0;
      EXPECT_TRUE(!along || message.sent < kSecond || message.fate == Fate::lost);
    }
  }
}

TEST(Playbacks, StepGoesFromEventToEventAndBack) {
  const auto source = open("duel");
  Playback playback(*source);
  std::vector<Nanos> times = {playback.now()};
  while (playback.step_forward()) times.push_back(playback.now());
  EXPECT_EQ(playback.now(), source->take().history.last());
  EXPECT_TRUE(std::is_sorted(times.begin(), times.end()));
  for (auto at = times.rbegin() + 1; at != times.rend(); ++at) {
    ASSERT_TRUE(playback.step_back());
    EXPECT_EQ(playback.now(), *at);
  }
  EXPECT_FALSE(playback.step_back());
  playback.play(true);
  playback.set_speed(0.5);
  playback.advance(2);
  EXPECT_EQ(playback.now(), times[0] + source->take().pace);
  playback.advance(1e6);
  EXPECT_FALSE(playback.playing()) << "it stops at the end";
}

TEST(Texts, TimesReadAsPeopleWriteThem) {
  EXPECT_EQ(time_text(0), "0");
  EXPECT_EQ(time_text(340), "340 ns");
  EXPECT_EQ(time_text(1'250'000), "1.25 ms");
  EXPECT_EQ(time_text(90 * kSecond), "90 s");
  EXPECT_EQ(count_text(1204), "1,204");
  EXPECT_EQ(count_text(999), "999");
  const std::vector<Tick> scale = ticks({0, 2 * kSecond, 1000});
  ASSERT_EQ(scale.size(), 11U);
  EXPECT_EQ(scale[6].label, "1.2 s");
}

}  // namespace
}  // namespace paxoscope::viz
