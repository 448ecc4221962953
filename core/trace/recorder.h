// One agent's pen: gives each of its events the time, the name and the next number, and hands it to a sink.
// A Host keeps one per agent and calls it from record().
//
// A sink has `void push(const Event&)`: TraceWriter (a file, directly), EventList (memory); or push_made(), as rings
// have (threads).
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "core/nanos.h"
#include "core/trace/event.h"
#include "core/trace/packed_event.h"

namespace paxoscope {

// How many events an agent recorded in all, whether or not they were kept: what tells a lost tail from none.
struct AgentTotal {
  AgentKind agent_kind = AgentKind::proposer;
  std::uint32_t agent = 0;
  std::uint64_t recorded = 0;
  friend bool operator==(const AgentTotal&, const AgentTotal&) = default;
};

// Not thread-safe: it belongs to the thread that steps the agent. The sink must outlive it.
template <class Sink>
class Recorder {
 public:
  static constexpr bool kTracing = true;

  Recorder(AgentKind kind, std::uint32_t agent, Sink& sink) : sink_(&sink), agent_(kind, agent) {}

  // event: an Event or an UnmadeEvent; now: never before that of the last call.
  template <class AnyEvent = Event>
  [[gnu::always_inline]] void record(const AnyEvent& event, Nanos now) {
    const std::uint64_t sequence = recorded_++;
    if (sequence > std::numeric_limits<std::uint32_t>::max()) [[unlikely]]
      return;  // past the last number an Event can carry: missing, and total() says so
    if constexpr (requires(PackedEvent(*make)()) { sink_->push_made(make); }) {
      sink_->push_made([&]() __attribute__((always_inline)) { return pack(event, {now, agent_, sequence}); });
    } else {
      Event stamped = event;
      stamped.at = now;
      stamped.agent_kind = agent_.kind();
      stamped.agent = agent_.id();
      stamped.sequence = static_cast<std::uint32_t>(sequence);
      sink_->push(stamped);
    }
  }

  AgentTotal total() const { return {agent_.kind(), agent_.id(), recorded_}; }

 private:
  Sink* sink_;
  std::uint64_t recorded_ = 0;
  Stamp::Agent agent_;
};

// The sink of single-threaded hosts that keep the whole run in memory.
struct EventList {
  std::vector<Event> events;
  void push(const Event& event) { events.push_back(event); }
};

}  // namespace paxoscope
