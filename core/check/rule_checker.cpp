#include "core/check/rule_checker.h"

#include <fmt/format.h>

#include <set>

#include "core/check/ladder.h"

namespace paxoscope {

void RuleChecker::State::feed(const Event& event) {
  ++report_.counters.events;
  const bool known_kind = event.kind <= EventKind::retired && event.agent_kind <= AgentKind::acceptor &&
                          (event.phase == Phase::prepare || event.phase == Phase::accept);
  const bool known_agent = event.agent_kind == AgentKind::proposer
                               ? event.agent <= Ballot::kMaxProposer
                               : event.agent < static_cast<std::uint32_t>(options_.quorums.acceptors());
  if (!known_kind || !known_agent) return miss(fmt::format("event {} names no agent or kind that there is", now()));
  Agent& agent = follow_sequence(event);
  const bool network = event.kind == EventKind::dropped || event.kind == EventKind::duplicated;
  if (!network && agent.down != (event.kind == EventKind::restarted)) {
    lack(AgentName(event.agent_kind, event.agent),
         {10,
          event.instance,
          {now()},
          fmt::format("{} {}", text_of(event.agent_kind, event.agent),
                      agent.down ? "acts between a crash and a restart" : "restarts without a crash")});
  }
  switch (event.kind) {
    case EventKind::dropped: ++report_.counters.dropped; return;
    case EventKind::duplicated:
      ++report_.counters.duplicates;
      note_duplicated(event);
      return;
    case EventKind::crashed:
      ++report_.counters.crashes;
      agent.down = true;
      return;
    case EventKind::restarted:
      agent.down = false;
      // A proposer forgets what it was doing; its ballots stay used. An acceptor forgets nothing.
      if (event.agent_kind == AgentKind::proposer) forget_operations(agent);
      return;
    default: break;
  }
  if (event.agent_kind == AgentKind::acceptor) {
    on_acceptor(event, agent);
  } else {
    on_proposer(event, agent);
  }
}

// A request's copy goes to its peer, a reply's comes from its agent; an announcement's is between proposers.
void RuleChecker::State::note_duplicated(const Event& event) {
  const std::uint32_t acceptor = event.agent_kind == AgentKind::acceptor ? event.agent : event.peer;
  if (acceptor >= static_cast<std::uint32_t>(options_.quorums.acceptors())) return;
  Instance* instance = instance_of(event);
  if (instance != nullptr) ++instance->record(event.ballot).of(event.phase).copies_of(acceptor).made;
}

RuleChecker::State::Agent& RuleChecker::State::follow_sequence(const Event& event) {
  Agent& agent = agents_.get(event.agent_kind, event.agent);
  if (event.sequence != agent.next_sequence) [[unlikely]] {
    miss(fmt::format("R10: {} has event {} where {} was due", text_of(event.agent_kind, event.agent), event.sequence,
                     agent.next_sequence));
    ++report_.by_rule[10];
    agent.gap = any_gap_ = true;
    if (event.agent_kind == AgentKind::acceptor) instances_.lose_track_of(event.agent);
    if (event.agent_kind == AgentKind::proposer) forget_operations(agent);  // their ends may be among what is missing
  }
  agent.next_sequence = event.sequence + 1;
  return agent;
}

void RuleChecker::State::forget_operations(Agent& agent) {
  for (const auto& [id, operation] : agent.operations) {
    if (Instance* instance = instances_.find(id, [](Instance&) {})) --instance->operations;
  }
  agent.operations.clear();
}

void RuleChecker::State::expect(AgentKind kind, std::uint32_t agent, std::uint64_t events) {
  Agent& known = agents_.get(kind, agent);
  if (known.next_sequence == events) return;
  miss(fmt::format("R10: {} recorded {} events, and {} came", text_of(kind, agent), events, known.next_sequence));
  ++report_.by_rule[10];
  known.gap = any_gap_ = true;
}

void RuleChecker::State::cut_short() {
  miss("R10: the trace ends before the run did");
  any_gap_ = all_gap_ = true;
}

RuleChecker::State::Instance* RuleChecker::State::instance_of(const Event& event) {
  Instance* instance = instances_.find(event.instance, [this](Instance& oldest) { close(oldest); });
  if (instance != nullptr) return instance;
  // Behind the instances kept. Who still tries there and is told so harms nothing; anything else we cannot judge.
  const bool granted_reply = event.kind == EventKind::used && (event.granted || event.ballot < event.last_bal);
  if (event.kind == EventKind::answered || event.kind == EventKind::decided || granted_reply) {
    miss(fmt::format("event {} is of key {} version {}, which was closed: keep more versions", now(),
                     event.instance.key, event.instance.ver));
    any_gap_ = all_gap_ = true;  // what lacked at its close may have come now
  }
  return nullptr;
}

void RuleChecker::State::violate(int rule, const InstanceId& instance, std::string sentence,
                                 std::initializer_list<std::uint64_t> events) {
  ++report_.violation_count;
  ++report_.by_rule[static_cast<std::size_t>(rule)];
  if (report_.violations.size() >= options_.violations_max) return;
  report_.violations.push_back({rule, instance, events, std::move(sentence)});
}

// Something is not there that an event of `whose` (none: anybody's) would show. Whether events are missing may be known
// only at the end of the trace, and an instance is closed before.
void RuleChecker::State::lack(std::optional<AgentName> whose, Violation violation) {
  Lacking& lacking = lacking_[whose];
  ++lacking.by_rule[static_cast<std::size_t>(violation.rule)];
  if (lacking.first.size() < options_.violations_max) lacking.first.push_back(std::move(violation));
}

void RuleChecker::State::judge_lacking() {
  for (auto& [whose, lacking] : lacking_) {
    if (whose ? gap_of(whose->first, whose->second) : any_gap_) continue;
    for (std::size_t rule = 1; rule < lacking.by_rule.size(); ++rule) {
      report_.by_rule[rule] += lacking.by_rule[rule];
      report_.violation_count += lacking.by_rule[rule];
    }
    for (Violation& violation : lacking.first) {
      if (report_.violations.size() < options_.violations_max) report_.violations.push_back(std::move(violation));
    }
  }
}

void RuleChecker::State::miss(std::string reason) {
  incomplete_ = true;
  if (report_.missing.size() < options_.violations_max) report_.missing.push_back(std::move(reason));
}

bool RuleChecker::State::gap_of(AgentKind kind, std::uint32_t agent) const {
  if (!any_gap_ || all_gap_) return all_gap_;
  const Agent* known = agents_.find(kind, agent);
  return known != nullptr && known->gap;
}

// What could wait for the other side's event has waited long enough.
void RuleChecker::State::close(Instance& instance) {
  ++report_.counters.instances;
  report_.counters.chosen += instance.has_chosen ? 1 : 0;
  for (const Delivery& delivery : instance.unmatched) {
    Broadcast& broadcast = instance.record(delivery.ballot).of(delivery.phase);
    const auto acceptors = static_cast<std::size_t>(options_.quorums.acceptors());
    bool copy = false;
    for (std::size_t i = 0; i < broadcast.answers.size(); ++i) {
      const std::size_t from = i < acceptors ? i : broadcast.duplicate_of[i - acceptors];
      const Answer& answer = broadcast.answers[i];
      copy |= from == delivery.acceptor && answer.delivered && answer.same_content(delivery.answer);
    }
    if (copy) {
      broadcast.note_copy(delivery.acceptor, delivery.event);
    } else {
      lack(AgentName(AgentKind::acceptor, delivery.acceptor),
           {2,
            instance.id,
            {delivery.event},
            fmt::format("P{} got a reply for ballot {} that A{} never gave", delivery.ballot.proposer(),
                        text_of(delivery.ballot), delivery.acceptor)});
    }
  }
  for (const BallotRecord& record : instance.ballots) close_requests(instance, record);
  std::set<Value> judged;
  for (const auto& result : instance.results) {
    if (!judged.insert(result.value).second) continue;
    if (std::find(instance.proposed.begin(), instance.proposed.end(), result.value) == instance.proposed.end()) {
      lack({}, {7,
                instance.id,
                {result.event},
                fmt::format("P{} returned {}, which no client proposed here", result.proposer, result.value)});
    }
    if (instance.has_chosen && instance.chosen != result.value) {
      violate(6, instance.id,
              fmt::format("P{} returned {}, yet {} was chosen", result.proposer, result.value, instance.chosen),
              {result.event});
    } else if (!instance.has_chosen) {
      lack({}, {5,
                instance.id,
                {result.event},
                fmt::format("P{} returned {}, for which no quorum ever voted in one ballot", result.proposer,
                            result.value)});
    }
  }
  if (options_.learning == Learning::announcement) close_announcements(instance);
  if (!instance.has_chosen) check_retired(instance);
}

void RuleChecker::State::close_announcements(const Instance& instance) {
  for (const rules_detail::Announcement& announcement : instance.announcements) {
    if (announcement.sent || !announcement.heard) continue;
    lack(AgentName(AgentKind::proposer, announcement.winner),
         {10,
          instance.id,
          {announcement.event},
          fmt::format("an announcement of {} that P{} never made", announcement.value, announcement.winner)});
  }
}

void RuleChecker::State::check_retired(const Instance& instance) {
  if (instance.retired) {
    lack({}, {2,
              instance.id,
              {instance.retired->event},
              fmt::format("A{} answered that it is retired, though nothing was chosen", instance.retired->acceptor)});
  }
  for (std::size_t acceptor = 0; acceptor < instance.retired_below->size(); ++acceptor) {
    const rules_detail::RetiredBelow& retired = (*instance.retired_below)[acceptor];
    if (instance.id.ver >= retired.ver) continue;
    lack({}, {2, instance.id, {retired.event}, fmt::format("A{} retired it, though nothing was chosen", acceptor)});
  }
}

void RuleChecker::State::close_requests(const Instance& instance, const BallotRecord& record) {
  for (const Broadcast& broadcast : record.broadcast) {
    if (broadcast.answered && !broadcast.sent) {
      lack(AgentName(AgentKind::proposer, record.ballot.proposer()),
           {3,
            instance.id,
            {broadcast.event},
            fmt::format("a request of ballot {} that its owner never sent", text_of(record.ballot))});
    }
    for (std::uint32_t acceptor = 0; acceptor < broadcast.copies.size(); ++acceptor) {
      const Copies& copies = broadcast.copies[acceptor];
      if (copies.arrived <= copies.made) continue;
      lack({},
           {10,
            instance.id,
            {copies.last},
            fmt::format("messages of ballot {} arrived at or from A{} more often than they were sent or duplicated, "
                        "by {}",
                        text_of(record.ballot), acceptor, copies.arrived - copies.made)});
    }
  }
}

RuleReport RuleChecker::State::finish() {
  instances_.for_each([this](Instance& instance) { close(instance); });
  judge_lacking();
  report_.verdict = report_.violation_count > 0 ? RuleReport::Verdict::violation
                    : incomplete_               ? RuleReport::Verdict::incomplete
                                                : RuleReport::Verdict::ok;
  return std::move(report_);
}

void RuleChecker::State::reset() {
  report_ = {};
  incomplete_ = any_gap_ = all_gap_ = false;
  lacking_.clear();
  instances_.clear();
  agents_.clear();
}

}  // namespace paxoscope
