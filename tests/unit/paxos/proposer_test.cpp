// One round of a proposer: what it sends, which value it may propose, when the round is won, lost or over.
#include "core/paxos/proposer.h"

#include <algorithm>
#include <vector>

#include "core/random.h"
#include "tests/unit/paxos/support.h"

namespace paxoscope::paxos_test {
namespace {

using State = Proposer::State;

TEST(Proposer, AsksForPromisesFirst) {
  const Proposer proposer = started();
  EXPECT_EQ(proposer.state(), State::preparing);
  EXPECT_EQ(
      proposer.request(),
      (Request{.instance = kInstance, .ballot = Ballot(1, kSelf), .round = 1, .slot = 3, .phase = Phase::prepare}));
  EXPECT_EQ(proposer.own(), kOwn);
  EXPECT_FALSE(proposer.won());
}

TEST(Proposer, ProposesItsOwnValueWhenNobodyHasVoted) {
  Proposer proposer = started();
  EXPECT_EQ(proposer.on_reply(rules(), answer(proposer, 0)), Action::none);
  EXPECT_EQ(proposer.on_reply(rules(), answer(proposer, 2)), Action::broadcast);
  EXPECT_EQ(proposer.request(), (Request{.instance = kInstance,
                                         .ballot = Ballot(1, kSelf),
                                         .value = kOwn,
                                         .round = 2,
                                         .slot = 3,
                                         .phase = Phase::accept}));
  EXPECT_FALSE(proposer.adopted());
}

TEST(Proposer, DecidesWhenAQuorumHasVoted) {
  Proposer proposer = accepting();
  EXPECT_EQ(proposer.on_reply(rules(), answer(proposer, 1)), Action::none);
  EXPECT_EQ(proposer.on_reply(rules(), answer(proposer, 2)), Action::decided);
  EXPECT_EQ(proposer.value(), kOwn);
  EXPECT_TRUE(proposer.won());
  EXPECT_EQ(proposer.on_reply(rules(), answer(proposer, 0)), Action::ignored) << "a decision is final";
  EXPECT_EQ(proposer.on_timeout(), Action::none);
  EXPECT_EQ(proposer.retry(), Action::none);
  EXPECT_EQ(proposer.state(), State::decided);
}

// Over random quorums, votes and orders: the value sent in phase 2 is that of the highest v_bal among the grants that
// made the quorum, else the own one; a read without a vote ends empty.
TEST(Proposer, CarriesOnTheVoteOfTheHighestBallotAmongItsGrants) {
  int adopted = 0, own = 0, empty = 0;
  for (std::uint64_t seed = 0; seed < 5'000; ++seed) {
    Random random(seed);
    const int n = 1 + static_cast<int>(random.below(9));
    const ProposerRules with = rules(n, GiveUp::all_replies);
    const bool read = random.below(3) == 0;
    Proposer proposer;
    proposer.propose(kInstance, read ? std::nullopt : std::optional(kOwn), Ballot(10, kSelf));
    Ballot highest;
    std::optional<Value> vote;
    Action action = Action::none;
    for (int i = 0; i < n && action == Action::none; ++i) {
      AcceptorState before;
      if (random.below(2) == 0) {
        const Ballot v_bal(1 + random.below(9), static_cast<ProposerId>(1 + random.below(3)));
        before = voted(v_bal, static_cast<Value>(v_bal.word()));
      }
      const bool refuses = random.below(4) == 0;
      if (refuses) before.last_bal = Ballot(20, 1);
      if (!refuses && before.v_bal > highest) {
        highest = before.v_bal;
        vote = before.value;
      }
      action = proposer.on_reply(with, answer(proposer, static_cast<AcceptorId>(i), before));
    }
    if (action == Action::back_off) continue;
    if (!vote && read) {
      ASSERT_EQ(action, Action::empty) << "seed " << seed;
      ++empty;
      continue;
    }
    ASSERT_EQ(action, Action::broadcast) << "seed " << seed;
    ASSERT_EQ(proposer.request().phase, Phase::accept);
    ASSERT_EQ(proposer.request().value, vote.value_or(kOwn)) << "seed " << seed;
    ASSERT_EQ(proposer.adopted(), vote.has_value());
    ++(vote ? adopted : own);
  }
  EXPECT_GT(adopted, 500);
  EXPECT_GT(own, 100);
  EXPECT_GT(empty, 50);
}

TEST(Proposer, AVoteForZeroIsAVote) {
  Proposer proposer = started();
  proposer.on_reply(rules(), answer(proposer, 0, voted(Ballot(0, 3), 0)));
  EXPECT_EQ(proposer.on_reply(rules(), answer(proposer, 1)), Action::broadcast);
  EXPECT_EQ(proposer.request().value, 0);
  EXPECT_TRUE(proposer.adopted());
}

TEST(Proposer, AValueThatARefusalShowsIsNotCarriedOn) {
  Proposer proposer = started();
  proposer.on_reply(rules(), answer(proposer, 0, {Ballot(9, 1), Ballot(9, 1), 900}));
  proposer.on_reply(rules(), answer(proposer, 1));
  EXPECT_EQ(proposer.on_reply(rules(), answer(proposer, 2)), Action::broadcast);
  EXPECT_EQ(proposer.request().value, kOwn);
}

TEST(Proposer, AReadCarriesAVoteThroughPhase2BeforeItReturnsIt) {
  Proposer proposer = started(std::nullopt);
  EXPECT_EQ(proposer.own(), std::nullopt);
  proposer.on_reply(rules(), answer(proposer, 0, voted(Ballot(0, 3), 30)));
  EXPECT_EQ(proposer.on_reply(rules(), answer(proposer, 1, voted(Ballot(0, 2), 20))), Action::broadcast);
  EXPECT_EQ(proposer.request().value, 30);
  proposer.on_reply(rules(), answer(proposer, 0, promised(Ballot(1, kSelf))));
  EXPECT_EQ(proposer.on_reply(rules(), answer(proposer, 2)), Action::decided);
  EXPECT_EQ(proposer.value(), 30);
  EXPECT_FALSE(proposer.won()) << "a read wins nothing";
}

TEST(Proposer, LosingToAnotherValueIsNoWinEvenIfDecided) {
  Proposer proposer = started();
  for (const AcceptorId a : kFirstTwo) proposer.on_reply(rules(), answer(proposer, a, voted(Ballot(0, 3), 30)));
  for (const AcceptorId a : kFirstTwo) proposer.on_reply(rules(), answer(proposer, a, promised(Ballot(1, kSelf))));
  EXPECT_EQ(proposer.state(), State::decided);
  EXPECT_EQ(proposer.value(), 30);
  EXPECT_FALSE(proposer.won());
}

TEST(Proposer, ATieOfNIsBrokenByTheProposersId) {
  const ProposerRules first_nack = rules(3, GiveUp::first_nack);
  Proposer against_lower = started(), against_higher = started();
  EXPECT_EQ(against_lower.on_reply(first_nack, answer(against_lower, 0, promised(Ballot(1, kSelf - 1)))), Action::none);
  EXPECT_EQ(against_higher.on_reply(first_nack, answer(against_higher, 0, promised(Ballot(1, kSelf + 1)))),
            Action::back_off);
  EXPECT_EQ(against_higher.beaten_by(), Ballot(1, kSelf + 1));
}

TEST(Proposer, GivesUpByItsRule) {
  for (const auto& [give_up, refusals_needed] :
       {std::pair(GiveUp::first_nack, 1), {GiveUp::majority_out_of_reach, 3}, {GiveUp::all_replies, 5}}) {
    for (const bool in_phase_2 : {false, true}) {
      const ProposerRules with = rules(5, give_up);
      Proposer proposer = in_phase_2 ? accepting(with) : started();
      for (int i = 1; i <= refusals_needed; ++i) {
        EXPECT_EQ(proposer.on_reply(with, answer(proposer, static_cast<AcceptorId>(i - 1), promised(Ballot(9, 1)))),
                  i == refusals_needed ? Action::back_off : Action::none);
      }
      EXPECT_EQ(proposer.state(), State::backing_off);
      EXPECT_EQ(proposer.phase(), in_phase_2 ? Phase::accept : Phase::prepare);
      EXPECT_EQ(proposer.beaten_by(), Ballot(9, 1));
    }
  }
}

TEST(Proposer, AnAcceptorWithoutRoomCountsAsARefusalByNobody) {
  Proposer proposer = started();
  Reply full = answer(proposer, 0);
  full.kind = ReplyKind::refused;
  EXPECT_EQ(proposer.on_reply(rules(3, GiveUp::first_nack), full), Action::back_off);
  EXPECT_EQ(proposer.beaten_by(), Ballot());
}

TEST(Proposer, FlexibleQuorumsHoldForTheirPhase) {
  const ProposerRules with{*Quorums::make(4, 3, 2), GiveUp::majority_out_of_reach, Learning::own_round};
  Proposer proposer = started();
  EXPECT_EQ(proposer.on_reply(with, answer(proposer, 3)), Action::none);
  EXPECT_EQ(proposer.on_reply(with, answer(proposer, 2)), Action::none);
  EXPECT_EQ(proposer.on_reply(with, answer(proposer, 0)), Action::broadcast);
  EXPECT_EQ(proposer.on_reply(with, answer(proposer, 1)), Action::none);
  EXPECT_EQ(proposer.on_reply(with, answer(proposer, 2)), Action::decided);
}

TEST(Proposer, IsAValueThatCanBeCopiedAndCompared) {
  Proposer proposer = started();
  const Proposer copy = proposer;
  EXPECT_EQ(copy, proposer);
  const Reply promise = answer(proposer, 0, voted(Ballot(0, 2), 20));
  proposer.on_reply(rules(), promise);
  EXPECT_FALSE(copy == proposer) << "a counted reply is part of the state";
  Proposer replayed = copy;
  replayed.on_reply(rules(), promise);
  EXPECT_EQ(replayed, proposer) << "the same input does the same to a copy";
}

TEST(Proposer, ProposingAgainForgetsTheInstanceBefore) {
  Proposer used = beaten();
  used.retry();
  used.propose(kInstance, kOwn, Ballot(1, kSelf), 3);
  EXPECT_EQ(used, started());
}

}  // namespace
}  // namespace paxoscope::paxos_test
