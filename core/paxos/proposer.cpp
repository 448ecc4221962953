#include "core/paxos/proposer.h"

#include <algorithm>

namespace paxoscope {

Action Proposer::retry(std::uint64_t skip) {
  if (state_ != State::backing_off) return Action::none;
  const std::uint64_t highest = std::max(highest_seen_.n(), request_.ballot.n());
  if (highest >= Ballot::kMaxN || skip >= Ballot::kMaxN - highest) return become(State::exhausted, Action::exhausted);
  return begin_round(instance(), Ballot(highest + 1 + skip, ballot().proposer()), request_.round + 1, request_.slot);
}

Action Proposer::on_refused(const ProposerRules& rules, const Reply& reply) {
  const bool announced = reply.kind == ReplyKind::decided;
  if (announced || reply.kind == ReplyKind::retired) {
    const bool heeded = !announced || rules.learning == Learning::announcement;
    if (!heeded || !(round_open() || state_ == State::backing_off)) return Action::ignored;
    request_.value = reply.value;
    return announced ? become(State::decided, Action::decided) : become(State::retired, Action::retired);
  }
  highest_seen_ = std::max(highest_seen_, reply.last_bal);
  if (!answers_request(rules, reply) || !tally_.add(reply.acceptor, false)) return Action::ignored;
  return give_up_if_lost(rules);
}

Action Proposer::give_up_if_lost(const ProposerRules& rules) {
  if (tally_.verdict(rules.quorums, request_.phase, rules.give_up) != Verdict::lost) return Action::none;
  beaten_by_ = highest_seen_ > request_.ballot ? highest_seen_ : Ballot();
  return become(State::backing_off, Action::back_off);
}

}  // namespace paxoscope
