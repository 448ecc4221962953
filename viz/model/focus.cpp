#include <algorithm>

#include "viz/model/decree.h"

namespace paxoscope::viz {

namespace {

bool ends(EventKind kind) {
  return kind == EventKind::decided || kind == EventKind::empty || kind == EventKind::abandoned;
}

}  // namespace

InstanceId focus_at(const History& history, Nanos at) {
  const InstanceInfo* open = nullptr;  // the oldest
  const InstanceInfo* last = nullptr;
  Nanos last_at = -1;
  for (std::size_t i = 0; i < history.lanes(); ++i) {
    const History::Lane& lane = history.lane(i);
    const std::uint32_t position = history.position_of(lane, at + 1);
    if (lane.kind != AgentKind::proposer || position == 0) continue;
    const Event event = history.event_at(lane, position - 1);
    const InstanceInfo* instance = history.find(event.instance);
    if (instance == nullptr || event.kind == EventKind::crashed) continue;
    if (event.at > last_at) {
      last_at = event.at;
      last = instance;
    }
    if (!ends(event.kind) && (open == nullptr || instance->began < open->began)) open = instance;
  }
  if (open != nullptr) return open->id;
  if (last != nullptr) return last->id;
  return history.instances().empty() ? InstanceId{} : history.instances().front().id;
}

}  // namespace paxoscope::viz
