// The explorer sees exactly the states that there are, with every reduction and without, and finds the shortest way to
// a violation.
#include "core/check/explorer.h"

#include <gtest/gtest.h>

#include "core/check/abstract_paxos.h"
#include "core/check/explore_model.h"
#include "core/check/ladder.h"
#include "core/check/rules.h"

namespace paxoscope {
namespace {

ExplorerReport explored(const ExplorerOptions& options) {
  const auto report = explore(options);
  EXPECT_TRUE(report.has_value()) << report.error().message;
  EXPECT_TRUE(report->ok()) << to_string(*report, options);
  return *report;
}

// Known from TLC and from others' explorers; they do not depend on how the network is modelled.
TEST(Explorer, SeesTheNumbersOfStatesThatAreKnown) {
  EXPECT_EQ(explored({.acceptors = 3, .proposers = 2}).acceptor_states, 226U);
  EXPECT_EQ(explored({.acceptors = 3, .proposers = 3}).acceptor_states, 1'328U);
  EXPECT_EQ(explored({.acceptors = 3, .proposers = 2, .duplicates = true}).acceptor_states, 226U);
}

TEST(Explorer, LamportsPaxosHas3921States) {
  const SearchReport report = explore_abstract_paxos({.acceptors = 3, .ballots = 2, .values = 2});
  EXPECT_EQ(report.states, 3'921U);
  EXPECT_TRUE(report.exhausted);
  EXPECT_EQ(report.violation, "");
}

TEST(Explorer, TheReductionsGiveTheSameAnswer) {
  struct World {
    int acceptors, proposers, rounds;
    Learning learning;
  };
  for (const World& world : {World{2, 2, 1, Learning::own_round}, World{1, 2, 2, Learning::own_round},
                             World{1, 3, 1, Learning::own_round}, World{2, 1, 3, Learning::own_round},
                             World{2, 2, 1, Learning::announcement}, World{1, 2, 2, Learning::visible}}) {
    ExplorerOptions options{.acceptors = world.acceptors,
                            .proposers = world.proposers,
                            .rounds = world.rounds,
                            .symmetry = false,
                            .dead_messages = false,
                            .learning = world.learning};
    const std::uint64_t whole = explored(options).acceptor_states;
    for (const bool symmetry : {false, true}) {
      for (const bool dead_messages : {false, true}) {
        options.symmetry = symmetry;
        options.dead_messages = dead_messages;
        EXPECT_EQ(explored(options).acceptor_states, whole)
            << world.acceptors << "x" << world.proposers << "x" << world.rounds << " symmetry " << symmetry << " dead "
            << dead_messages;
      }
    }
  }
}

#ifndef PAXOSCOPE_SANITIZED  // each of these adds states to what is above, and no line of code
TEST(Explorer, TheReductionsGiveTheSameAnswerFor3x2x1) {
  EXPECT_EQ(explored({.symmetry = false, .dead_messages = true}).acceptor_states, 226U);
  EXPECT_EQ(explored({.symmetry = true, .dead_messages = false}).acceptor_states, 226U);
}

TEST(Explorer, ExhaustsTwoRoundsAndFiveAcceptors) {
  const ExplorerReport two_rounds = explored({.acceptors = 3, .proposers = 2, .rounds = 2});
  EXPECT_GT(two_rounds.acceptor_states, 226U);
  EXPECT_LT(two_rounds.collision_probability, 1e-6);
  EXPECT_GT(explored({.acceptors = 5, .proposers = 2}).acceptor_states, 226U);
}

TEST(Explorer, ReportsProgress) {
  std::uint64_t calls = 0;
  const auto report = explore({.symmetry = true, .dead_messages = false, .states_max = 1'100'000},
                              [&calls](const SearchProgress& progress) {
                                ++calls;
                                EXPECT_GT(progress.depth, 0U);
                                EXPECT_GT(progress.bytes, progress.states * 8);
                                return true;
                              });
  ASSERT_TRUE(report.has_value());
  EXPECT_EQ(calls, 4U);
}
#endif

TEST(Explorer, CrashesReadersAndOtherRulesAreSafeToo) {
  explored({.crashes = 1});
  explored({.acceptors = 2, .rounds = 2, .crashes = 1});
  explored({.proposers = 3, .readers = 1});
  explored({.give_up = GiveUp::first_nack});
  explored({.learning = Learning::visible});
  explored({.learning = Learning::announcement});
  explored({.quorums = Quorums::make(3, 3, 1)});
}

TEST(LocalList, HoldsOneOfEveryIdAndNoMore) {
  LocalList<std::uint32_t> list;
  for (std::uint32_t i = 0; i < 70'000; ++i) list.push_back(i);
  EXPECT_EQ(list.size(), 65'536U);
  EXPECT_EQ(list[65'534], 65'534U);
  EXPECT_EQ(list[65'535], 69'999U) << "who finds no room takes the place of the last";
}

TEST(Explorer, StopsAtTheLimitAndSaysSo) {
  const auto report = explore({.states_max = 1'000});
  ASSERT_TRUE(report.has_value());
  EXPECT_FALSE(report->exhausted);
  EXPECT_FALSE(report->ok());
  EXPECT_EQ(report->violation, "");
}

TEST(Explorer, RefusesWorldsOutOfRange) {
  EXPECT_FALSE(explore({.acceptors = 6}).has_value());
  EXPECT_FALSE(explore({.proposers = 0}).has_value());
  EXPECT_FALSE(explore({.rounds = 0}).has_value());
  EXPECT_FALSE(explore({.proposers = 2, .readers = 3}).has_value());
  EXPECT_FALSE(explore({.acceptors = 5, .quorums = Quorums::majority(3)}).has_value());
}

struct ForgetfulModel : ShippedModel {
  static Acceptor recovered(const Acceptor&) { return {}; }
  static constexpr bool kRequestsDie = false;
};

TEST(Explorer, ACounterexampleIsShortestAndReplaysAsATrace) {
  const ExplorerReport report = explore_model<ForgetfulModel>({.crashes = 1});
  EXPECT_EQ(report.rule, "R1");
  // Both propose; one Prepare is handled, and its acceptor forgets.
  ASSERT_EQ(report.moves.size(), 4U);
  EXPECT_EQ(report.moves.back().kind, Move::Kind::crash_acceptor);
  const std::string picture = ladder(report.events);
  EXPECT_NE(picture.find("CRASH"), std::string::npos) << picture;
  EXPECT_NE(picture.find("Prepare (1,1) yes"), std::string::npos) << picture;
}

struct OneVoteModel : ShippedModel {
  static ProposerRules rules(ProposerRules asked) {
    asked.quorums = *Quorums::make(3, 3, 1);
    return asked;
  }
};

TEST(Explorer, ACounterexampleOfManyStepsBreaksTheRulesOfATraceToo) {
  const ExplorerReport report = explore_model<OneVoteModel>({});
  EXPECT_EQ(report.rule, "R5");
  const RuleReport rules = check_rules(report.events, {});
  EXPECT_GT(rules.by_rule[5], 0U) << ladder(report.events) << to_string(rules);
}

TEST(Explorer, EndsWhenToldAndSaysThatItHasNotSeenEverything) {
  const auto report = explore({.dead_messages = false}, [](const SearchProgress&) { return false; });
  ASSERT_TRUE(report.has_value());
  EXPECT_LT(report->states, 400'000U);
  EXPECT_EQ(report->violation, "");
  EXPECT_FALSE(report->exhausted);
  EXPECT_FALSE(report->ok());
}

// Who learns by sight decides by how many reported the highest vote, so two who differ in that are not one.
TEST(Explorer, HowManyReportedAVoteIsPartOfTheState) {
  ExplorerOptions options;
  options.acceptors = 5;
  options.learning = Learning::visible;
  LocalStates<ShippedModel> locals(options);
  const LocalId began = locals.start(0).proposer;
  const auto promise = [&](LocalId from, int acceptor, Ballot v_bal, Value value) {
    const LocalId message = locals.message_of({.is_reply = true,
                                               .owner = 0,
                                               .request = {},
                                               .reply = {.instance = kPlayInstance,
                                                         .ballot = ShippedModel::first_ballot(play_id(0)),
                                                         .v_bal = v_bal,
                                                         .value = value,
                                                         .round = 1}});
    return locals.step(from, LocalStates<ShippedModel>::Input::reply, message, acceptor).proposer;
  };
  const Ballot vote(0, 1);
  EXPECT_NE(promise(promise(began, 0, vote, 100), 1, vote, 100), promise(promise(began, 0, {}, 0), 1, vote, 100));
}

}  // namespace
}  // namespace paxoscope
