// The acceptor against protocol.md's two sentences, written once more as a reference, over random sequences.
#include "core/paxos/acceptor.h"

#include <gtest/gtest.h>

#include <tuple>

#include "core/random.h"

namespace paxoscope {
namespace {

// The rule in plain pairs, sharing no code with the acceptor.
struct Reference {
  using Pair = std::pair<std::uint64_t, std::uint64_t>;
  Pair last_bal{0, 0}, v_bal{0, 0};
  Value value = 0;

  void prepare(Pair bal) {
    if (!(bal < last_bal)) last_bal = bal;
  }
  void accept(Pair bal, Value v) {
    if (bal < last_bal) return;
    last_bal = v_bal = bal;
    value = v;
  }
};

void expect_same(const AcceptorState& state, const Reference& reference) {
  const auto pair = [](Ballot ballot) { return Reference::Pair(ballot.n(), ballot.proposer()); };
  ASSERT_EQ(std::tuple(pair(state.last_bal), pair(state.v_bal), state.value),
            std::tuple(reference.last_bal, reference.v_bal, reference.value));
}

TEST(Acceptor, DoesExactlyWhatTheReferenceDoesAndRepliesWithTheStateBefore) {
  for (std::uint64_t seed = 0; seed < 2'000; ++seed) {
    SCOPED_TRACE(seed);
    Random random(seed);
    Acceptor acceptor;
    Reference reference;
    for (int step = 0; step < 30; ++step) {
      const Ballot bal(random.below(4), static_cast<ProposerId>(1 + random.below(3)));
      const auto value = static_cast<Value>(random.below(3)) - 1;
      const AcceptorState before = acceptor.state();
      const bool prepare = random.below(2) == 0;
      const AcceptorState replied = prepare ? acceptor.on_prepare(bal) : acceptor.on_accept(bal, value);
      EXPECT_EQ(replied, before);
      if (prepare) {
        reference.prepare({bal.n(), bal.proposer()});
      } else {
        reference.accept({bal.n(), bal.proposer()}, value);
      }
      expect_same(acceptor.state(), reference);
      // R1: promises never fall, and no vote is above them.
      EXPECT_GE(acceptor.state().last_bal, before.last_bal);
      EXPECT_GE(acceptor.state().v_bal, before.v_bal);
      EXPECT_LE(acceptor.state().v_bal, acceptor.state().last_bal);
      if (testing::Test::HasFailure()) return;
    }
  }
}

TEST(Acceptor, KeepsNothingButItsState) {
  Acceptor acceptor;
  acceptor.on_accept(Ballot(3, 1), 30);
  acceptor.on_prepare(Ballot(5, 2));
  Acceptor restored(acceptor.state());
  EXPECT_EQ(restored, acceptor);
  EXPECT_EQ(restored.on_accept(Ballot(4, 1), 40), acceptor.state());
  EXPECT_EQ(restored, acceptor) << "a vote below the promise changes nothing";
}

TEST(Acceptor, GrantsTheBallotItHasPromisedAgain) {
  Acceptor acceptor;
  acceptor.on_prepare(Ballot(2, 1));
  EXPECT_EQ(acceptor.on_prepare(Ballot(2, 1)).last_bal, Ballot(2, 1));
  acceptor.on_accept(Ballot(2, 1), 7);
  EXPECT_EQ(acceptor.state(), (AcceptorState{Ballot(2, 1), Ballot(2, 1), 7}));
}

TEST(Reply, IsAGrantExactlyWhenTheBallotWasNotBelowThePromise) {
  Reply reply{.ballot = Ballot(2, 2)};
  for (const auto& [promised, granted] :
       {std::pair(Ballot(), true), {Ballot(2, 1), true}, {Ballot(2, 2), true}, {Ballot(2, 3), false}}) {
    reply.last_bal = promised;
    EXPECT_EQ(reply.granted(), granted);
  }
  reply.last_bal = Ballot();
  for (const ReplyKind kind : {ReplyKind::retired, ReplyKind::refused, ReplyKind::decided}) {
    reply.kind = kind;
    EXPECT_FALSE(reply.granted()) << "only a reply that shows a state can grant";
  }
}

}  // namespace
}  // namespace paxoscope
