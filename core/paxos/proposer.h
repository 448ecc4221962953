// The proposer of one instance: a state machine that turns each input into at most one action.
//
//   phase 2  ask the acceptors to vote for a value in our ballot; a quorum of votes decides it.
//   phase 1  before that, ask for promises; if a vote is reported, its value (that of the highest ballot) must be
//            carried on instead of ours, because it may already be decided.
//   failure  somebody promised a higher ballot: back off, then try again above everything seen.
//
// No clock, callback or queue: it can be copied, hashed, printed and drawn. The host sends what request() says, waits
// as long as its strategy says, and calls back. Not thread-safe.
#pragma once

#include <cstdint>
#include <optional>

#include "core/paxos/message.h"
#include "core/paxos/quorum.h"

namespace paxoscope {

// How a proposer whose value lost finds out what was decided.
enum class Learning : std::uint8_t {
  own_round,     // it carries the value through a round of its own
  visible,       // also when its phase 1 sees a phase-2 quorum whose last vote is in one ballot
  announcement,  // also when the winner tells it
};

struct ProposerRules {
  Quorums quorums = Quorums::majority(3);
  GiveUp give_up = GiveUp::majority_out_of_reach;
  Learning learning = Learning::own_round;
};

// What the host must do now.
enum class Action : std::uint8_t {
  none,       // a reply was counted, and more must come
  ignored,    // it was not counted: it answers nothing that is open, or has been heard before
  broadcast,  // send request() to the acceptors
  back_off,   // the round is lost: wait, then retry()
  decided,    // value() is decided
  empty,      // a read found that nobody has voted yet
  retired,    // the instance is decided, and its value is no longer kept; resume_at() is the next open version
  exhausted,  // ballots above Ballot::kMaxN would be needed: this proposer can do no more here
};

class Proposer {
 public:
  enum class State : std::uint8_t { idle, preparing, accepting, backing_off, decided, empty, retired, exhausted };

  // Start on an instance with a first ballot {n, self}, not {0, 0}. Without an own value it is a read.
  Action propose(InstanceId instance, std::optional<Value> own, Ballot first, std::uint16_t slot = 0) {
    own_ = own.value_or(0);
    has_own_ = own.has_value();
    highest_seen_ = beaten_by_ = Ballot();
    return begin_round(instance, first, 1, slot);
  }

  // A reply that does not answer the outstanding request is ignored, however late, foreign or doubled it is.
  Action on_reply(const ProposerRules& rules, const Reply& reply) {
    if (reply.instance != request_.instance) return Action::ignored;
    if (reply.kind != ReplyKind::state && reply.kind != ReplyKind::refused) [[unlikely]]
      return on_news(rules, reply);
    if (reply.last_bal > highest_seen_) highest_seen_ = reply.last_bal;
    if (!answers_request(rules, reply) || !tally_.add(reply.acceptor, reply.granted())) return Action::ignored;
    if (state_ == State::preparing && reply.granted()) note_vote(reply);
    switch (tally_.verdict(rules.quorums, reply.phase, rules.give_up)) {
      case Verdict::pending: return Action::none;
      case Verdict::won:
        return state_ == State::preparing ? on_promised(rules) : become(State::decided, Action::decided);
      case Verdict::lost: break;
    }
    return lose();
  }

  // The host has waited long enough for this round: it is lost. Ignored unless a round is open.
  Action on_timeout() {
    if (!round_open()) return Action::none;
    beaten_by_ = Ballot();
    return become(State::backing_off, Action::back_off);
  }

  // Begin the next round, with n = 1 + the highest n seen or used, plus `skip`. Only while backing off.
  Action retry(std::uint64_t skip = 0);

  bool round_open() const { return state_ == State::preparing || state_ == State::accepting; }
  State state() const { return state_; }
  const Request& request() const { return request_; }  // of the current round, and with what the host has filled in
  void fill_in(std::uint64_t decided_below) { request_.decided_below = decided_below; }
  InstanceId instance() const { return request_.instance; }
  Ballot ballot() const { return request_.ballot; }
  Phase phase() const { return request_.phase; }  // while backing off: the phase that was lost
  const Tally& tally() const { return tally_; }
  Ballot beaten_by() const { return beaten_by_; }  // the ballot that refused the last lost round; none: timeout
  std::optional<Value> own() const { return has_own_ ? std::optional(own_) : std::nullopt; }
  Value value() const { return request_.value; }  // the candidate of phase 2; once decided, the decision
  bool won() const { return state_ == State::decided && has_own_ && own_ == request_.value; }
  bool adopted() const { return !best_vote_.is_none(); }  // phase 1 reported a vote
  Ballot best_vote() const { return best_vote_; }         // the highest of those votes' ballots
  std::uint64_t resume_at() const { return static_cast<std::uint64_t>(request_.value); }
  friend bool operator==(const Proposer&, const Proposer&) = default;

 private:
  bool answers_request(const ProposerRules& rules, const Reply& reply) const {
    static_assert(State(Phase::prepare) == State::preparing && State(Phase::accept) == State::accepting);
    return reply.ballot == request_.ballot && reply.round == request_.round && State(reply.phase) == state_ &&
           reply.acceptor < rules.quorums.acceptors();
  }

  Action begin_round(InstanceId instance, Ballot ballot, std::uint32_t round, std::uint16_t slot) {  // phase 1a
    request_ = {instance, ballot, 0, 0, round, slot, Phase::prepare};
    best_vote_ = Ballot();
    best_vote_count_ = 0;
    tally_ = Tally();
    return become(State::preparing, Action::broadcast);
  }

  void note_vote(const Reply& promise) {
    if (promise.v_bal.is_none() || promise.v_bal < best_vote_) return;
    best_vote_count_ = promise.v_bal == best_vote_ ? best_vote_count_ + 1 : 1;
    best_vote_ = promise.v_bal;
    request_.value = promise.value;
  }

  // Phase 2a, once a quorum has promised: the value of the highest vote reported, or our own if there was none.
  Action on_promised(const ProposerRules& rules) {
    if (best_vote_.is_none()) {
      if (!has_own_) return become(State::empty, Action::empty);
      request_.value = own_;
    } else if (rules.learning != Learning::own_round && best_vote_count_ >= rules.quorums.size(Phase::accept)) {
      return become(State::decided, Action::decided);
    }
    request_.phase = Phase::accept;
    ++request_.round;
    tally_ = Tally();
    return become(State::accepting, Action::broadcast);
  }

  Action on_news(const ProposerRules& rules, const Reply& reply);
  Action lose();
  Action become(State state, Action action) {
    state_ = state;
    return action;
  }

  State state_ = State::idle;  // first, what every reply looks at; of an open round, its phase
  bool has_own_ = false;
  std::uint8_t best_vote_count_ = 0;
  Request request_;
  Tally tally_;
  Ballot highest_seen_, best_vote_, beaten_by_;
  Value own_ = 0;
};

}  // namespace paxoscope
