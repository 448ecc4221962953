#include "core/paxos/proposer.h"

#include <algorithm>

namespace paxoscope {

Action Proposer::retry(std::uint64_t skip) {
  if (state_ != State::backing_off) return Action::none;
  const std::uint64_t highest = std::max(highest_seen_.n(), request_.ballot.n());
  if (highest >= Ballot::kMaxN || skip >= Ballot::kMaxN - highest) return become(State::exhausted, Action::exhausted);
  const Ballot next(highest + 1 + skip, request_.ballot.proposer());
  request_ = {request_.instance, next, 0, 0, request_.round + 1, request_.slot, Phase::prepare};
  best_vote_ = Ballot();
  best_vote_count_ = 0;
  tally_ = Tally();
  return become(State::preparing, Action::broadcast);
}

// The instance is over, somebody tells us.
Action Proposer::on_news(const ProposerRules& rules, const Reply& reply) {
  const bool unheard = reply.kind == ReplyKind::decided && rules.learning != Learning::announcement;
  if (unheard || !(round_open() || state_ == State::backing_off)) return Action::none;
  request_.value = reply.value;
  return reply.kind == ReplyKind::retired ? become(State::retired, Action::retired)
                                          : become(State::decided, Action::decided);
}

}  // namespace paxoscope
