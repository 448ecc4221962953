#include "viz/model/history.h"

#include <algorithm>
#include <limits>

#include "core/random.h"

namespace paxoscope::viz {

namespace {

constexpr std::uint64_t kEventsMax = std::numeric_limits<EventId>::max() - EventChunk::kEvents;

constexpr std::size_t kOpenMax = 4096;  // operations that a proposer has in flight, as far as meters are concerned

std::uint64_t agent_key(AgentKind kind, std::uint32_t agent) {
  return std::uint64_t{agent} << 1U | static_cast<std::uint64_t>(kind);
}

bool is_refusal(const Event& event) {
  return event.kind == EventKind::backed_off ||
         ((event.kind == EventKind::answered || event.kind == EventKind::refused) && !event.granted);
}

void count_up(std::uint16_t& counter) {
  if (counter < std::numeric_limits<std::uint16_t>::max()) ++counter;
}

}  // namespace

void History::begin_at(AgentKind kind, std::uint32_t agent, std::uint64_t sequence) {
  lane_of(kind, agent).next_sequence = sequence;
}

void History::overwritten(AgentKind kind, std::uint32_t agent, Nanos from, Nanos to) {
  lane_of(kind, agent).gaps.push_back({from, to, 0});
}

History::Lane& History::lane_of(AgentKind kind, std::uint32_t agent) {
  const auto [found, fresh] =
      lane_by_agent_.try_emplace(agent_key(kind, agent), static_cast<std::uint32_t>(lanes_.size()));
  if (!fresh) return lanes_[found->second];
  Lane lane;
  lane.kind = kind;
  lane.agent = agent;
  lanes_.push_back(std::move(lane));
  const auto before = [this](std::uint32_t a, std::uint32_t b) {
    return std::pair(lanes_[a].kind, lanes_[a].agent) < std::pair(lanes_[b].kind, lanes_[b].agent);
  };
  order_.insert(std::upper_bound(order_.begin(), order_.end(), found->second, before), found->second);
  return lanes_.back();
}

void History::add(const Event& event) {
  if (chunks_.size() * EventChunk::kEvents >= kEventsMax) {
    ++missing_;
    return;
  }
  Lane& lane = lane_of(event.agent_kind, event.agent);
  note_gap(lane, event);
  const std::uint32_t place = lane.size & (EventChunk::kEvents - 1);
  if (place == 0) {
    lane.chunks.push_back(static_cast<std::uint32_t>(chunks_.size()));
    chunks_.push_back(std::make_unique<EventChunk>());
  }
  const EventId id = lane.chunks.back() << EventChunk::kBits | place;
  EventChunk& chunk = *chunks_[lane.chunks.back()];
  chunk.events[place] = pack(event);
  chunk.earlier[place] = kNoEvent;
  lane.summaries.add(event.at, lane.size, lane.refusals);
  lane.refusals += is_refusal(event) ? 1 : 0;
  lane.last = event.at;
  ++lane.size;

  if (event.kind == EventKind::crashed || event.kind == EventKind::restarted) {
    lane.faults.push_back(id);
    lane.open.clear();  // whatever was in flight is forgotten
  } else if (is_of_an_instance(event.kind)) {
    InstanceInfo& instance = instances_[instance_of(event.instance)];
    chunk.earlier[place] = instance.last;
    instance.last = id;
    if (instance.events++ == 0) instance.began = instance.ended = event.at;
    instance.began = std::min(instance.began, event.at);
    instance.ended = std::max(instance.ended, event.at);
    if (event.agent_kind == AgentKind::proposer) note_operation(lane, event);
  }

  if (size_++ == 0) first_ = last_ = event.at;
  first_ = std::min(first_, event.at);
  last_ = std::max(last_, event.at);
}

void History::note_gap(Lane& lane, const Event& event) {
  if (event.sequence > lane.next_sequence) {
    const std::uint64_t count = event.sequence - lane.next_sequence;
    lane.gaps.push_back({lane.size == 0 ? event.at : lane.last, event.at, count});
    missing_ += count;
  }
  lane.next_sequence = std::uint64_t{event.sequence} + 1;
}

void History::note_operation(Lane& lane, const Event& event) {
  const auto open = std::find_if(lane.open.begin(), lane.open.end(),
                                 [&](const OpenOperation& o) { return o.instance == event.instance; });
  if (event.kind == EventKind::proposed) {
    OpenOperation fresh{.instance = event.instance, .so_far = {}, .own = event.value};
    fresh.so_far.began = event.at;
    fresh.so_far.read = event.read;
    if (open != lane.open.end()) {
      *open = fresh;
      return;
    }
    // Those whose end was lost would only be in the way.
    if (lane.open.size() >= kOpenMax) lane.open.erase(lane.open.begin());
    lane.open.push_back(fresh);
    return;
  }
  if (open == lane.open.end()) return;
  Operation& so_far = open->so_far;
  switch (event.kind) {
    case EventKind::sent:
      ++(event.phase == Phase::prepare ? so_far.ballots : so_far.accepts);
      if (open->waits_since >= 0) so_far.backing_off += event.at - open->waits_since;
      open->waits_since = -1;
      return;
    case EventKind::backed_off:
      count_up(event.last_bal.is_none()        ? so_far.timeouts
               : event.phase == Phase::prepare ? so_far.preempted_prepare
                                               : so_far.preempted_accept);
      open->waits_since = event.at;
      return;
    case EventKind::decided:
    case EventKind::empty:
    case EventKind::abandoned:
      if (open->waits_since >= 0) so_far.backing_off += event.at - open->waits_since;
      so_far.ended = event.at;
      so_far.end = event.kind;
      so_far.won = event.kind == EventKind::decided && !so_far.read && event.value == open->own;
      lane.operations.push_back(so_far);
      lane.open.erase(open);
      return;
    default: return;
  }
}

void History::finish() {
  for (Lane& lane : lanes_) {
    lane.chunks.shrink_to_fit();
    lane.operations.shrink_to_fit();
    lane.summaries.finish();
  }
  instances_.shrink_to_fit();
  chunks_.shrink_to_fit();
}

std::size_t History::memory() const {
  std::size_t bytes = chunks_.size() * (sizeof(EventChunk) + 2 * sizeof(void*)) + chunks_.capacity() * sizeof(void*) +
                      instances_.capacity() * sizeof(InstanceInfo) + table_.capacity() * sizeof(std::uint32_t);
  for (const Lane& lane : lanes_) {
    bytes += sizeof(Lane) + lane.chunks.capacity() * sizeof(std::uint32_t) +
             lane.operations.capacity() * sizeof(Operation) + lane.summaries.memory();
  }
  return bytes;
}

std::size_t History::slot_of(const InstanceId& id) const {
  std::size_t slot = Random::mix(id.ver * 0x9e3779b97f4a7c15U + id.key) & (table_.size() - 1);
  while (table_[slot] != 0 && instances_[table_[slot] - 1].id != id) slot = (slot + 1) & (table_.size() - 1);
  return slot;
}

void History::grow_table() {
  table_.assign(std::max<std::size_t>(64, table_.size() * 2), 0);
  for (std::uint32_t i = 0; i < instances_.size(); ++i) table_[slot_of(instances_[i].id)] = i + 1;
}

std::uint32_t History::instance_of(const InstanceId& id) {
  if (!instances_.empty() && instances_[last_instance_].id == id) return last_instance_;
  if ((instances_.size() + 1) * 3 > table_.size() * 2) grow_table();
  const std::size_t slot = slot_of(id);
  if (table_[slot] == 0) {
    instances_.push_back({.id = id});
    table_[slot] = static_cast<std::uint32_t>(instances_.size());
  }
  last_instance_ = table_[slot] - 1;
  return last_instance_;
}

const InstanceInfo* History::find(const InstanceId& id) const {
  if (table_.empty()) return nullptr;
  const std::uint32_t number = table_[slot_of(id)];
  return number == 0 ? nullptr : &instances_[number - 1];
}

std::optional<std::size_t> History::find_lane(AgentKind kind, std::uint32_t agent) const {
  for (std::size_t i = 0; i < order_.size(); ++i) {
    if (lane(i).kind == kind && lane(i).agent == agent) return i;
  }
  return std::nullopt;
}

bool History::in_gap(const Lane& lane, Nanos at) {
  const auto gap =
      std::partition_point(lane.gaps.begin(), lane.gaps.end(), [at](const LaneGap& g) { return g.to <= at; });
  return gap != lane.gaps.end() && gap->from < at;
}

std::uint32_t History::position_of(const Lane& lane, Nanos at) const {
  std::uint32_t low = 0, high = lane.size;
  while (low < high) {
    const std::uint32_t middle = low + (high - low) / 2;
    (time_at(lane, middle) < at ? low : high) = time_at(lane, middle) < at ? middle + 1 : middle;
  }
  return low;
}

std::vector<Cell> History::cells(const Lane& lane, Nanos from, Nanos to, Nanos span) const {
  std::vector<Cell> cells;
  Nanos slot = 0;
  const auto add = [&](Nanos first, Nanos last, std::uint32_t events, std::uint32_t refusals) {
    if (cells.empty() || first / span != slot) {
      slot = first / span;
      cells.push_back({first, last, 0, 0});
    }
    Cell& cell = cells.back();
    cell.to = last;
    cell.events += events;
    cell.refusals += refusals;
  };
  const auto* entries = lane.summaries.of_span(span);
  if (entries == nullptr || lane.size == 0) {
    for (std::uint32_t i = position_of(lane, from); i < lane.size; ++i) {
      const Event event = event_at(lane, i);
      if (event.at >= to) break;
      add(event.at, event.at, 1, is_refusal(event) ? 1 : 0);
    }
    return cells;
  }
  auto entry = std::upper_bound(entries->begin(), entries->end(), from,
                                [](Nanos at, const Summaries::Entry& e) { return at < e.from; });
  if (entry != entries->begin() && time_at(lane, (entry == entries->end() ? lane.size : entry->position) - 1) >= from) {
    --entry;  // it begins before `from`, and goes on after it
  }
  for (; entry != entries->end() && entry->from < to; ++entry) {
    const bool is_last = entry + 1 == entries->end();
    const std::uint32_t end = is_last ? lane.size : (entry + 1)->position;
    const std::uint32_t refusals = (is_last ? lane.refusals : (entry + 1)->refusals) - entry->refusals;
    add(entry->from, time_at(lane, end - 1), end - entry->position, refusals);
  }
  return cells;
}

std::vector<EventId> History::events_of(const InstanceId& id) const {
  std::vector<EventId> ids;
  const InstanceInfo* info = find(id);
  if (info == nullptr) return ids;
  ids.reserve(info->events);
  for (EventId at = info->last; at != kNoEvent;) {
    ids.push_back(at);
    at = chunks_[at >> EventChunk::kBits]->earlier[at & (EventChunk::kEvents - 1)];
  }
  const auto key = [this](EventId event) {
    const PackedEvent& words = packed(event);
    const auto kind = packed::high(words[9]) >> 8U & 0xffU;
    return std::tuple(words[0], kind, packed::high(words[7]), packed::high(words[8]));
  };
  std::sort(ids.begin(), ids.end(), [&](EventId a, EventId b) { return key(a) < key(b); });
  return ids;
}

std::vector<EventId> History::faults() const {
  std::vector<EventId> ids;
  for (const Lane& lane : lanes_) ids.insert(ids.end(), lane.faults.begin(), lane.faults.end());
  std::stable_sort(ids.begin(), ids.end(), [this](EventId a, EventId b) { return time(a) < time(b); });
  return ids;
}

std::optional<Nanos> History::next_time(Nanos at) const {
  std::optional<Nanos> next;
  for (const Lane& lane : lanes_) {
    const std::uint32_t position = position_of(lane, at + 1);
    if (position == lane.size) continue;
    const Nanos time = time_at(lane, position);
    next = next ? std::min(*next, time) : time;
  }
  return next;
}

std::optional<Nanos> History::previous_time(Nanos at) const {
  std::optional<Nanos> previous;
  for (const Lane& lane : lanes_) {
    const std::uint32_t position = position_of(lane, at);
    if (position == 0) continue;
    const Nanos time = time_at(lane, position - 1);
    previous = previous ? std::max(*previous, time) : time;
  }
  return previous;
}

}  // namespace paxoscope::viz
