#include <fmt/format.h>

#include "core/check/ladder.h"
#include "core/check/rule_checker.h"

namespace paxoscope {

using rules_detail::AcceptorSet;
using rules_detail::HighestVote;
using rules_detail::Retired;

namespace {

// A reply that is no acceptor state: retired, refused, or another proposer's announcement. A state is granted whenever
// its last_bal is not above the ballot.
bool is_news(const Event& event) {
  return !event.granted && event.ballot >= event.last_bal;
}
bool is_announcement(const Event& event) {
  return is_news(event) && event.round == 0;
}
// It names the first version that may be open, which is a later one; a refusal names none.
bool is_retired(const Event& event) {
  return is_news(event) && event.round != 0 && event.value > 0 &&
         static_cast<std::uint64_t>(event.value) > event.instance.ver;
}

}  // namespace

void RuleChecker::State::on_proposer(const Event& event, Agent& agent) {
  Instance* const instance = instance_of(event);
  if (instance == nullptr) return;
  if (event.kind == EventKind::proposed) return on_proposed(event, agent, *instance);
  Operation* const operation = agent.operation(event.instance);
  if (event.kind == EventKind::used || event.kind == EventKind::ignored) {
    return on_reply(event, agent, *instance, operation);
  }
  if (operation == nullptr) {
    if (!agent.gap) violate(9, instance->id, in_words(event) + ", without having proposed", {now()});
    return;
  }
  switch (event.kind) {
    case EventKind::sent: return on_sent(event, agent, *instance, *operation);
    case EventKind::backed_off:
      check_echo(event, agent, *operation);
      if (!event.last_bal.is_none() && !agent.gap &&
          (event.last_bal > operation->highest_seen || event.last_bal <= event.ballot)) {
        violate(9, instance->id, in_words(event) + ", which no reply showed", {now()});
      }
      operation->outstanding = false;
      return;
    case EventKind::decided:
    case EventKind::empty:
    case EventKind::abandoned: return on_end(event, agent, *instance, *operation);
    default: miss(fmt::format("event {} is of a kind that proposers do not have", now()));
  }
}

void RuleChecker::State::on_proposed(const Event& event, Agent& agent, Instance& instance) {
  if (agent.operation(event.instance) != nullptr) {
    if (!agent.gap) violate(9, instance.id, in_words(event) + " while it is at work there", {now()});
    return;
  }
  Operation operation{.own = event.value, .has_own = !event.read, .ballot = event.ballot};
  for (const BallotRecord& record : instance.ballots) {
    if (record.ballot.proposer() == event.agent && record.broadcast[0].sent) operation.used_before = record.ballot;
  }
  if (!event.read) instance.proposed.push_back(event.value);
  agent.operations.emplace(event.instance, operation);
  ++instance.operations;
}

void RuleChecker::State::on_sent(const Event& event, Agent& agent, Instance& instance, Operation& operation) {
  const bool accept = event.phase == Phase::accept;
  if (event.ballot.proposer() != event.agent) {
    const std::string ballot = event.ballot.is_none() ? "(0,0)" : text_of(event.ballot);
    violate(3, instance.id, fmt::format("P{} sends in ballot {}, which is not its own", event.agent, ballot), {now()});
  }
  if (event.ballot.is_none()) violate(8, instance.id, "ballot (0,0) was used", {now()});
  if (event.round != operation.round + 1 && !agent.gap) {
    violate(9, instance.id, in_words(event) + fmt::format(" as round {} after {}", event.round, operation.round),
            {now()});
  }
  if (accept) {
    check_accept(event, agent, operation);
  } else {
    if (event.ballot <= operation.used_before) {
      violate(8, instance.id, in_words(event) + ", after it used " + text_of(operation.used_before), {now()});
    }
    const bool first = operation.round == 0;
    if (first && event.ballot != operation.ballot && !agent.gap) {
      violate(8, instance.id, in_words(event) + ", though it began with " + text_of(operation.ballot), {now()});
    }
    if (!first) ++report_.counters.retries;
    operation.among_grants = operation.among_all = {};
    operation.used_before = std::max(operation.used_before, event.ballot);
  }
  operation.ballot = event.ballot;
  operation.phase = event.phase;
  operation.round = event.round;
  operation.candidate = event.value;
  operation.outstanding = true;
  operation.used = operation.showed = operation.granted = {};
  operation.sent_event = now();
  note_request(instance, instance.record(event.ballot), event, true);
}

// A refusal that shows the acceptor's vote is as good as a promise: that acceptor will never vote below its last_bal,
// which is higher still. So the value may be judged among the grants, or among all that answered.
void RuleChecker::State::check_accept(const Event& event, const Agent& agent, Operation& operation) {
  if (!operation.among_grants.ballot.is_none()) ++report_.counters.adopted;
  if (agent.gap) return;
  const int needed = options_.quorums.size(Phase::prepare);
  const bool asked = operation.outstanding && operation.phase == Phase::prepare && operation.ballot == event.ballot;
  const auto fits = [&](const AcceptorSet& quorum, const HighestVote& highest) {
    if (!asked || quorum.count() < needed) return false;
    return highest.ballot.is_none() ? operation.has_own && event.value == operation.own : event.value == highest.value;
  };
  if (fits(operation.granted, operation.among_grants) || fits(operation.showed, operation.among_all)) return;
  const HighestVote& highest = operation.among_grants;
  violate(4, event.instance,
          in_words(event) +
              fmt::format(" with {} of {} promises, which report {}", asked ? operation.granted.count() : 0, needed,
                          highest.ballot.is_none() ? "no vote"
                                                   : fmt::format("{} in {}", highest.value, text_of(highest.ballot))),
          {operation.sent_event, now()});
}

void RuleChecker::State::on_reply(const Event& event, const Agent& agent, Instance& instance, Operation* operation) {
  const bool announced = is_announcement(event);
  if (event.value != event.vote) violate(2, instance.id, in_words(event) + ": vote and value differ", {now()});
  const bool granted_wrongly = event.granted && event.ballot < event.last_bal;
  if (granted_wrongly) violate(9, instance.id, in_words(event) + ", which is no grant", {now()});
  if (operation != nullptr) operation->highest_seen = std::max(operation->highest_seen, event.last_bal);
  if (event.kind == EventKind::used) {
    if (operation == nullptr) {
      if (!agent.gap) violate(9, instance.id, in_words(event) + ", used without an operation", {now()});
    } else if (announced) {
      operation->told = true;
      operation->news = event.value;
    } else {
      count_reply(event, agent, *operation);
    }
  }
  if (announced) return note_announced(event, instance);
  note_delivery(instance, event);
  if (is_retired(event) && !instance.retired) instance.retired = Retired{event.peer, now()};
}

// Only who won with its own value announces it. That it did is known at the latest when the instance is closed.
void RuleChecker::State::note_announced(const Event& event, Instance& instance) {
  rules_detail::Announcement& announcement = instance.announcement(event.ballot.proposer(), event.value);
  if (!announcement.heard) announcement.event = now();
  announcement.heard = true;
}

void RuleChecker::State::count_reply(const Event& event, const Agent& agent, Operation& operation) {
  if (agent.gap) return;
  const bool retired = is_news(event);  // may end the operation whatever it answers; as a refusal it grants nothing
  const bool fits = operation.outstanding && event.ballot == operation.ballot && event.phase == operation.phase &&
                    event.round == operation.round &&
                    event.peer < static_cast<std::uint32_t>(options_.quorums.acceptors());
  if (retired && !fits) return;
  if (!fits) {
    violate(9, event.instance,
            in_words(event) + fmt::format(" of round {}, though it asked in ballot {}, round {}", event.round,
                                          text_of(operation.ballot), operation.round),
            {operation.sent_event, now()});
    return;
  }
  if (!operation.used.add(event.peer)) {
    if (retired) return;  // answers a copy of the request, after the instance was retired there
    violate(9, event.instance, in_words(event) + ", and used that acceptor's reply before", {now()});
    return;
  }
  const bool prepare = event.phase == Phase::prepare;
  if (prepare && !retired) {
    operation.showed.add(event.peer);
    operation.among_all.add(event.v_bal, event.vote);
  }
  if (event.granted) {
    operation.granted.add(event.peer);
    if (prepare) operation.among_grants.add(event.v_bal, event.vote);
  } else if (event.last_bal.n() == event.ballot.n() && event.last_bal > event.ballot) {
    ++report_.counters.ties_broken;
  }
}

// What a proposer says of its own round must be the round that it sent.
void RuleChecker::State::check_echo(const Event& event, const Agent& agent, const Operation& operation) {
  if (agent.gap) return;
  if (event.ballot != operation.ballot || (operation.round != 0 && event.round != operation.round) ||
      (operation.round != 0 && event.phase != operation.phase)) {
    violate(
        9, event.instance,
        in_words(event) + fmt::format(" in ballot {}, round {}, though it is in {}, round {}", text_of(event.ballot),
                                      event.round, text_of(operation.ballot), operation.round),
        {operation.sent_event, now()});
  }
}

void RuleChecker::State::on_end(const Event& event, Agent& agent, Instance& instance, Operation& operation) {
  check_echo(event, agent, operation);
  if (event.kind == EventKind::decided) {
    check_result(event, agent, instance, operation);
    const bool won = operation.has_own && operation.own == event.value;
    if (won && options_.learning == Learning::announcement) instance.announcement(event.agent, event.value).sent = true;
  }
  const bool saw_no_vote =
      operation.granted.count() >= options_.quorums.size(Phase::prepare) && operation.among_grants.ballot.is_none();
  if (event.kind == EventKind::empty && (operation.has_own || !saw_no_vote) && !agent.gap) {
    violate(4, instance.id, in_words(event) + ", without a quorum that says so", {now()});
  }
  agent.operations.erase(event.instance);
  --instance.operations;
}

void RuleChecker::State::check_result(const Event& event, const Agent& agent, Instance& instance,
                                      const Operation& operation) {
  ++report_.counters.results;
  const int votes = operation.phase == Phase::accept ? operation.granted.count() : 0;
  const int needed = options_.quorums.size(Phase::accept);
  const bool voted = votes >= needed && event.value == operation.candidate;
  const bool seen = options_.learning != Learning::own_round && operation.phase == Phase::prepare &&
                    operation.granted.count() >= options_.quorums.size(Phase::prepare) &&
                    operation.among_grants.count >= needed && event.value == operation.among_grants.value;
  const bool told = options_.learning == Learning::announcement && operation.told && event.value == operation.news;
  if (!voted && !seen && !told && !agent.gap) {
    violate(5, instance.id,
            in_words(event) + fmt::format(" with {} of {} votes in {}", votes, needed, text_of(event.ballot)),
            {operation.sent_event, now()});
  }
  if (instance.has_chosen && instance.chosen == event.value && !instance.results.empty() &&
      instance.results.front().value == event.value) {
    return;  // judged at the close like the first one
  }
  instance.results.push_back({event.value, event.agent, now()});
}

// Matches what the proposer got with what the acceptor gave, whichever event came first.
void RuleChecker::State::note_delivery(Instance& instance, const Event& event) {
  const Answer got{.before = {event.last_bal, event.v_bal, event.vote}, .delivered = true, .refused = is_news(event)};
  Broadcast& broadcast = instance.record(event.ballot).broadcast[event.phase == Phase::accept ? 1 : 0];
  if (!note_round(broadcast, event)) {
    violate(9, instance.id,
            in_words(event) + fmt::format(" in round {}, though that was round {}", event.round, broadcast.round),
            {broadcast.event, now()});
  }
  const auto acceptors = static_cast<std::size_t>(options_.quorums.acceptors());
  if (event.peer < acceptors && !broadcast.answers.empty()) {
    Answer& first = broadcast.answers[event.peer];
    if (first.sent && !first.delivered && first.same_content(got)) {
      first.delivered = true;
      return;
    }
    for (std::size_t i = acceptors; i < broadcast.answers.size(); ++i) {
      Answer& later = broadcast.answers[i];
      if (broadcast.duplicate_of[i - acceptors] != event.peer || later.delivered || !later.same_content(got)) continue;
      later.delivered = true;
      return;
    }
  }
  instance.unmatched.push_back({event.ballot, event.phase, event.peer, got, now()});
}

}  // namespace paxoscope
