// Shared by the tests of core/paxos: a proposer with the replies it can get.
#pragma once

#include <gtest/gtest.h>

#include <optional>

#include "core/paxos/acceptor.h"
#include "core/paxos/proposer.h"

namespace paxoscope::paxos_test {

inline constexpr InstanceId kInstance{.ver = 4, .key = 9};
inline constexpr ProposerId kSelf = 5;
inline constexpr Value kOwn = 500;
inline constexpr AcceptorId kFirstTwo[] = {0, 1};

inline ProposerRules rules(int acceptors = 3, GiveUp give_up = GiveUp::majority_out_of_reach,
                           Learning learning = Learning::own_round) {
  return {Quorums::majority(acceptors), give_up, learning};
}

// What acceptor `from` answers to the outstanding request when its state was `before`.
inline Reply answer(const Proposer& proposer, AcceptorId from, const AcceptorState& before = {}) {
  const Request& request = proposer.request();
  return {.instance = request.instance,
          .ballot = request.ballot,
          .last_bal = before.last_bal,
          .v_bal = before.v_bal,
          .value = before.value,
          .round = request.round,
          .slot = request.slot,
          .phase = request.phase,
          .acceptor = from};
}

// The state of an acceptor that voted for `value` in `ballot` and has promised nothing since.
inline AcceptorState voted(Ballot ballot, Value value) {
  return {ballot, ballot, value};
}
inline AcceptorState promised(Ballot ballot) {
  return {ballot, Ballot(), 0};
}

// A proposer that has asked for promises in (1, kSelf).
inline Proposer started(std::optional<Value> own = kOwn) {
  Proposer proposer;
  EXPECT_EQ(proposer.propose(kInstance, own, Ballot(1, kSelf), 3), Action::broadcast);
  return proposer;
}

// One whose round is in phase 2, for its own value.
inline Proposer accepting(const ProposerRules& with = rules()) {
  Proposer proposer = started();
  for (int i = 0; i < with.quorums.size(Phase::prepare); ++i) {
    proposer.on_reply(with, answer(proposer, static_cast<AcceptorId>(i)));
  }
  EXPECT_EQ(proposer.state(), Proposer::State::accepting);
  return proposer;
}

// One that lost its first round to `by`.
inline Proposer beaten(Ballot by = Ballot(7, 2)) {
  Proposer proposer = started();
  EXPECT_EQ(proposer.on_reply(rules(3, GiveUp::first_nack), answer(proposer, 0, promised(by))), Action::back_off);
  return proposer;
}

}  // namespace paxoscope::paxos_test
