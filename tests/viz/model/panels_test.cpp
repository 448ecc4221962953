// Meters, staircase, inspector, search, strip, notes and comparison: what they say of known runs.
#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>

#include "viz/model/comparison.h"
#include "viz/model/inspector.h"
#include "viz/model/meters.h"
#include "viz/model/notes.h"
#include "viz/model/scenarios.h"
#include "viz/model/search.h"
#include "viz/model/staircase.h"
#include "viz/model/strip.h"

namespace paxoscope::viz {
namespace {

class Panels : public ::testing::Test {
 protected:
  Panels() : source_(*open_scenario("example_2_two_proposers")), decree_(source_->take(), InstanceId{0, 0}) {}
  std::uint32_t message(MessageKind kind) const {
    for (std::uint32_t i = 0; i < decree_.messages().size(); ++i) {
      if (decree_.messages()[i].kind == kind) return i;
    }
    return Decree::kNone;
  }
  std::unique_ptr<Source> source_;
  Decree decree_;
};

std::string fact(const Inspection& inspection, std::string_view name) {
  for (const Fact& fact : inspection.facts) {
    if (fact.name == name) return fact.value;
  }
  return "-";
}

TEST_F(Panels, TheInspectorSaysTheRuleInOneSentence) {
  const Moment moment = decree_.at(14 * kStep);
  const Inspection a1 = inspect_agent(decree_, moment, AgentKind::acceptor, 1);
  EXPECT_EQ(a1.sentence, "A1 rejects (1,10): it has promised (2,11)");
  EXPECT_EQ(fact(a1, "last_bal"), "(2,11)");
  EXPECT_EQ(fact(a1, "v_bal"), "none: it has not voted");
  const Inspection p10 = inspect_agent(decree_, moment, AgentKind::proposer, 10);
  EXPECT_EQ(fact(p10, "state"), "backing off");
  EXPECT_EQ(fact(p10, "beaten by"), "(2,11)");
  EXPECT_EQ(fact(p10, "granted"), "A0");
  EXPECT_EQ(fact(p10, "refused"), "A1");
}

TEST_F(Panels, AMessageKnowsItsCauseItsEffectsAndItsReason) {
  const Inspection refusal = inspect_message(decree_, message(MessageKind::rejected));
  EXPECT_EQ(refusal.title, "Rejected (1,10) from A1 to P10");
  EXPECT_EQ(fact(refusal, "promised there"), "(2,11)");
  EXPECT_EQ(fact(refusal, "caused by"), "Accept (1,10) from P10 to A1");
  EXPECT_EQ(fact(refusal, "caused"), "no message");
}

TEST_F(Panels, SearchFindsEventsTimesAndInstances) {
  const auto refusal = search(decree_, "a1 REJECTS", 0);
  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->at, 13 * kStep);
  const auto around = search(decree_, "a1 rejects", 20 * kStep);
  ASSERT_TRUE(around) << "it begins anew at the end";
  EXPECT_EQ(around->event, refusal->event);
  const auto back = search(decree_, "counts", 14 * kStep, false);
  ASSERT_TRUE(back);
  EXPECT_LT(back->at, 14 * kStep);
  EXPECT_EQ(search(decree_, "1.2s", 0)->at, 1200 * kMillisecond);
  EXPECT_EQ(search(decree_, "version 0", 0)->event, Decree::kNone);
  EXPECT_FALSE(search(decree_, "version 7", 0));
  EXPECT_FALSE(search(decree_, "no such thing", 0));
  EXPECT_FALSE(search(decree_, "  ", 0));
}

TEST_F(Panels, TheStaircaseOnlyRisesAndCarriesTheVotes) {
  const Staircase staircase = lay_out_staircase(decree_, {0, 28 * kStep, 1000});
  ASSERT_EQ(staircase.stairs.size(), 3U);
  EXPECT_EQ(staircase.n_low, 1U);
  EXPECT_EQ(staircase.n_high, 3U);
  for (const Stair& stair : staircase.stairs) {
    for (std::size_t i = 1; i < stair.steps.size(); ++i) {
      EXPECT_GT(stair.steps[i].ballot, stair.steps[i - 1].ballot);
      EXPECT_EQ(stair.steps[i].x0, stair.steps[i - 1].x1);
    }
  }
  EXPECT_EQ(staircase.stairs[1].steps.size(), 3U);
  ASSERT_EQ(staircase.stairs[1].votes.size(), 2U);
  EXPECT_EQ(staircase.stairs[1].votes[0].label, "(2,11) = 200");
  EXPECT_TRUE(staircase.stairs[1].votes[0].chosen);
  EXPECT_FALSE(staircase.stairs[0].votes[0].chosen);
}

TEST_F(Panels, MetersCountWhatTheRunCameTo) {
  const Meters meters = measure(source_->take().history, 0, 28 * kStep);
  EXPECT_EQ(meters.decisions, 1U);
  EXPECT_EQ(meters.ballots, 3U);
  EXPECT_EQ(meters.preempted_accept, 1U);
  EXPECT_EQ(meters.preempted_prepare, 0U);
  EXPECT_NEAR(meters.wasted, 1 - 4.0 / 6, 1e-9) << "two broadcasts of six were of a lost ballot";
  EXPECT_EQ(meters.fairness, 0.5) << "one of two has won everything";
  ASSERT_EQ(meters.proposers.size(), 2U);
  EXPECT_EQ(meters.proposers[0].learned, 1U);
  EXPECT_EQ(meters.proposers[0].backing_off, 5 * kStep);
  EXPECT_EQ(meters.proposers[1].won, 1U);
  for (const ProposerMeters& p : meters.proposers) EXPECT_EQ(p.waiting + p.backing_off + p.idle, 28 * kStep);
  std::uint64_t in_bars = 0;
  for (const LatencyBar& bar : meters.bars) in_bars += bar.count;
  EXPECT_EQ(in_bars, meters.to_end.count());
  EXPECT_EQ(meters.to_end.count(), 2U);
  const Meters nothing = measure(source_->take().history, 100 * kStep, 200 * kStep);
  EXPECT_EQ(nothing.decisions, 0U);
  EXPECT_EQ(nothing.fairness, 1);
}

TEST(Strips, EveryInstanceHasItsPlaceAndNeighbours) {
  auto live = LiveSource::start(live_experiment());
  ASSERT_TRUE(live);
  (*live)->reach(60 * kSecond);
  const Take& take = (*live)->take();
  const Strip strip(take);
  EXPECT_EQ(strip.size(), take.history.instances().size());
  for (const Nanos span : {5 * kSecond, 100 * kSecond}) {
    std::uint64_t instances = 0;
    for (const StripCell& cell : strip.cells({0, span, 100}, {3, 0})) instances += cell.instances;
    std::uint64_t begun = 0;
    for (const InstanceInfo& info : take.history.instances()) begun += info.began < span ? 1 : 0;
    EXPECT_EQ(instances, begun);
  }
  EXPECT_EQ(strip.next({3, 0}).ver, 4U);
  EXPECT_EQ(strip.previous({3, 0}).ver, 2U);
  EXPECT_EQ(strip.previous({0, 0}).ver, 0U);
}

TEST(NotesFile, ComesBackAsItWasSaved) {
  const std::string path = ::testing::TempDir() + "paxoscope_notes_test.json";
  std::remove(path.c_str());
  const auto none = load_notes(path);
  ASSERT_TRUE(none);
  EXPECT_EQ(*none, Notes{});
  Notes notes{.annotations = {}, .cursor = 7, .view_from = 1, .view_to = 9, .focus = {17, 2}, .follows = false};
  notes.annotate(5, "here it turns");
  notes.annotate(3, "first");
  notes.annotate(5, "here it turns \"for good\"");
  ASSERT_TRUE(save_notes(path, notes));
  const auto loaded = load_notes(path);
  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_EQ(*loaded, notes);
  EXPECT_EQ(loaded->annotations.size(), 2U);
  std::ofstream(path) << "{\"cursor\": \"x\"}";
  EXPECT_FALSE(load_notes(path));
  std::remove(path.c_str());
  EXPECT_FALSE(save_notes("/no/such/folder/notes.json", notes));
}

TEST(Comparisons, TheSameLoadUnderTwoStrategiesAndTheDifferenceInWords) {
  Experiment experiment = live_experiment();
  experiment.network = "normal:100ms,5ms";
  auto comparison = Comparison::start(experiment, {"none", "full_jitter"});
  ASSERT_TRUE(comparison) << comparison.error().message;
  (*comparison)->reach(60 * kSecond);
  const ComparisonSummary summary = (*comparison)->summary(0, 60 * kSecond);
  ASSERT_EQ(summary.clusters.size(), 2U);
  EXPECT_EQ(summary.clusters[1].name, "full_jitter");
  EXPECT_EQ(summary.difference, "All decided 150; full_jitter took 311 ballots for it, none took 548.");
  EXPECT_FALSE(Comparison::start(experiment, {"none"}));
  EXPECT_FALSE(Comparison::start(experiment, {"none", "no_such_strategy"}));
}

}  // namespace
}  // namespace paxoscope::viz
