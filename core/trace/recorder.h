// One agent's pen: gives each of its events the time, the name and the next number, and hands it to a sink.
// A Host keeps one per agent and calls it from record().
//
// A sink has `void push(const Event&)`: TraceWriter (a file, directly), EventList (memory); or push_line(), as rings
// have (threads).
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "core/nanos.h"
#include "core/trace/event.h"
#include "core/trace/line.h"
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

  Recorder(AgentKind kind, std::uint32_t agent, Sink& sink) : sink_(&sink), agent_kind_(kind), agent_(agent) {}

  // now: never before that of the last call.
  void record(const Event& event, Nanos now) {
    if constexpr (kToRing) {
      begin(now);
      record(event);
      sink_->turn();
    } else {
      const std::uint64_t sequence = recorded_++;
      if (sequence > std::numeric_limits<std::uint32_t>::max()) return;  // as LineReader has it
      Event stamped = event;
      stamped.at = now;
      stamped.agent_kind = agent_kind_;
      stamped.agent = agent_;
      stamped.sequence = static_cast<std::uint32_t>(sequence);
      sink_->push(stamped);
    }
  }

  // Into a ring, several at once: begin(), then any number of events of this time. Until begin() is called anew, no
  // other Recorder of this ring may be asked to record.
  void begin(Nanos now) {
    at_ = now;
    sink_->turn();
  }
  // event: an Event, or what has yet to be made one (UnmadeEvent, UnmadeReply).
  template <class AnyEvent = Event>
  [[gnu::always_inline]] void record(const AnyEvent& event) {
    const auto line = [&event]() __attribute__((always_inline)) {
      if constexpr (requires { event.line(); }) {
        return event.line();
      } else {
        return line_of(event);
      }
    };
    sink_->push_line(line, [this]() -> Stamp { return {at_, agent_kind_, agent_, recorded_}; });
    ++recorded_;
  }

  AgentTotal total() const { return {agent_kind_, agent_, recorded_}; }

 private:
  static constexpr bool kToRing = requires(Sink & sink) { sink.turn(); };

  Sink* sink_;
  std::uint64_t recorded_ = 0;
  AgentKind agent_kind_;
  std::uint32_t agent_;
  Nanos at_ = 0;  // since begin()
};

// The sink of single-threaded hosts that keep the whole run in memory.
struct EventList {
  std::vector<Event> events;
  void push(const Event& event) { events.push_back(event); }
};

}  // namespace paxoscope
