// The nodes in their places in virtual time: what the host knows about each besides the node itself.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "core/node/acceptor_node.h"
#include "core/node/proposer_node.h"
#include "core/prefetch.h"

namespace paxoscope {

// Up, down or paused. Faults may overlap: a node is up again when all of its crashes are over.
struct Health {
  Nanos paused_until = 0;
  std::uint32_t down = 0;  // crashes that hold
};

struct SimulatedAcceptor {
  // As if new, for another run; keeps the memory.
  void reset() {
    node.reset();
    queue.clear();
    *this = {.node = std::move(node), .queue = std::move(queue)};
  }

  AcceptorNode node;
  Health health = {};
  std::uint32_t sequence = 0;  // of its events
  // A queue with one server, used only when handling a message takes time.
  struct Waiting {
    Nanos since;
    std::uint32_t broadcast;
  };
  std::vector<Waiting> queue = {};
  std::size_t first = 0;    // queue[first] is being served
  std::uint32_t epoch = 0;  // of the queue: rises when a crash empties it
  std::size_t waiting() const { return queue.size() - first; }
};

// In whole cache lines, and what every reply looks at comes first.
struct alignas(kCacheLine) SimulatedProposer {
  void reset(std::uint64_t seed, const ClockError& clock) {
    node.reset(seed, clock);
    health = {};
    timer_at = kNever;
    done = false;
    queued = queued_before = 0;
    broadcasts = streak = 0;
    sequence = 0;
  }

  Health health = {};
  Nanos timer_at = kNever;  // the one timer that counts; others in the event queue are stale
  bool done = false;
  ProposerNode node;
  Nanos queued = 0;              // slot-time that the requests which ended its phases stood in queues
  Nanos queued_before = 0;       // as the measured time began
  std::uint64_t broadcasts = 0;  // so far, announcements included
  std::uint64_t streak = 0;
  std::uint32_t sequence = 0;
};

}  // namespace paxoscope
