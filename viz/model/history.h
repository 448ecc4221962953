// Everything that happened in a run, indexed: by agent (a lane each), by time within a lane, by instance.
//
// A history only grows, and what it says of the past never changes. Not thread-safe while it grows; a finished one may
// be read by anybody. Memory: under 100 bytes an event.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "core/error.h"
#include "core/trace/gaps.h"
#include "viz/model/lane.h"

namespace paxoscope::viz {

// What is known of one instance as a whole.
struct InstanceInfo {
  InstanceId id = {};
  EventId last = kNoEvent;  // added last
  std::uint32_t events = 0;
  Nanos began = 0, ended = 0;  // times of its first and last event
};

// Events that are missing from a lane: they were recorded between these two times.
struct LaneGap {
  Nanos from = 0, to = 0;
  std::uint64_t events = 0;  // 0: nobody knows how many
};

// What a proposer is at.
struct OpenOperation {
  InstanceId instance = {};
  Operation so_far = {};
  Value own = 0;
  Nanos waits_since = -1;  // -1: it does not wait
};

class History {
 public:
  History() = default;
  History(History&&) = default;
  History& operator=(History&&) = default;

  // The next event of its agent; those of different agents may come in any order. Its time is not before the agent's
  // last. At most 2^32 - 1 events; what is beyond is not kept, and counted in missing().
  void add(const Event& event);
  // What the agent recorded before this event is not part of this history, and no gap.
  void begin_at(AgentKind kind, std::uint32_t agent, std::uint64_t sequence);
  // The same, but some of it may have been in this time: a gap of nobody knows how many events.
  void overwritten(AgentKind kind, std::uint32_t agent, Nanos from, Nanos to);
  // Nothing more will come: gives spare memory back.
  void finish();

  std::uint64_t size() const { return size_; }
  std::uint64_t missing() const { return missing_; }  // events in gaps
  bool empty() const { return size_ == 0; }
  Nanos first() const { return first_; }  // time of the first event, and of the last; 0 when there are none
  Nanos last() const { return last_; }
  std::size_t memory() const;  // bytes

  Event event(EventId id) const { return unpack(packed(id)); }
  Nanos time(EventId id) const { return static_cast<Nanos>(packed(id)[0]); }

  // Lanes: proposers by id, then acceptors by id.
  struct Lane {
    AgentKind kind = AgentKind::proposer;
    std::uint32_t agent = 0;
    std::uint32_t size = 0;  // events
    std::vector<std::uint32_t> chunks;
    Summaries summaries;
    std::uint32_t refusals = 0;
    std::uint64_t next_sequence = 0;
    std::vector<Operation> operations;  // of a proposer: those that are over
    std::vector<OpenOperation> open;    // and those that are not
    std::vector<LaneGap> gaps;
    std::vector<EventId> faults;  // crashed, restarted
    Nanos last = 0;
  };
  std::size_t lanes() const { return order_.size(); }
  const Lane& lane(std::size_t index) const { return lanes_[order_[index]]; }
  std::optional<std::size_t> find_lane(AgentKind kind, std::uint32_t agent) const;

  EventId id_at(const Lane& lane, std::uint32_t position) const {
    return lane.chunks[position >> EventChunk::kBits] << EventChunk::kBits | (position & (EventChunk::kEvents - 1));
  }
  Event event_at(const Lane& lane, std::uint32_t position) const { return event(id_at(lane, position)); }
  Nanos time_at(const Lane& lane, std::uint32_t position) const { return time(id_at(lane, position)); }
  // Whether something that the agent recorded around then is missing.
  static bool in_gap(const Lane& lane, Nanos at);
  // How many of the lane's events are before `at`: the place of the first that is not.
  std::uint32_t position_of(const Lane& lane, Nanos at) const;
  // The lane's events in [from, to), those less than `span` apart as one cell. Time: of the order of (to - from) /
  // span, however many events there are. span >= 1.
  std::vector<Cell> cells(const Lane& lane, Nanos from, Nanos to, Nanos span) const;

  // Instances, in the order in which they were first heard of.
  std::span<const InstanceInfo> instances() const { return instances_; }
  const InstanceInfo* find(const InstanceId& id) const;
  // Its events by time; of one time, by agent. Crashes and restarts belong to every instance and are not among them.
  std::vector<EventId> events_of(const InstanceId& id) const;
  // All crashes and restarts, by time.
  std::vector<EventId> faults() const;

  // The time of the first event after `at` anywhere, and of the last before it; nothing: there is none.
  std::optional<Nanos> next_time(Nanos at) const;
  std::optional<Nanos> previous_time(Nanos at) const;

 private:
  const PackedEvent& packed(EventId id) const {
    return chunks_[id >> EventChunk::kBits]->events[id & (EventChunk::kEvents - 1)];
  }
  Lane& lane_of(AgentKind kind, std::uint32_t agent);
  void note_gap(Lane& lane, const Event& event);
  void note_operation(Lane& lane, const Event& event);
  std::uint32_t instance_of(const InstanceId& id);
  std::size_t slot_of(const InstanceId& id) const;
  void grow_table();

  std::vector<std::unique_ptr<EventChunk>> chunks_;
  std::vector<Lane> lanes_;
  std::vector<std::uint32_t> order_;  // of the lanes on the screen
  std::unordered_map<std::uint64_t, std::uint32_t> lane_by_agent_;
  std::vector<InstanceInfo> instances_;
  std::vector<std::uint32_t> table_;  // open addressing: number + 1 of an instance, or 0
  std::uint32_t last_instance_ = 0;
  std::uint64_t size_ = 0;
  std::uint64_t missing_ = 0;
  Nanos first_ = 0, last_ = 0;
};

}  // namespace paxoscope::viz
