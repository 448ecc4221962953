// What the explorer and the play run: the shipped acceptor and proposer, and what a crash does to them. A test that
// plants a bug hands in another model with the same members; nothing in the shipped code knows about it.
#pragma once

#include "core/paxos/acceptor.h"
#include "core/paxos/proposer.h"

namespace paxoscope {

struct ShippedModel {
  using Acceptor = paxoscope::Acceptor;
  using Proposer = paxoscope::Proposer;
  // What the explorer may rely on when it drops what can no longer matter; see local_states.h and paxos_system.h.
  static constexpr bool kRepliesDie = true;   // a proposer uses only replies to its outstanding request
  static constexpr bool kRequestsDie = true;  // an acceptor never again grants what is below its last_bal
  // What a proposer remembers beyond the shipped one's state.
  static std::uint64_t memory(const Proposer&) { return 0; }

  // A crashed acceptor comes back with all it ever replied to: its log is durable.
  static Acceptor recovered(const Acceptor& acceptor) { return acceptor; }
  static Ballot first_ballot(ProposerId id) { return {1, id}; }
  // A crashed proposer comes back knowing nothing but that its ballots must be above all it ever used.
  static Ballot ballot_after_crash(Ballot last_used) { return {last_used.n() + 1, last_used.proposer()}; }
  static Value value_after_crash(Value own) { return own; }
  static ProposerRules rules(const ProposerRules& asked) { return asked; }
};

// The value that a proposer of a play proposes: 100, 200, ... by its number from 0.
constexpr Value play_value(int proposer) {
  return 100 * (proposer + 1);
}
// Proposers are numbered from 1 as ballots see them.
constexpr ProposerId play_id(int proposer) {
  return static_cast<ProposerId>(proposer + 1);
}
constexpr InstanceId kPlayInstance{0, 0};

// What an acceptor answers; the step itself is the model's.
template <class Acceptor>
Reply play_request(Acceptor& acceptor, AcceptorId id, const Request& request) {
  const AcceptorState before = request.phase == Phase::prepare ? acceptor.on_prepare(request.ballot)
                                                               : acceptor.on_accept(request.ballot, request.value);
  return {.instance = request.instance,
          .ballot = request.ballot,
          .last_bal = before.last_bal,
          .v_bal = before.v_bal,
          .value = before.value,
          .round = request.round,
          .slot = request.slot,
          .phase = request.phase,
          .acceptor = id};
}

}  // namespace paxoscope
