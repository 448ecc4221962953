// Acceptors with one bug each. The correct step is the shipped one's; a mutant says only what it does otherwise.
#pragma once

#include "core/check/model.h"

namespace paxoscope::mutants {

class MutantAcceptor {
 public:
  AcceptorState on_prepare(Ballot ballot) {
    return take([&](Acceptor& a) { return a.on_prepare(ballot); });
  }
  AcceptorState on_accept(Ballot ballot, Value value) {
    return take([&](Acceptor& a) { return a.on_accept(ballot, value); });
  }
  const AcceptorState& state() const { return state_; }
  AcceptorState state_ = {};

 private:
  template <class Step>
  AcceptorState take(Step step) {
    Acceptor shipped(state_);
    const AcceptorState before = step(shipped);
    state_ = shipped.state();
    return before;
  }
};

// Any one of those below, which only differ in their steps; the last that was chosen. So explorer and plays are
// compiled once for all of them, and not two dozen times.
class AnyMutantAcceptor : public MutantAcceptor {
 public:
  AcceptorState on_prepare(Ballot ballot) { return chosen().prepare(state_, ballot); }
  AcceptorState on_accept(Ballot ballot, Value value) { return chosen().accept(state_, ballot, value); }

  template <class Mutant>
  static void choose() {
    static_assert(sizeof(Mutant) == sizeof(MutantAcceptor), "it remembers more than its state");
    chosen() = {[](AcceptorState& state, Ballot ballot) {
                  return step<Mutant>(state, [&](Mutant& mutant) { return mutant.on_prepare(ballot); });
                },
                [](AcceptorState& state, Ballot ballot, Value value) {
                  return step<Mutant>(state, [&](Mutant& mutant) { return mutant.on_accept(ballot, value); });
                }};
  }

 private:
  struct Steps {
    AcceptorState (*prepare)(AcceptorState&, Ballot) = nullptr;
    AcceptorState (*accept)(AcceptorState&, Ballot, Value) = nullptr;
  };
  static Steps& chosen() {
    static Steps steps;
    return steps;
  }
  template <class Mutant, class Take>
  static AcceptorState step(AcceptorState& state, Take take) {
    Mutant mutant;
    mutant.state_ = state;
    const AcceptorState reply = take(mutant);
    state = mutant.state_;
    return reply;
  }
};

struct AcceptIgnoresLastBal : MutantAcceptor {
  AcceptorState on_accept(Ballot ballot, Value value) { return std::exchange(state_, {ballot, ballot, value}); }
};

struct AcceptNeedsGreater : MutantAcceptor {
  AcceptorState on_accept(Ballot ballot, Value value) {
    return ballot > state_.last_bal ? MutantAcceptor::on_accept(ballot, value) : state_;
  }
};

struct AcceptDoesNotRaiseLastBal : MutantAcceptor {
  AcceptorState on_accept(Ballot ballot, Value value) {
    const AcceptorState before = MutantAcceptor::on_accept(ballot, value);
    state_.last_bal = before.last_bal;
    return before;
  }
};

struct KeepsFirstValue : MutantAcceptor {
  AcceptorState on_accept(Ballot ballot, Value value) {
    return MutantAcceptor::on_accept(ballot, state_.v_bal.is_none() ? value : state_.value);
  }
};

struct PrepareDoesNotRaise : MutantAcceptor {
  AcceptorState on_prepare(Ballot) { return state_; }
};

struct PrepareLowers : MutantAcceptor {
  AcceptorState on_prepare(Ballot ballot) {
    const AcceptorState before = state_;
    state_.last_bal = ballot;
    return before;
  }
};

struct ComparesOnlyN : MutantAcceptor {
  AcceptorState on_prepare(Ballot ballot) {
    const AcceptorState before = state_;
    if (ballot.n() >= state_.last_bal.n()) state_.last_bal = ballot;
    return before;
  }
  AcceptorState on_accept(Ballot ballot, Value value) {
    const AcceptorState before = state_;
    if (ballot.n() >= state_.last_bal.n()) state_ = {ballot, ballot, value};
    return before;
  }
};

// The reply is read while another thread's vote is half written: the ballot is there, the value not yet.
struct TornReply : MutantAcceptor {
  AcceptorState on_prepare(Ballot ballot) {
    AcceptorState before = MutantAcceptor::on_prepare(ballot);
    before.value = 0;
    return before;
  }
};

struct StoresAnotherValue : MutantAcceptor {
  AcceptorState on_accept(Ballot ballot, Value value) { return MutantAcceptor::on_accept(ballot, value + 1); }
};

struct PrepareErasesVote : MutantAcceptor {
  AcceptorState on_prepare(Ballot ballot) {
    const AcceptorState before = MutantAcceptor::on_prepare(ballot);
    if (ballot > before.last_bal) state_.v_bal = Ballot();
    return before;
  }
};

// It votes in the ballot that it had promised, not in the request's.
struct VotesInPromisedBallot : MutantAcceptor {
  AcceptorState on_accept(Ballot ballot, Value value) {
    const AcceptorState before = MutantAcceptor::on_accept(ballot, value);
    if (ballot >= before.last_bal) state_.v_bal = before.last_bal;
    return before;
  }
};

struct PromiseRaisesVote : MutantAcceptor {
  AcceptorState on_prepare(Ballot ballot) {
    const AcceptorState before = MutantAcceptor::on_prepare(ballot);
    if (ballot >= before.last_bal) state_.v_bal = ballot;
    return before;
  }
};

// It stores the value before it looks at the ballot.
struct StoresRefusedValue : MutantAcceptor {
  AcceptorState on_accept(Ballot ballot, Value value) {
    const AcceptorState before = MutantAcceptor::on_accept(ballot, value);
    state_.value = value;
    return before;
  }
};

// Nobody is harmed: a state after the step grants what the one before granted, and shows a vote that was cast. But a
// reply is the state before.
struct AnswersStateAfter : MutantAcceptor {
  AcceptorState on_prepare(Ballot ballot) {
    MutantAcceptor::on_prepare(ballot);
    return state_;
  }
  AcceptorState on_accept(Ballot ballot, Value value) {
    MutantAcceptor::on_accept(ballot, value);
    return state_;
  }
};

// Equivalent: the same ballot again changes nothing either way.
struct PrepareNeedsGreater : MutantAcceptor {
  AcceptorState on_prepare(Ballot ballot) {
    return ballot > state_.last_bal ? MutantAcceptor::on_prepare(ballot) : state_;
  }
};

}  // namespace paxoscope::mutants
