// One turn of a node on a host: step it, record the step, send what it wants sent. Every host (threads, simulation,
// explorer, scenario plays) uses these functions, so all of them run the same protocol.
//
// A Host provides
//   static constexpr bool kTracing;      false: recording costs no instruction
//   void broadcast(const Request&);      to every acceptor
//   void announce(const Reply&);         to every other proposer
//   void finished(const Outcome&);       an operation is over
//   void yield(std::uint32_t times);     give the core away; nothing in virtual time
//   void record(const Event&);           only called when kTracing; fills in at, agent and sequence itself. A host of
//                                        threads takes an UnmadeEvent or UnmadeReply as it is
#pragma once

#include "core/node/acceptor_node.h"
#include "core/node/message_event.h"
#include "core/node/proposer_node.h"
#include "core/trace/event.h"

namespace paxoscope {

namespace turn_detail {

// What every event of a proposer's slot has in common.
[[gnu::always_inline]] inline Event event_of(EventKind kind, const Proposer& proposer) {
  return {.instance = proposer.instance(),
          .ballot = proposer.ballot(),
          .value = proposer.value(),
          .round = proposer.request().round,
          .kind = kind,
          .agent_kind = AgentKind::proposer,
          .phase = proposer.phase()};
}

template <class Host>
void record_reply(EventKind kind, const Reply& reply, Host& host) {
  host.record(UnmadeReply{kind, reply});
}

template <class Host>
void finish(ProposerNode& node, ProposerNode::Slot& slot, Outcome::Kind kind, Nanos now, Host& host) {
  if constexpr (Host::kTracing) {
    host.record(event_of(kind == Outcome::Kind::decided ? EventKind::decided
                         : kind == Outcome::Kind::empty ? EventKind::empty
                                                        : EventKind::abandoned,
                         slot.proposer));
  }
  const Outcome outcome = node.finish(slot, kind, now);
  if (node.options().rules.learning == Learning::announcement && kind == Outcome::Kind::decided && outcome.won) {
    host.announce(
        {.instance = outcome.instance, .ballot = outcome.ballot, .value = outcome.value, .kind = ReplyKind::decided});
  }
  host.finished(outcome);
}

template <class Host>
void send(ProposerNode& node, ProposerNode::Slot& slot, Nanos now, Host& host) {
  const Request& request = node.send(slot, now);
  if constexpr (Host::kTracing) {
    host.record(
        UnmadeEvent([&slot]() __attribute__((always_inline)) { return event_of(EventKind::sent, slot.proposer); }));
  }
  host.broadcast(request);
}

template <class Host>
void perform(ProposerNode& node, ProposerNode::Slot& slot, Action action, Nanos now, Host& host);

template <class Host>
[[gnu::noinline]] void back_off(ProposerNode& node, ProposerNode::Slot& slot, Nanos now, Host& host) {
  const std::optional<Retry> retry = node.lose(slot, now);
  if constexpr (Host::kTracing) {
    Event event = event_of(EventKind::backed_off, slot.proposer);
    event.last_bal = slot.proposer.beaten_by();
    event.value = retry ? retry->wait : 0;
    host.record(event);
  }
  if (!retry) return finish(node, slot, Outcome::Kind::gave_up, now, host);
  if (retry->yields > 0) host.yield(retry->yields);
  if (retry->wait == 0) perform(node, slot, node.wake(slot, now), now, host);
}

// Carries out what a proposer asked for.
template <class Host>
void perform(ProposerNode& node, ProposerNode::Slot& slot, Action action, Nanos now, Host& host) {
  switch (action) {
    case Action::none:
    case Action::ignored: return;
    case Action::broadcast: return send(node, slot, now, host);
    case Action::back_off: return back_off(node, slot, now, host);
    case Action::decided: return finish(node, slot, Outcome::Kind::decided, now, host);
    case Action::empty: return finish(node, slot, Outcome::Kind::empty, now, host);
    case Action::retired: return finish(node, slot, Outcome::Kind::retired, now, host);
    case Action::exhausted: return finish(node, slot, Outcome::Kind::gave_up, now, host);
  }
}

}  // namespace turn_detail

// A reply, or another proposer's announcement, has arrived. Follow a batch of these with begin_operations.
template <class Host>
void on_reply(ProposerNode& node, const Reply& reply, Nanos now, Host& host) {
  const bool announcement = reply.kind == ReplyKind::decided;
  ProposerNode::Slot* slot = announcement ? node.working_on(reply.instance) : node.slot_of(reply);
  const Action action = slot == nullptr ? Action::ignored : slot->proposer.on_reply(node.options().rules, reply);
  const bool used = action != Action::ignored;
  if (slot == nullptr && announcement) node.hear(reply);
  ++(used ? node.counters().replies_used : node.counters().replies_ignored);
  if constexpr (Host::kTracing) {
    turn_detail::record_reply(used ? EventKind::used : EventKind::ignored, reply, host);
  }
  if (!used || action == Action::none) return;
  // The two that an undisturbed round asks for come first.
  if (action == Action::broadcast) return turn_detail::send(node, *slot, now, host);
  if (action == Action::decided) return turn_detail::finish(node, *slot, Outcome::Kind::decided, now, host);
  turn_detail::perform(node, *slot, action, now, host);
}

// Timeouts and ended waits, up to now.
template <class Host>
void on_deadlines(ProposerNode& node, Nanos now, Host& host) {
  while (ProposerNode::Slot* slot = node.due(now)) {
    turn_detail::perform(node, *slot, node.wake(*slot, now), now, host);
  }
}

// Gives every free slot its next operation, if there is one.
template <class Host>
void begin_operations(ProposerNode& node, Nanos now, Host& host) {
  while (ProposerNode::Slot* slot = node.begin(now)) {
    if constexpr (Host::kTracing) {
      Event event = turn_detail::event_of(EventKind::proposed, slot->proposer);
      event.value = slot->proposer.own().value_or(0);
      event.read = slot->read;
      host.record(event);
    }
    if (!slot->in_wait()) turn_detail::send(node, *slot, now, host);
  }
}

// `step`: what came of the request. Only called when kTracing.
template <class Host>
void record_step(const Request& request, const Reply& reply, const AcceptorNode::Step& step, Host& host) {
  const auto event = [&](EventKind kind, const AcceptorState& after) __attribute__((always_inline)) {
    return Event{.instance = request.instance,
                 .ballot = request.ballot,
                 .value = request.value,
                 .last_bal = after.last_bal,
                 .v_bal = after.v_bal,
                 .vote = after.value,
                 .peer = request.ballot.proposer(),
                 .round = request.round,
                 .kind = kind,
                 .agent_kind = AgentKind::acceptor,
                 .phase = request.phase,
                 .granted = reply.granted()};
  };
  if (step.after == nullptr) [[unlikely]]
    return host.record(event(EventKind::refused, {}));
  host.record(UnmadeEvent([&]() __attribute__((always_inline)) { return event(EventKind::answered, *step.after); }));
}

// `step` retired instances of the key: the acceptor knows nothing of them when it answers.
template <class Host>
[[gnu::cold, gnu::noinline]] void record_retired(const AcceptorNode& node, std::uint32_t key, Host& host) {
  host.record(
      Event{.instance = {node.table().first(key), key}, .kind = EventKind::retired, .agent_kind = AgentKind::acceptor});
}

// A request has arrived at an acceptor: writes the answer into `reply`, which the host sends to
// request.ballot.proposer().
template <class Host>
AcceptorNode::Step on_request(AcceptorNode& node, const Request& request, Reply& reply, Host& host) {
  const AcceptorNode::Step step = node.on_request(request, reply);
  if constexpr (Host::kTracing) {
    if (step.retired) [[unlikely]]
      record_retired(node, request.instance.key, host);
    record_step(request, reply, step, host);
  }
  return step;
}

}  // namespace paxoscope
