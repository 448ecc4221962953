// Proposers with one bug each: the shipped proposer, which is told something else than what arrived.
#pragma once

#include "core/check/model.h"

namespace paxoscope::mutants {

inline bool answers_round(const Proposer& p, const Reply& reply) {
  return reply.ballot == p.ballot() && reply.round == p.request().round && reply.phase == p.phase();
}

// Makes a reply look like an answer to the outstanding request, granted if it was.
inline Reply redated(const Proposer& p, Reply reply) {
  if (reply.granted()) reply.last_bal = Ballot();
  reply.instance = p.instance();
  reply.ballot = p.ballot();
  reply.round = p.request().round;
  reply.phase = p.phase();
  return reply;
}

// Any one of those below that only hear otherwise; the last that was chosen, as with AnyMutantAcceptor.
class AnyMutantProposer : public Proposer {
 public:
  Action on_reply(const ProposerRules& rules, const Reply& reply) { return chosen()(*this, rules, reply); }

  template <class Mutant>
  static void choose() {
    static_assert(sizeof(Mutant) == sizeof(Proposer), "it remembers more than a proposer does");
    chosen() = [](Proposer& proposer, const ProposerRules& rules, const Reply& reply) {
      Mutant mutant;
      static_cast<Proposer&>(mutant) = proposer;
      const Action action = mutant.on_reply(rules, reply);
      proposer = mutant;
      return action;
    };
  }

