#include <fmt/format.h>

#include "core/check/ladder.h"
#include "core/check/rule_checker.h"

namespace paxoscope {

void RuleChecker::State::on_acceptor(const Event& event, const Agent& agent) {
  if (event.kind == EventKind::retired) return on_retired(event);
  Instance* const instance = instance_of(event);
  if (instance == nullptr) {
    if (event.kind == EventKind::answered) check_not_retired(event, instances_.retired_below(event));
    return;
  }
  switch (event.kind) {
    case EventKind::answered: return on_answered(event, agent, *instance);
    case EventKind::refused: {
      BallotRecord& record = instance->record(event.ballot);
      note_request(*instance, record, event, false);
      return note_answer(*instance, event, {.before = {}, .sent = true, .refused = true});
    }
    default: miss(fmt::format("event {} is of a kind that acceptors do not have", now()));
  }
}

void RuleChecker::State::on_retired(const Event& event) {
  if (instances_.retire(event.agent, event.instance, now(), [this](Instance& oldest) { close(oldest); })) return;
  violate(2, event.instance, in_words(event) + ", which it had retired before", {now()});
}

// Who has forgotten an instance must not begin it anew.
void RuleChecker::State::check_not_retired(const Event& event, const rules_detail::RetiredBelow& retired) {
  if (event.instance.ver >= retired.ver) return;
  violate(2, event.instance, in_words(event) + fmt::format(", though it has retired what is below {}", retired.ver),
          {retired.event, now()});
}

void RuleChecker::State::on_answered(const Event& event, const Agent& agent, Instance& instance) {
  check_not_retired(event, (*instance.retired_below)[event.agent]);
  rules_detail::AcceptorView& view = instance.acceptors[event.agent];
  const AcceptorState before = view.state;
  const AcceptorState after{event.last_bal, event.v_bal, event.vote};
  const bool known = view.known;
  view = {after, true};
  if (event.ballot.is_none()) violate(8, instance.id, "ballot (0,0) was used", {now()});
  if (after.v_bal > after.last_bal || (known && (after.last_bal < before.last_bal || after.v_bal < before.v_bal))) {
    violate(1, instance.id, fmt::format("{}; before, it had {}", in_words(event), in_words(before)), {now()});
  }
  if (event.peer != event.ballot.proposer()) {
    violate(3, instance.id, fmt::format("ballot {} came from P{}", text_of(event.ballot), event.peer), {now()});
  }
  // The reference, written from the paper and not from the shipped acceptor.
  const bool grant = event.ballot >= before.last_bal;
  AcceptorState expected = before;
  if (grant) expected.last_bal = event.ballot;
  if (grant && event.phase == Phase::accept) {
    expected.v_bal = event.ballot;
    expected.value = event.value;
  }
  if (known && (expected != after || event.granted != grant)) {
    violate(2, instance.id,
            fmt::format("{}; rightly {}, it would have {}", in_words(event), grant ? "granted" : "refused",
                        in_words(expected)),
            {now()});
  }
  if (!event.granted && event.phase == Phase::accept) ++report_.counters.rejected_accepts;
  note_request(instance, instance.record(event.ballot), event, false);
  // Only the state shows a vote; what was replied does not.
  if (event.phase == Phase::accept && after.v_bal == event.ballot) on_vote(event, instance);
  if (known && !agent.gap) note_answer(instance, event, {.before = before, .sent = true});
}

void RuleChecker::State::on_vote(const Event& event, Instance& instance) {
  VoteTally* tally = nullptr;
  for (VoteTally& known : instance.votes) {
    if (known.ballot == event.v_bal && known.value == event.vote) tally = &known;
  }
  if (tally == nullptr) {
    instance.votes.push_back({event.v_bal, event.vote, {}});
    tally = &instance.votes.back();
  }
  if (!tally->voters.add(event.agent) || tally->voters.count() != options_.quorums.size(Phase::accept)) return;
  if (instance.has_chosen && instance.chosen != event.vote) {
    violate(
        6, instance.id,
        fmt::format("{} is chosen in {}, and {} was chosen before", event.vote, text_of(event.v_bal), instance.chosen),
        {now()});
  }
  if (!instance.has_chosen) instance.chosen = event.vote;
  instance.has_chosen = true;
}

// Whoever speaks of a broadcast first says which round it is; the others must agree.
bool RuleChecker::State::note_round(Broadcast& broadcast, const Event& event) const {
  if (!broadcast.known) {
    broadcast.known = true;
    broadcast.round = event.round;
    broadcast.event = now();
  }
  return broadcast.round == event.round;
}

// A request was sent by its owner, or seen by an acceptor: both must say the same of it.
void RuleChecker::State::note_request(Instance& instance, BallotRecord& record, const Event& event, bool by_owner) {
  const bool accept = event.phase == Phase::accept;
  Broadcast& broadcast = record.broadcast[accept ? 1 : 0];
  if (!note_round(broadcast, event) && !(by_owner && broadcast.sent)) {  // its owner's second use of it is R8's
    violate(9, instance.id,
            fmt::format("ballot {} appears in round {} and in round {}", text_of(record.ballot), broadcast.round,
                        event.round),
            {broadcast.event, now()});
  }
  (by_owner ? broadcast.sent : broadcast.answered) = true;
  if (!accept) {
    if (event.value != 0) violate(3, instance.id, "a Prepare carries a value", {now()});
    return;
  }
  if (record.has_value && record.value != event.value) {
    violate(3, instance.id,
            fmt::format("ballot {} has the values {} and {}", text_of(record.ballot), record.value, event.value),
            {broadcast.event, now()});
  }
  record.value = record.has_value ? record.value : event.value;
  record.has_value = true;
}

// The acceptor answered: the first time to the request, later to copies of it.
void RuleChecker::State::note_answer(Instance& instance, const Event& event, const Answer& answer) {
  Broadcast& broadcast = instance.record(event.ballot).of(event.phase);
  const auto acceptors = static_cast<std::size_t>(options_.quorums.acceptors());
  if (broadcast.answers.size() < acceptors) broadcast.answers.resize(acceptors);
  Answer* slot = &broadcast.answers[event.agent];
  if (slot->sent) {
    broadcast.note_copy(event.agent, now());
    broadcast.answers.push_back({});
    broadcast.duplicate_of.push_back(event.agent);
    slot = &broadcast.answers.back();
  }
  *slot = answer;
  if (!instance.unmatched.empty()) slot->delivered = match_unmatched(instance, event, answer);
}

// The proposer's event of this reply may have come before.
bool RuleChecker::State::match_unmatched(Instance& instance, const Event& event, const Answer& answer) {
  const auto found = std::find_if(instance.unmatched.begin(), instance.unmatched.end(), [&](const Delivery& delivery) {
    return delivery.ballot == event.ballot && delivery.phase == event.phase && delivery.acceptor == event.agent &&
           delivery.answer.same_content(answer);
  });
  if (found == instance.unmatched.end()) return false;
  instance.unmatched.erase(found);
  return true;
}

}  // namespace paxoscope
