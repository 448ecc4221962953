#include "core/trace/info.h"

#include <algorithm>
#include <map>
#include <unordered_map>
#include <utility>

#include "core/random.h"

namespace paxoscope {

namespace {

struct InstanceHash {
  std::size_t operator()(const InstanceId& instance) const {
    return static_cast<std::size_t>(Random::mix(instance.ver ^ std::uint64_t{instance.key} << 32));
  }
};

}  // namespace

Expected<TraceInfo> summarise_trace(std::istream& in) {
  Expected<TraceReader> reader = TraceReader::open(in);
  if (!reader) return fail(reader.error().message);
  TraceInfo info;
  info.metadata = reader->metadata();
  std::map<std::pair<AgentKind, std::uint32_t>, AgentInfo> agents;
  std::unordered_map<InstanceId, bool, InstanceHash> instances;  // to: was it decided
  bool first = true;
  std::vector<Event> block;
  while (reader->next(block)) {
    for (const Event& event : block) {
      ++info.by_kind[static_cast<std::size_t>(event.kind)];
      AgentInfo& agent = agents[{event.agent_kind, event.agent}];
      if (agent.events++ == 0) {
        agent = {.kind = event.agent_kind, .agent = event.agent, .events = 1, .first = event.at, .last = event.at};
      }
      agent.last = event.at;
      if (is_of_an_instance(event.kind)) instances[event.instance] |= event.kind == EventKind::decided;
      info.first = first ? event.at : std::min(info.first, event.at);
      info.last = std::max(info.last, event.at);
      first = false;
    }
  }
  info.status = reader->status();
  for (const auto& [id, agent] : agents) info.agents.push_back(agent);
  info.instances = instances.size();
  info.decided = static_cast<std::uint64_t>(
      std::count_if(instances.begin(), instances.end(), [](const auto& entry) { return entry.second; }));
  return info;
}

}  // namespace paxoscope
