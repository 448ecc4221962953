// A message as an event: as its receiver sees a reply, or as its sender's when the network loses it or makes a copy of
// it, for whoever is told of that there knows which message it was.
#pragma once

#include "core/paxos/message.h"
#include "core/trace/event.h"
#include "core/trace/line.h"

namespace paxoscope {

// As its receiver, a proposer, sees it. Inlined, so that a ring copies from the reply only what it keeps.
[[gnu::always_inline]] inline Event event_of_reply(EventKind kind, const Reply& reply) {
  return {.instance = reply.instance,
          .ballot = reply.ballot,
          .value = reply.value,
          .last_bal = reply.last_bal,
          .v_bal = reply.v_bal,
          .vote = reply.value,
          .peer = reply.acceptor,
          .round = reply.round,
          .kind = kind,
          .agent_kind = AgentKind::proposer,
          .phase = reply.phase,
          .granted = reply.granted()};
}

// A received reply that is not an event yet: a ring takes its words as they are.
struct UnmadeReply {
  EventKind kind;
  const Reply& reply;
  // NOLINTNEXTLINE(google-explicit-constructor): whoever takes an Event takes this
  operator Event() const { return event_of_reply(kind, reply); }
  [[gnu::always_inline]] Line line() const { return line_of(kind, reply); }
};

// kind: dropped or duplicated; to: the receiver's id. `at` and `sequence` are the recorder's to fill in.
inline Event event_of_message(EventKind kind, const Request& request, std::uint32_t to) {
  return {.instance = request.instance,
          .ballot = request.ballot,
          .value = request.value,
          .agent = request.ballot.proposer(),
          .peer = to,
          .round = request.round,
          .kind = kind,
          .agent_kind = AgentKind::proposer,
          .phase = request.phase};
}

inline Event event_of_message(EventKind kind, const Reply& reply, std::uint32_t to) {
  const bool announcement = reply.kind == ReplyKind::decided;
  Event event = event_of_reply(kind, reply);
  event.agent = announcement ? reply.ballot.proposer() : std::uint32_t{reply.acceptor};
  event.agent_kind = announcement ? AgentKind::proposer : AgentKind::acceptor;
  event.peer = to;
  return event;
}

}  // namespace paxoscope
