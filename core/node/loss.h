// A message that the network loses, or makes a copy of, as its sender's event: whoever is told of it there knows which
// message it was.
#pragma once

#include "core/paxos/message.h"
#include "core/trace/event.h"

namespace paxoscope {

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
  return {.instance = reply.instance,
          .ballot = reply.ballot,
          .value = reply.value,
          .last_bal = reply.last_bal,
          .v_bal = reply.v_bal,
          .vote = reply.value,
          .agent = announcement ? reply.ballot.proposer() : std::uint32_t{reply.acceptor},
          .peer = to,
          .round = reply.round,
          .kind = kind,
          .agent_kind = announcement ? AgentKind::proposer : AgentKind::acceptor,
          .phase = reply.phase,
          .granted = reply.granted()};
}

}  // namespace paxoscope
