#include "core/scenario/stage.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <utility>

#include "core/node/message_event.h"
#include "core/node/turn.h"
#include "core/scenario/narrate.h"

namespace paxoscope {

namespace {

Role proposer_role(ProposerId id) {
  return {AgentKind::proposer, id};
}
Role acceptor_role(AcceptorId id) {
  return {AgentKind::acceptor, id};
}
std::string text_of(Role role) {
  return paxoscope::text_of(role.kind, role.id);
}

template <class T>
T take(std::vector<T>& from, std::size_t at) {
  T taken = from[at];
  from.erase(from.begin() + static_cast<std::ptrdiff_t>(at));
  return taken;
}

}  // namespace

Stage::Stage(const ProposerRules& rules) : rules_(rules), audit_({.quorums = rules.quorums, .write_ids = false}) {
  const int count = rules.quorums.acceptors();
  for (int i = 0; i < count; ++i) acceptors_.emplace_back(static_cast<AcceptorId>(i), InstanceLimits{});
  down_.resize(static_cast<std::size_t>(count));
}

Stage::Done Stage::propose(ProposerId id, const InstanceId& instance, std::optional<Value> own, std::uint64_t n,
                           const std::vector<AcceptorId>& to) {
  if (!Ballot::fits(n, id)) return fail(fmt::format("({},{}) is no ballot that anybody may use", n, id));
  for (const AcceptorId acceptor : to) {
    if (acceptor >= acceptors_.size()) return fail(fmt::format("there is no A{}", acceptor));
  }
  Actor& actor = actors_[id];
  if (actor.proposer.round_open()) return fail(fmt::format("P{} is busy", id));
  actor.down = false;
  actor.to = to;
  if (to.empty()) {
    actor.to.resize(acceptors_.size());
    std::iota(actor.to.begin(), actor.to.end(), AcceptorId{0});
  }
  ++step_;
  const Action action = actor.proposer.propose(instance, own, Ballot(n, id));
  Event event = turn_detail::event_of(EventKind::proposed, actor.proposer);
  event.value = own.value_or(0);
  event.read = !own;
  record_of(proposer_role(id), event);
  perform(id, action);
  return {};
}

void Stage::perform(ProposerId id, Action action) {
  Actor& actor = actors_.at(id);
  const auto tell = [&](EventKind kind) {
    Event event = turn_detail::event_of(kind, actor.proposer);
    if (kind == EventKind::backed_off) {
      event.last_bal = actor.proposer.beaten_by();
      event.value = 0;  // no wait is asked for: the play says when to retry
    }
    record_of(proposer_role(id), event);
  };
  switch (action) {
    case Action::none:
    case Action::ignored: return;
    case Action::broadcast:
      tell(EventKind::sent);
      for (const AcceptorId to : actor.to) requests_.push_back({actor.proposer.request(), to});
      return;
    case Action::back_off: return tell(EventKind::backed_off);
    case Action::decided:
      audit_.feed({.instance = actor.proposer.instance(),
                   .ballot = actor.proposer.ballot(),
                   .value = actor.proposer.value(),
                   .at = step_,
                   .agent = id,
                   .kind = AuditRecord::Kind::result});
      return tell(EventKind::decided);
    case Action::empty: return tell(EventKind::empty);
    case Action::retired:
    case Action::exhausted: return tell(EventKind::abandoned);
  }
}

std::optional<std::size_t> Stage::find_request(Role from, Role to) const {
  const auto found = std::find_if(requests_.begin(), requests_.end(), [&](const RequestInFlight& message) {
    return proposer_role(message.request.ballot.proposer()) == from && acceptor_role(message.to) == to;
  });
  if (found == requests_.end()) return std::nullopt;
  return static_cast<std::size_t>(found - requests_.begin());
}

std::optional<std::size_t> Stage::find_reply(Role from, Role to) const {
  const auto found = std::find_if(replies_.begin(), replies_.end(), [&](const Reply& reply) {
    return acceptor_role(reply.acceptor) == from && proposer_role(reply.ballot.proposer()) == to;
  });
  if (found == replies_.end()) return std::nullopt;
  return static_cast<std::size_t>(found - replies_.begin());
}

namespace {
tl::unexpected<Error> nothing_in_flight(Role from, Role to) {
  return fail(fmt::format("nothing is in flight from {} to {}", text_of(from), text_of(to)));
}
}  // namespace

Stage::Done Stage::deliver(Role from, Role to) {
  if (const auto at = find_request(from, to)) {
    ++step_;
    return arrive(take(requests_, *at));
  }
  const auto at = find_reply(from, to);
  if (!at) return nothing_in_flight(from, to);
  ++step_;
  arrive(take(replies_, *at));
  return {};
}

Stage::Done Stage::drop(Role from, Role to) {
  if (const auto at = find_request(from, to)) {
    ++step_;
    record_loss(EventKind::dropped, take(requests_, *at));
    return {};
  }
  const auto at = find_reply(from, to);
  if (!at) return nothing_in_flight(from, to);
  ++step_;
  record_loss(EventKind::dropped, take(replies_, *at));
  return {};
}

Stage::Done Stage::duplicate(Role from, Role to) {
  if (const auto at = find_request(from, to)) {
    ++step_;
    record_loss(EventKind::duplicated, requests_[*at]);
    const RequestInFlight copy = requests_[*at];  // the vector may move what it holds
    requests_.push_back(copy);
    return {};
  }
  const auto at = find_reply(from, to);
  if (!at) return nothing_in_flight(from, to);
  ++step_;
  record_loss(EventKind::duplicated, replies_[*at]);
  const Reply copy = replies_[*at];
  replies_.push_back(copy);
  return {};
}

Stage::Done Stage::exchange(ProposerId id, const std::vector<AcceptorId>& with) {
  const auto actor = actors_.find(id);
  if (actor == actors_.end()) return fail(fmt::format("P{} has not begun", id));
  const Request open = actor->second.proposer.request();
  for (const AcceptorId acceptor : with.empty() ? actor->second.to : with) {
    const auto request = std::find_if(requests_.begin(), requests_.end(), [&](const RequestInFlight& message) {
      return message.request == open && message.to == acceptor;
    });
    if (request == requests_.end()) {
      return fail(fmt::format("P{}'s request is not in flight to A{}", id, acceptor));
    }
    ++step_;
    const std::size_t replies_before = replies_.size();
    arrive(take(requests_, static_cast<std::size_t>(request - requests_.begin())));
    if (replies_.size() == replies_before) continue;  // lost
    ++step_;
    arrive(take(replies_, replies_.size() - 1));
  }
  return {};
}

Stage::Done Stage::arrive(const RequestInFlight& message) {
  const ProposerId from = message.request.ballot.proposer();
  if (down_[message.to] || !connected(proposer_role(from), acceptor_role(message.to))) {
    record_loss(EventKind::dropped, message);
    return {};
  }
  acting_ = acceptor_role(message.to);
  Reply reply;
  const AcceptorNode::Step step = on_request(acceptors_[message.to], message.request, reply, *this);
  if (step.after != nullptr) {
    states_[{message.to, message.request.instance}] = *step.after;
    // The vote is read from the acceptor's state: a reply can lie.
    if (message.request.phase == Phase::accept && step.after->v_bal == message.request.ballot) {
      audit_.feed(AuditRecord::vote(message.to, message.request.instance, *step.after, step_));
    }
  }
  replies_.push_back(reply);
  return {};
}

void Stage::arrive(const Reply& reply) {
  const ProposerId to = reply.ballot.proposer();
  Actor& actor = actors_.at(to);
  if (actor.down || !connected(acceptor_role(reply.acceptor), proposer_role(to))) {
    return record_loss(EventKind::dropped, reply);
  }
  const Action action = actor.proposer.on_reply(rules_, reply);
  acting_ = proposer_role(to);
  turn_detail::record_reply(action == Action::ignored ? EventKind::ignored : EventKind::used, reply, *this);
  perform(to, action);
}

Stage::Done Stage::timeout(ProposerId id) {
  const auto actor = actors_.find(id);
  if (actor == actors_.end() || !actor->second.proposer.round_open()) {
    return fail(fmt::format("P{} has no round open", id));
  }
  ++step_;
  perform(id, actor->second.proposer.on_timeout());
  return {};
}

Stage::Done Stage::retry(ProposerId id, std::uint64_t skip) {
  const auto actor = actors_.find(id);
  if (actor == actors_.end() || actor->second.proposer.state() != Proposer::State::backing_off) {
    return fail(fmt::format("P{} has lost no round, so it cannot retry", id));
  }
  ++step_;
  perform(id, actor->second.proposer.retry(skip));
  return {};
}

Stage::Done Stage::crash(Role role) {
  if (role.kind == AgentKind::acceptor) {
    if (role.id >= acceptors_.size() || down_[role.id]) return fail(text_of(role) + " is not up");
    down_[role.id] = true;
  } else {
    const auto actor = actors_.find(role.id);
    if (actor == actors_.end() || actor->second.down) return fail(text_of(role) + " is not up");
    actor->second = Actor{.proposer = {}, .to = {}, .down = true};
  }
  ++step_;
  record_of(role, {.kind = EventKind::crashed});
  return {};
}

Stage::Done Stage::restart(Role role) {
  if (role.kind == AgentKind::proposer) return fail("a proposer comes back when it proposes again");
  if (role.id >= acceptors_.size() || !down_[role.id]) return fail(text_of(role) + " is not down");
  down_[role.id] = false;
  ++step_;
  record_of(role, {.kind = EventKind::restarted});
  return {};
}

const Proposer* Stage::proposer(ProposerId id) const {
  const auto actor = actors_.find(id);
  return actor == actors_.end() ? nullptr : &actor->second.proposer;
}

std::optional<AcceptorState> Stage::acceptor(AcceptorId id, const InstanceId& instance) const {
  if (id >= acceptors_.size()) return std::nullopt;
  const auto state = states_.find({id, instance});
  return state == states_.end() ? AcceptorState() : state->second;
}

std::string Stage::verdict() {
  audit_.finish();
  return audit_.violation();
}

void Stage::record(const Event& event) {
  record_of(acting_, event);
}

void Stage::record_of(Role agent, Event event) {
  event.at = step_;
  event.agent_kind = agent.kind;
  event.agent = agent.id;
  event.sequence = sequence_[agent]++;
  events_.push_back(event);
}

void Stage::record_loss(EventKind kind, const RequestInFlight& message) {
  record_of(proposer_role(message.request.ballot.proposer()), event_of_message(kind, message.request, message.to));
}

void Stage::record_loss(EventKind kind, const Reply& reply) {
  record_of(acceptor_role(reply.acceptor), event_of_message(kind, reply, reply.ballot.proposer()));
}

}  // namespace paxoscope
