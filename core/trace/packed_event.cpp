#include "core/trace/packed_event.h"

#include <fmt/format.h>

namespace paxoscope {

namespace {

bool is_ballot(std::uint64_t word) {
  return word >> Ballot::kProposerBits <= Ballot::kMaxN;
}

}  // namespace

Expected<Event> unpack_checked(const PackedEvent& words) {
  const Event event = unpack(words);
  const auto kind = static_cast<unsigned>(event.kind);
  if (kind >= kEventKinds) return fail(fmt::format("event kind {}, allowed 0 to {}", kind, kEventKinds - 1));
  const auto agent_kind = static_cast<unsigned>(event.agent_kind);
  if (agent_kind > 1) return fail(fmt::format("agent kind {}, allowed 0 and 1", agent_kind));
  const auto phase = static_cast<unsigned>(event.phase);
  if (phase != 1 && phase != 2) return fail(fmt::format("phase {}, allowed 1 and 2", phase));
  const unsigned flags = packed::high(words[9]) >> 24;
  if (flags > (packed::kRead | packed::kGranted)) return fail(fmt::format("flags {}, allowed 0 to 3", flags));

  const bool acceptor = event.agent_kind == AgentKind::acceptor;
  const std::uint32_t agent_max = acceptor ? kMaxAcceptors - 1 : Ballot::kMaxProposer;
  if (event.agent > agent_max) return fail(fmt::format("agent id {}, allowed 0 to {}", event.agent, agent_max));
  if (event.peer > Ballot::kMaxProposer) {
    return fail(fmt::format("peer id {}, allowed 0 to {}", event.peer, Ballot::kMaxProposer));
  }
  if (!is_ballot(words[2]) || !is_ballot(words[4]) || !is_ballot(words[5])) {
    return fail("a ballot number above 2^40");
  }
  if (event.at < 0) return fail(fmt::format("time {} ns, before the run began", event.at));
  return event;
}

}  // namespace paxoscope
