#include "core/paxos/proposer.h"

#include <algorithm>

namespace paxoscope {

Action Proposer::retry(std::uint64_t skip) {
  if (state_ != State::backing_off) return Action::none;
  const std::uint64_t highest = std::max(highest_seen_.n(), request_.ballot.n());
  if (highest >= Ballot::kMaxN || skip >= Ballot::kMaxN - highest) return become(State::exhausted, Action::exhausted);
  return begin_round(instance(), Ballot(highest + 1 + skip, ballot().proposer()), request_.round + 1, request_.slot);
}

Action Proposer::lose() {
  beaten_by_ = highest_seen_ > request_.ballot ? highest_seen_ : Ballot();
  return become(State::backing_off, Action::back_off);
}

// The instance is over, somebody tells us.
Action Proposer::on_news(const ProposerRules& rules, const Reply& reply) {
  const bool unheard = reply.kind == ReplyKind::decided && rules.learning != Learning::announcement;
  if (unheard || !(round_open() || state_ == State::backing_off)) return Action::ignored;
  request_.value = reply.value;
  return reply.kind == ReplyKind::retired ? become(State::retired, Action::retired)
                                          : become(State::decided, Action::decided);
}

}  // namespace paxoscope
