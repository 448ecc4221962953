// Two proposers in the worst order never decide, however long one watches, and the detector says so.
#include "core/node/livelock.h"

#include <gtest/gtest.h>

#include "core/scenario/stage.h"

namespace paxoscope {
namespace {

constexpr InstanceId kContested{.ver = 3, .key = 0};

// Feeds the detector with what happened on stage.
void observe(LivelockDetector& detector, Stage& stage) {
  for (const Event& event : stage.events()) {
    if (event.kind == EventKind::sent && event.phase == Phase::prepare) detector.on_ballot(event.instance, event.at);
    if (event.kind == EventKind::decided) detector.on_decided(event.instance);
    if (event.kind == EventKind::backed_off && !event.last_bal.is_none()) {
      detector.on_preempted(event.instance, event.agent, event.last_bal.proposer(), event.phase, event.at);
    }
  }
  stage.forget_events();
}

TEST(Livelock, TwoProposersInTheWorstOrderRunAHundredThousandBallotsWithoutADecision) {
  constexpr std::uint64_t kBallots = 100'000;
  Stage stage({Quorums::majority(3), GiveUp::majority_out_of_reach, Learning::own_round});
  LivelockDetector detector(kBallots);
  for (const ProposerId p : {1U, 2U}) {
    ASSERT_TRUE(stage.propose(p, kContested, 100 * p, p, {0, 1}));
    ASSERT_TRUE(stage.exchange(p));
  }
  observe(detector, stage);
  // Each turn: one's votes arrive just after the other was promised everything; it backs off, and is promised it back.
  ProposerId turn = 1;
  for (std::uint64_t ballots = 2; ballots < kBallots; ++ballots) {
    ASSERT_FALSE(detector.found()) << "after " << ballots;
    ASSERT_TRUE(stage.exchange(turn, {0}));
    // Two acceptors of three: the second refusal puts the quorum out of reach.
    ASSERT_TRUE(stage.exchange(turn, {1}));
    ASSERT_EQ(stage.proposer(turn)->state(), Proposer::State::backing_off);
    ASSERT_TRUE(stage.retry(turn));
    ASSERT_TRUE(stage.exchange(turn));
    ASSERT_EQ(stage.proposer(turn)->state(), Proposer::State::accepting);
    observe(detector, stage);
    turn = 3 - turn;
  }
  EXPECT_EQ(stage.verdict(), "");
  const auto livelock = detector.found();
  ASSERT_TRUE(livelock);
  EXPECT_EQ(livelock->instance, kContested);
  EXPECT_EQ(livelock->ballots, kBallots);
  EXPECT_GT(livelock->until, livelock->began);
  // Nobody loses in phase 1, and both lose equally often in phase 2.
  ASSERT_EQ(livelock->preemptions.size(), 2U);
  std::uint64_t preempted = 0;
  for (const Livelock::Preemption& p : livelock->preemptions) {
    EXPECT_EQ(p.phase, Phase::accept);
    EXPECT_EQ(p.by + p.loser, 3U);
    EXPECT_EQ(p.times, kBallots / 2 - 1);
    preempted += p.times;
  }
  EXPECT_EQ(preempted, kBallots - 2) << "every ballot but the two still open";
  EXPECT_EQ(describe(*livelock).find("key 0 version 3 is undecided after 100000 ballots in "), 0U);
  EXPECT_NE(describe(*livelock).find("P1 preempts P2 in phase 2 (49999 times)"), std::string::npos);
  EXPECT_NE(describe(*livelock).find("P2 preempts P1 in phase 2 (49999 times)"), std::string::npos);

  // One patient proposer ends it.
  ASSERT_TRUE(stage.exchange(3 - turn));
  EXPECT_EQ(stage.proposer(3 - turn)->state(), Proposer::State::decided);
  observe(detector, stage);
  EXPECT_FALSE(detector.found());
  EXPECT_EQ(detector.open(), 0U);
}

TEST(Livelock, ADecisionInTimeIsNoLivelock) {
  LivelockDetector detector(3);
  for (std::uint64_t ver = 0; ver < 100; ++ver) {
    detector.on_ballot({ver, 0}, 1);
    detector.on_ballot({ver, 0}, 2);
    detector.on_preempted({ver, 0}, 1, 2, Phase::prepare, 2);
    EXPECT_FALSE(detector.found());
    detector.on_decided({ver, 0});
  }
  EXPECT_EQ(detector.open(), 0U) << "decided instances are forgotten";
}

TEST(Livelock, NamesTheInstanceThatReachedTheBoundFirstWhileItIsOpen) {
  LivelockDetector detector(2);
  for (int i = 0; i < 2; ++i) detector.on_ballot({5, 1}, 10 + i);
  for (int i = 0; i < 9; ++i) detector.on_ballot({6, 1}, 20 + i);
  EXPECT_EQ(detector.found()->instance, (InstanceId{5, 1}));
  EXPECT_EQ(detector.found()->until, 11);
  EXPECT_EQ(detector.worst()->instance, (InstanceId{6, 1}));
  EXPECT_EQ(detector.worst()->ballots, 9U);
  detector.on_decided({5, 1});
  EXPECT_EQ(detector.found()->instance, (InstanceId{6, 1})) << "the next one takes its place";
}

TEST(Livelock, SaysWhoPreemptsMost) {
  LivelockDetector detector(1);
  detector.on_ballot({0, 0}, 0);
  for (ProposerId by = 2; by <= 7; ++by) {
    for (ProposerId i = 0; i < by; ++i) detector.on_preempted({0, 0}, 1, by, Phase::prepare, kSecond);
  }
  EXPECT_EQ(describe(*detector.found()),
            "key 0 version 0 is undecided after 1 ballots in 1000 ms: P7 preempts P1 in phase 1 (7 times), P6 preempts "
            "P1 in phase 1 (6 times), P5 preempts P1 in phase 1 (5 times), P4 preempts P1 in phase 1 (4 times), and 2 "
            "pairs more");
}

}  // namespace
}  // namespace paxoscope
