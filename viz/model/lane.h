// One agent's part of a history: its events in its own order, and what makes any zoom cheap.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "core/trace/packed_event.h"

namespace paxoscope::viz {

// Names an event within its history, for good.
using EventId = std::uint32_t;
inline constexpr EventId kNoEvent = ~EventId{0};

// A run of events of one agent, in place once written.
struct EventChunk {
  static constexpr std::uint32_t kBits = 6;
  static constexpr std::uint32_t kEvents = 1U << kBits;
  std::array<PackedEvent, kEvents> events;
  std::array<EventId, kEvents> earlier;  // the event of the same instance that was added before it
};

// What a proposer's work on one instance came to; in order of their ends.
struct Operation {
  Nanos began = 0, ended = 0;
  Nanos backing_off = 0;
  std::uint32_t ballots = 0, accepts = 0;                                   // broadcasts of phase 1 and of phase 2
  std::uint16_t preempted_prepare = 0, preempted_accept = 0, timeouts = 0;  // stay at 65535 once there
  bool read = false;
  bool won = false;                    // decided with its own value
  EventKind end = EventKind::decided;  // decided, empty or abandoned
};

// A stretch of a lane that is drawn as one: `events` of them, `refusals` among them.
struct Cell {
  Nanos from = 0, to = 0;  // of its first and its last event
  std::uint32_t events = 0;
  std::uint32_t refusals = 0;  // requests an acceptor refused, or rounds a proposer lost
};

// Summaries of a lane: for spans of a power of two of nanoseconds, how many events came before each span that has any.
// Spans so short that most hold few events are not kept (the events themselves do as well), nor lengths that would say
// the same as the one below. Two to four bytes an event.
class Summaries {
 public:
  struct Entry {
    Nanos from;              // time of the span's first event
    std::uint32_t position;  // its place in the lane
    std::uint32_t refusals;  // in the lane before it
  };

  // The next event of the lane, at `position`.
  void add(Nanos at, std::uint32_t position, std::uint32_t refusals_before);

  void finish();  // gives spare memory back

  // The longest kept spans of at most `span`; null when even the shortest are longer.
  const std::vector<Entry>* of_span(Nanos span) const;
  std::size_t memory() const;

 private:
  struct Level {
    int shift;
    std::vector<Entry> entries;
  };
  void thin(std::uint32_t events);
  std::vector<Level> levels_;  // from short to long
};

}  // namespace paxoscope::viz
