// The acceptor of one instance. It promises and it votes; its whole memory is three words.
// Both steps return the state as it was *before*: the proposer judges for itself, by the rule of Reply::granted. What
// a reply showed must outlive the acceptor, or the acceptor may never come back.
#pragma once

#include "core/paxos/message.h"

namespace paxoscope {

struct AcceptorState {
  Ballot last_bal;  // the highest ballot promised
  Ballot v_bal;     // the ballot of the last vote, none if there is none
  Value value = 0;  // what that vote was for
  friend constexpr bool operator==(const AcceptorState&, const AcceptorState&) = default;
};

class Acceptor {
 public:
  constexpr Acceptor() = default;
  explicit constexpr Acceptor(const AcceptorState& state) : state_(state) {}

  // Phase 1b: promise not to take part in any ballot below this one.
  constexpr AcceptorState on_prepare(Ballot ballot) {
    const AcceptorState before = state_;
    if (ballot >= state_.last_bal) state_.last_bal = ballot;
    return before;
  }

  // Phase 2b: vote, unless a higher ballot was promised. A vote is also a promise (it raises last_bal).
  constexpr AcceptorState on_accept(Ballot ballot, Value value) {
    const AcceptorState before = state_;
    if (ballot >= state_.last_bal) state_ = {ballot, ballot, value};
    return before;
  }

  constexpr const AcceptorState& state() const { return state_; }
  friend constexpr bool operator==(const Acceptor&, const Acceptor&) = default;

 private:
  AcceptorState state_;
};

}  // namespace paxoscope
