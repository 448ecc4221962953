// Between rounds: replies that do not count, timeouts, retries above everything seen, and how news ends an instance.
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "core/random.h"
#include "tests/unit/paxos/support.h"

namespace paxoscope::paxos_test {
namespace {

using State = Proposer::State;

// Each way to make a reply that echoes something else than what was asked.
const std::vector<std::pair<std::string, std::function<void(Reply&)>>>& mutations() {
  static const std::vector<std::pair<std::string, std::function<void(Reply&)>>> all{
      {"another version", [](Reply& r) { ++r.instance.ver; }},
      {"another key", [](Reply& r) { ++r.instance.key; }},
      {"an older ballot", [](Reply& r) { r.ballot = Ballot(r.ballot.n() - 1, r.ballot.proposer()); }},
      {"a newer ballot", [](Reply& r) { r.ballot = Ballot(r.ballot.n() + 1, r.ballot.proposer()); }},
      {"another proposer's ballot", [](Reply& r) { r.ballot = Ballot(r.ballot.n(), r.ballot.proposer() + 1); }},
      {"an older broadcast", [](Reply& r) { --r.round; }},
      {"a newer broadcast", [](Reply& r) { ++r.round; }},
      {"the other phase", [](Reply& r) { r.phase = r.phase == Phase::prepare ? Phase::accept : Phase::prepare; }},
      {"an acceptor that does not exist", [](Reply& r) { r.acceptor = 3; }},
      {"an acceptor out of any range", [](Reply& r) { r.acceptor = 255; }},
  };
  return all;
}

TEST(ProposerIgnores, AReplyWithAnyEchoedFieldChanged) {
  for (Proposer proposer : {started(), accepting()}) {
    for (const AcceptorState& before : {AcceptorState{}, voted(Ballot(0, 2), 20)}) {
      for (const auto& [name, mutate] : mutations()) {
        Reply reply = answer(proposer, 2, before);
        mutate(reply);
        const Tally tally = proposer.tally();
        const Request request = proposer.request();
        EXPECT_EQ(proposer.on_reply(rules(), reply), Action::ignored) << name;
        EXPECT_EQ(proposer.tally(), tally) << name;
        EXPECT_EQ(proposer.request(), request) << name;
      }
    }
  }
}

TEST(ProposerIgnores, TheSecondCopyOfAReply) {
  for (Proposer proposer : {started(), accepting()}) {
    const Reply grant = answer(proposer, 1, voted(Ballot(0, 2), 20));
    proposer.on_reply(rules(), grant);
    const Proposer before = proposer;
    for (int i = 0; i < 3; ++i) EXPECT_EQ(proposer.on_reply(rules(), grant), Action::ignored);
    EXPECT_EQ(proposer, before);
    Reply changed = grant;
    changed.last_bal = Ballot(50, 1);
    EXPECT_EQ(proposer.on_reply(rules(3, GiveUp::first_nack), changed), Action::ignored)
        << "nor may one acceptor grant and then refuse";
  }
}

TEST(ProposerIgnores, APromiseThatComesInPhase2AndRepliesOfRoundsThatAreOver) {
  Proposer proposer = started();
  const Reply late_promise = answer(proposer, 2);
  for (const AcceptorId a : kFirstTwo) proposer.on_reply(rules(), answer(proposer, a));
  ASSERT_EQ(proposer.state(), State::accepting);
  EXPECT_EQ(proposer.on_reply(rules(), late_promise), Action::ignored);
  EXPECT_EQ(proposer.tally(), Tally());

  const Reply late_vote = answer(proposer, 0, promised(Ballot(1, kSelf)));
  proposer.on_timeout();
  EXPECT_EQ(proposer.on_reply(rules(), late_vote), Action::ignored) << "while it backs off";
  proposer.retry();
  for (const Reply& late : {late_promise, late_vote}) EXPECT_EQ(proposer.on_reply(rules(), late), Action::ignored);
  EXPECT_EQ(proposer.tally(), Tally());
  EXPECT_EQ(proposer.state(), State::preparing);
}

TEST(ProposerIgnores, EverythingWhileIdle) {
  Proposer proposer;
  EXPECT_EQ(proposer.on_timeout(), Action::none);
  EXPECT_EQ(proposer.retry(), Action::none);
  for (const ReplyKind kind : {ReplyKind::state, ReplyKind::retired, ReplyKind::refused, ReplyKind::decided}) {
    EXPECT_EQ(proposer.on_reply(rules(3, GiveUp::first_nack, Learning::announcement), {.kind = kind}), Action::ignored);
  }
  EXPECT_EQ(proposer, Proposer());
}

TEST(ProposerTimeout, LosesAnOpenRoundToNobody) {
  for (Proposer proposer : {started(), accepting()}) {
    const Phase phase = proposer.phase();
    EXPECT_EQ(proposer.on_timeout(), Action::back_off);
    EXPECT_EQ(proposer.beaten_by(), Ballot());
    EXPECT_EQ(proposer.phase(), phase);
    EXPECT_EQ(proposer.on_timeout(), Action::none) << "no round is open";
    EXPECT_EQ(proposer.retry(), Action::broadcast);
    EXPECT_EQ(proposer.ballot(), Ballot(2, kSelf));
  }
}

TEST(ProposerRetry, BeginsAFreshPhase1AboveTheBallotThatBeatIt) {
  Proposer proposer = beaten(Ballot(7, 2));
  const std::uint32_t round = proposer.request().round;
  EXPECT_EQ(proposer.retry(), Action::broadcast);
  EXPECT_EQ(proposer.request(), (Request{.instance = kInstance,
                                         .ballot = Ballot(8, kSelf),
                                         .value = 0,
                                         .round = round + 1,
                                         .slot = 3,
                                         .phase = Phase::prepare}));
  EXPECT_EQ(proposer.tally(), Tally());
  EXPECT_EQ(proposer.own(), kOwn);
  EXPECT_FALSE(proposer.adopted()) << "votes seen in the round before must be seen again";
}

TEST(ProposerRetry, SkipsOnTop) {
  Proposer proposer = beaten(Ballot(7, 2));
  EXPECT_EQ(proposer.retry(1000), Action::broadcast);
  EXPECT_EQ(proposer.ballot(), Ballot(1008, kSelf));
}

TEST(ProposerRetry, GoesAboveEverythingSeenInAnyReplyOfTheInstance) {
  for (std::uint64_t seed = 0; seed < 2'000; ++seed) {
    Random random(seed);
    Proposer proposer = started();
    std::uint64_t highest = proposer.ballot().n();
    std::uint32_t round = proposer.request().round;
    for (int attempt = 0; attempt < 5; ++attempt) {
      const Reply late = answer(proposer, 2, promised(Ballot(random.below(60), 1)));
      Ballot seen;
      for (const AcceptorId a : kFirstTwo) {
        const Reply reply = answer(proposer, a, promised(Ballot(random.below(40), 1)));
        if (!proposer.round_open()) break;
        seen = std::max(seen, reply.last_bal);
        proposer.on_reply(rules(), reply);
      }
      if (proposer.state() == State::decided) break;
      if (proposer.round_open()) proposer.on_timeout();
      seen = std::max(seen, late.last_bal);
      proposer.on_reply(rules(), late);  // not counted, yet what it shows is no secret
      highest = std::max(highest, seen.n());
      ASSERT_EQ(proposer.retry(), Action::broadcast);
      ASSERT_EQ(proposer.ballot(), Ballot(highest + 1, kSelf)) << "seed " << seed;
      ASSERT_GT(proposer.request().round, round) << "every broadcast has a number of its own";
      round = proposer.request().round;
      highest = proposer.ballot().n();
    }
  }
}

TEST(ProposerRetry, EndsWhereBallotsEnd) {
  constexpr std::uint64_t kMax = Ballot::kMaxN;
  struct Case {
    std::uint64_t seen, skip;
    Action action;
  };
  for (const Case& c : {Case{kMax - 1, 0, Action::broadcast}, Case{kMax, 0, Action::exhausted},
                        Case{kMax - 11, 10, Action::broadcast}, Case{kMax - 11, 11, Action::exhausted},
                        Case{7, kMax, Action::exhausted}, Case{7, ~std::uint64_t{0}, Action::exhausted},
                        Case{7, kMax - 8, Action::broadcast}, Case{7, kMax - 7, Action::exhausted}}) {
    Proposer proposer = beaten(Ballot(c.seen, 2));
    EXPECT_EQ(proposer.retry(c.skip), c.action) << c.seen << " + " << c.skip;
    if (c.action == Action::broadcast) {
      EXPECT_EQ(proposer.ballot(), Ballot(c.seen + 1 + c.skip, kSelf));
    } else {
      EXPECT_EQ(proposer.state(), State::exhausted);
      EXPECT_EQ(proposer.retry(), Action::none) << "for good";
    }
  }
}

TEST(ProposerRetry, HappensOnlyWhileBackingOff) {
  for (Proposer proposer : {started(), accepting()}) {
    const Proposer before = proposer;
    EXPECT_EQ(proposer.retry(), Action::none);
    EXPECT_EQ(proposer, before);
  }
}

// Phase 1 of (5, kSelf) at 5 acceptors, of which `same` report a vote in one ballot and the next `other` one below it.
Action after_promises(Proposer& proposer, const ProposerRules& with, int same, int other) {
  proposer.propose(kInstance, kOwn, Ballot(5, kSelf));
  Action action = Action::none;
  for (int i = 0; i < with.quorums.size(Phase::prepare); ++i) {
    const AcceptorState before = i < other          ? voted(Ballot(2, 1), 77)
                                 : i < other + same ? voted(Ballot(3, 1), 77)
                                                    : AcceptorState{};
    action = proposer.on_reply(with, answer(proposer, static_cast<AcceptorId>(i), before));
  }
  return action;
}

TEST(ProposerLearns, FromPhase1OnlyWhereToldAndOnlyFromAQuorumInOneBallot) {
  for (const Learning learning : {Learning::own_round, Learning::visible, Learning::announcement}) {
    const ProposerRules with = rules(5, GiveUp::majority_out_of_reach, learning);
    Proposer proposer;
    const bool may = learning != Learning::own_round;
    EXPECT_EQ(after_promises(proposer, with, 3, 0), may ? Action::decided : Action::broadcast);
    EXPECT_EQ(proposer.value(), 77);
    EXPECT_FALSE(proposer.won());
    EXPECT_EQ(after_promises(proposer, with, 2, 1), Action::broadcast) << "votes of two ballots do not add up";
    EXPECT_EQ(after_promises(proposer, with, 1, 2), Action::broadcast);
    EXPECT_EQ(after_promises(proposer, with, 2, 0), Action::broadcast);
    EXPECT_EQ(proposer.request().value, 77);
  }
}

TEST(ProposerLearns, FromPhase1ByThePhase2Quorum) {
  const ProposerRules with{*Quorums::make(5, 4, 2), GiveUp::majority_out_of_reach, Learning::visible};
  Proposer proposer;
  EXPECT_EQ(after_promises(proposer, with, 2, 1), Action::decided);
  EXPECT_EQ(after_promises(proposer, with, 1, 3), Action::broadcast);
  const ProposerRules small_phase1{*Quorums::make(5, 2, 4), GiveUp::majority_out_of_reach, Learning::visible};
  EXPECT_EQ(after_promises(proposer, small_phase1, 2, 0), Action::broadcast) << "phase 1 is too small to show it";
}

TEST(ProposerLearns, FromAnAnnouncementOnlyWhereTold) {
  for (const Learning learning : {Learning::own_round, Learning::visible, Learning::announcement}) {
    for (Proposer proposer : {started(), accepting(), beaten()}) {
      const Proposer before = proposer;
      const Reply news{.instance = kInstance, .ballot = Ballot(9, 2), .value = 88, .kind = ReplyKind::decided};
      const Action action = proposer.on_reply(rules(3, GiveUp::first_nack, learning), news);
      if (learning == Learning::announcement) {
        EXPECT_EQ(action, Action::decided);
        EXPECT_EQ(proposer.value(), 88);
        EXPECT_FALSE(proposer.won());
      } else {
        EXPECT_EQ(action, Action::ignored);
        EXPECT_EQ(proposer, before);
      }
      Proposer elsewhere = before;
      Reply foreign = news;
      ++foreign.instance.ver;
      EXPECT_EQ(elsewhere.on_reply(rules(3, GiveUp::first_nack, learning), foreign), Action::ignored);
      EXPECT_EQ(elsewhere, before);
    }
  }
}

TEST(ProposerLearns, ThatItsOwnValueWasDecidedWithoutIt) {
  Proposer proposer = beaten();
  const Reply news{.instance = kInstance, .value = kOwn, .kind = ReplyKind::decided};
  EXPECT_EQ(proposer.on_reply(rules(3, GiveUp::first_nack, Learning::announcement), news), Action::decided);
  EXPECT_TRUE(proposer.won()) << "somebody carried it on";
}

TEST(ProposerEnds, WhenItsInstanceIsRetiredAndSaysWhereToResume) {
  for (Proposer proposer : {started(), accepting(), beaten()}) {
    Reply retired = answer(proposer, 0);
    retired.kind = ReplyKind::retired;
    retired.value = 40;
    EXPECT_EQ(proposer.on_reply(rules(), retired), Action::retired);
    EXPECT_EQ(proposer.resume_at(), 40U);
    EXPECT_FALSE(proposer.won());
    EXPECT_EQ(proposer.on_reply(rules(), retired), Action::ignored) << "once";
    EXPECT_EQ(proposer.retry(), Action::none);
  }
}

TEST(ProposerEnds, ARetiredReplyIsNeverAGrant) {
  Proposer proposer = started();
  proposer.on_reply(rules(), answer(proposer, 0));
  Reply retired = answer(proposer, 1);
  retired.kind = ReplyKind::retired;
  EXPECT_EQ(proposer.on_reply(rules(), retired), Action::retired);
  EXPECT_EQ(proposer.tally().granted(), 1);
}

}  // namespace
}  // namespace paxoscope::paxos_test
