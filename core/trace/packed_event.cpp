#include "core/trace/packed_event.h"

#include <fmt/format.h>

namespace paxoscope {

namespace {

bool is_ballot(std::uint64_t word) {
  return word >> Ballot::kProposerBits <= Ballot::kMaxN;
}

}  // namespace

Expected<void> check_agent(std::uint32_t kind, std::uint32_t agent) {
  if (kind > 1) return fail(fmt::format("agent kind {}, allowed 0 and 1", kind));
  const bool acceptor = static_cast<AgentKind>(kind) == AgentKind::acceptor;
  const std::uint32_t agent_max = acceptor ? kMaxAcceptors - 1 : Ballot::kMaxProposer;
  if (agent > agent_max) return fail(fmt::format("agent id {}, allowed 0 to {}", agent, agent_max));
  return {};
}

Expected<Event> unpack_checked(const PackedEvent& words) {
  const Event event = unpack(words);
  const auto kind = static_cast<unsigned>(event.kind);
  if (kind >= kEventKinds) return fail(fmt::format("event kind {}, allowed 0 to {}", kind, kEventKinds - 1));
  const Expected<void> agent = check_agent(static_cast<std::uint32_t>(event.agent_kind), event.agent);
  if (!agent) return fail(agent.error().message);
  const auto phase = static_cast<unsigned>(event.phase);
  if (phase != 1 && phase != 2) return fail(fmt::format("phase {}, allowed 1 and 2", phase));
  const unsigned flags = packed::high(words[9]) >> 24;
  if (flags > (packed::kRead | packed::kGranted)) return fail(fmt::format("flags {}, allowed 0 to 3", flags));

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
