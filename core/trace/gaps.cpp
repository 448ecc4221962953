#include "core/trace/gaps.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "core/trace/event_names.h"

namespace paxoscope {

Expected<void> GapFinder::add(const Event& event) {
  Agent& agent = agent_of(event.agent_kind, event.agent);
  if (event.sequence < agent.next) {
    return fail(fmt::format("event {} of {} where {} or a later one should be", event.sequence,
                            agent_name(event.agent_kind, event.agent), agent.next));
  }
  if (event.at < agent.at) {
    return fail(fmt::format("time runs back: event {} of {} is at {} ns, the one before at {} ns", event.sequence,
                            agent_name(event.agent_kind, event.agent), event.at, agent.at));
  }
  if (event.sequence > agent.next) miss(event.agent_kind, event.agent, agent.next, event.sequence);
  agent.next = std::uint64_t{event.sequence} + 1;
  agent.at = event.at;
  return {};
}

Expected<void> GapFinder::add(const AgentTotal& total) {
  Agent& agent = agent_of(total.agent_kind, total.agent);
  if (agent.totalled) return fail(fmt::format("a second total of {}", agent_name(total.agent_kind, total.agent)));
  if (total.recorded < agent.next) {
    return fail(fmt::format("{} recorded {} events in all, and there is an event {}",
                            agent_name(total.agent_kind, total.agent), total.recorded, agent.next - 1));
  }
  if (total.recorded > agent.next) miss(total.agent_kind, total.agent, agent.next, total.recorded);
  agent.next = total.recorded;
  agent.totalled = true;
  return {};
}

std::uint64_t GapFinder::without_total() const {
  const auto open = [](const auto& entry) { return entry.second.next > 0 && !entry.second.totalled; };
  return static_cast<std::uint64_t>(std::count_if(agents_.begin(), agents_.end(), open));
}

void GapFinder::miss(AgentKind kind, std::uint32_t agent, std::uint64_t first, std::uint64_t end) {
  gaps_.push_back({kind, agent, first, end - first});
  missing_ += std::min(end - first, std::numeric_limits<std::uint64_t>::max() - missing_);
}

}  // namespace paxoscope