 private:
  using Step = Action (*)(Proposer&, const ProposerRules&, const Reply&);
  static Step& chosen() {
    static Step step = nullptr;
    return step;
  }
};

struct AnyNGrants : Proposer {
  Action on_reply(const ProposerRules& rules, Reply reply) {
    if (reply.last_bal.n() <= reply.ballot.n()) reply.last_bal = Ballot();
    return Proposer::on_reply(rules, reply);
  }
};

struct FirstVoteReported : Proposer {
  Action on_reply(const ProposerRules& rules, Reply reply) {
    if (adopted()) reply.v_bal = Ballot();
    return Proposer::on_reply(rules, reply);
  }
};

struct LowestVoteReported : Proposer {
  Action on_reply(const ProposerRules& rules, Reply reply) {
    if (!reply.v_bal.is_none()) reply.v_bal = Ballot(1000 - reply.v_bal.n(), 1000 - reply.v_bal.proposer());
    return Proposer::on_reply(rules, reply);
  }
};

struct OwnValueAlways : Proposer {
  Action on_reply(const ProposerRules& rules, Reply reply) {
    if (own()) reply.v_bal = Ballot();
    return Proposer::on_reply(rules, reply);
  }
};

// Of two votes with equal n, the first one reported.
struct HighestVoteByN : Proposer {
  Action on_reply(const ProposerRules& rules, Reply reply) {
    if (adopted() && reply.v_bal.n() == best_vote().n()) reply.v_bal = Ballot();
    return Proposer::on_reply(rules, reply);
  }
};

// Its own value takes the place of one that is reported twice.
struct OwnValueOnEqualVotes : Proposer {
  Action on_reply(const ProposerRules& rules, Reply reply) {
    if (adopted() && reply.v_bal == best_vote()) reply.value = own().value_or(reply.value);
    return Proposer::on_reply(rules, reply);
  }
};

// Phase 1 sees a decision in votes for one value, though they were cast in several ballots.
struct SeesVotesOfBallots : Proposer {
  Action on_reply(const ProposerRules& rules, Reply reply) {
    if (adopted() && !reply.v_bal.is_none() && reply.value == value()) reply.v_bal = best_vote();
    return Proposer::on_reply(rules, reply);
  }
};

// A quorum of one, in the phases named. The shipped quorums refuse to be made so small.
template <bool Phase1, bool Phase2>
struct QuorumOfOne : Proposer {
  Action on_reply(const ProposerRules& rules, Reply reply) {
    const bool small = phase() == Phase::prepare ? Phase1 : Phase2;
    if (!small || !reply.granted() || !answers_round(*this, reply)) return Proposer::on_reply(rules, reply);
    reply.acceptor = 0;
    ProposerRules one = rules;
    one.quorums = Quorums::majority(1);
    return Proposer::on_reply(one, reply);
  }
};

struct CountsTwice : Proposer {
  Action on_reply(const ProposerRules& rules, Reply reply) {
    if (answers_round(*this, reply) && tally().has_granted(reply.acceptor)) {
      for (int i = 0; i < rules.quorums.acceptors(); ++i) {
        const auto a = static_cast<AcceptorId>(i);
        if (!tally().has_granted(a) && !tally().has_refused(a)) reply.acceptor = a;
      }
    }
    return Proposer::on_reply(rules, reply);
  }
};

struct CountsForeign : Proposer {
  Action on_reply(const ProposerRules& rules, const Reply& reply) {
    const bool foreign = reply.ballot.proposer() != ballot().proposer() || reply.instance != instance();
    return Proposer::on_reply(rules, foreign && reply.phase == phase() ? redated(*this, reply) : reply);
  }
};

template <Phase Which>
struct CountsEarlierBallot : Proposer {
  Action on_reply(const ProposerRules& rules, const Reply& reply) {
    const bool earlier = reply.ballot < ballot() && reply.ballot.proposer() == ballot().proposer();
    const bool counts = earlier && reply.phase == Which && phase() == Which;
    return Proposer::on_reply(rules, counts ? redated(*this, reply) : reply);
  }
};

struct LatePromiseIsVote : Proposer {
  Action on_reply(const ProposerRules& rules, const Reply& reply) {
    const bool late = reply.ballot == ballot() && reply.phase == Phase::prepare && phase() == Phase::accept;
    return Proposer::on_reply(rules, late ? redated(*this, reply) : reply);
  }
};

struct CountsRejectedAccept : Proposer {
  Action on_reply(const ProposerRules& rules, Reply reply) {
    if (reply.phase == Phase::accept) reply.last_bal = Ballot();
    return Proposer::on_reply(rules, reply);
  }
};

struct ReadReturnsPhase1Vote : Proposer {
  Action propose(InstanceId instance, std::optional<Value> own, Ballot first, std::uint16_t slot = 0) {
    returned = false;
    return Proposer::propose(instance, own, first, slot);
  }
  Action on_reply(const ProposerRules& rules, const Reply& reply) {
    if (returned) return Action::ignored;
    const Action action = Proposer::on_reply(rules, reply);
    returned = action == Action::broadcast && phase() == Phase::accept && !own();
    return returned ? Action::decided : action;
  }
  State state() const { return returned ? State::decided : Proposer::state(); }
  bool round_open() const { return !returned && Proposer::round_open(); }
  Action on_timeout() { return returned ? Action::none : Proposer::on_timeout(); }
  bool returned = false;
  friend bool operator==(const ReadReturnsPhase1Vote&, const ReadReturnsPhase1Vote&) = default;
};

struct AlwaysReportsSuccess : Proposer {
  bool won() const { return state() == State::decided && own().has_value(); }
};

// Votes for a value count for ever, whatever their ballots.
struct AddsUpVotesOfBallots : Proposer {
  Action propose(InstanceId instance, std::optional<Value> own, Ballot first, std::uint16_t slot = 0) {
    voters = 0;
    voted_for = 0;
    finished = false;
    return Proposer::propose(instance, own, first, slot);
  }
  Action on_reply(const ProposerRules& rules, const Reply& reply) {
    if (finished) return Action::ignored;
    const bool vote = answers_round(*this, reply) && reply.phase == Phase::accept && reply.granted() && round_open();
    const Action action = Proposer::on_reply(rules, reply);
    if (!vote || action == Action::decided) return action;
    if (voted_for != value()) voters = 0;
    voted_for = value();
    voters |= 1U << reply.acceptor;
    finished = __builtin_popcount(voters) >= rules.quorums.size(Phase::accept);
    return finished ? Action::decided : action;
  }
  State state() const { return finished ? State::decided : Proposer::state(); }
  bool won() const { return state() == State::decided && own() == value(); }
  bool round_open() const { return !finished && Proposer::round_open(); }
  Action on_timeout() { return finished ? Action::none : Proposer::on_timeout(); }
  std::uint32_t voters = 0;
  Value voted_for = 0;
  bool finished = false;
  friend bool operator==(const AddsUpVotesOfBallots&, const AddsUpVotesOfBallots&) = default;
};

struct RetryKeepsBallot : Proposer {
  Action retry(std::uint64_t = 0) {
    const auto value = own();
    return state() == State::backing_off ? propose(instance(), value, ballot()) : Action::none;
  }
};

// Harmless, though it loses more rounds: a retry is one above its own ballot, whatever it saw.
struct RetryForgetsWhatItSaw : Proposer {
  Action on_reply(const ProposerRules& rules, Reply reply) {
    if (!reply.granted()) reply.last_bal = Ballot(reply.ballot.n(), reply.ballot.proposer() + 1);
    return Proposer::on_reply(rules, reply);
  }
};

// Equivalent: such an acceptor will not vote below a ballot that is higher still, and shows all it voted before.
struct CountsRefusalsWithVotes : Proposer {
  Action on_reply(const ProposerRules& rules, Reply reply) {
    if (reply.phase == Phase::prepare) reply.last_bal = Ballot();
    return Proposer::on_reply(rules, reply);
  }
};

}  // namespace paxoscope::mutants
