// Acceptors and proposers on real threads. By default each is a thread of its own; `workers` puts them all on fewer.
#pragma once

#include <cstdint>
#include <vector>

#include "core/backoff/backoff.h"
#include "core/error.h"
#include "core/node/cluster.h"
#include "core/threads/idle.h"

namespace paxoscope {

// A node stops, loses whatever arrives for it, and starts again. Times are since the run began, and requests: its
// thread takes note of them as soon as it has a core. Crashes of one node may overlap: it is up when all of them are
// over.
struct Crash {
  AgentKind kind = AgentKind::acceptor;
  std::uint32_t id = 0;  // of an acceptor from 0, of a proposer from 1
  Nanos at = 0;
  Nanos until = kNever;
  bool durable = true;  // its state survives: false is a bug to plant
};

struct ThreadOptions {
  std::uint32_t workers = 0;  // threads in all, 0: one for each node
  WaitKind wait = WaitKind::park;
  std::uint32_t spins = 0;          // fruitless looks before yielding; 0: chosen by whether every thread has a core
  std::uint32_t yields = 0;         // and then before parking; 0: as measured
  bool pin = false;                 // thread i to core i, round robin
  std::vector<Crash> crashes = {};  // of nodes that there are
};

// Runs until the measured time is over, a limit of `cluster` is reached, or it is interrupted, and joins all threads
// before it returns. Fails only when the machine refuses a thread, or a crash is of a node that there is not. A trace
// costs a thread of its own, and only memory of a fixed size; who traces nothing runs code that knows of no trace.
Expected<Measurement> run_threads(const ClusterOptions& cluster, const Backoff& strategy, const ThreadOptions& threads,
                                  const RunControl& control = {});

// R: the median time of one request and its reply, uncontended, on as many threads as `cluster` has acceptors and one
// proposer, with the same way of waiting. Takes some 50 ms, and longer where that is too short for enough decisions: up
// to half a minute. Zero when it was interrupted before it knew.
Expected<Nanos> measure_round_trip(const ClusterOptions& cluster, const ThreadOptions& threads,
                                   const RunControl& control = {});

}  // namespace paxoscope
