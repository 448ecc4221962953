// A cluster in virtual time: the same nodes as on threads, under a network and faults that are drawn from a seed. One
// run is one thread and one order of events, so the same options give the same run, to the last bit, on every machine.
//
// Memory: 3 KiB a proposer (window 1), and 10 KiB more for its histogram once an operation of it has ended; 0.2 KiB an
// acceptor, and 24 bytes for each instance it keeps; 16 bytes a message on its way and 64 more a reply.
// paxos_bench --benchmark_filter=simulation/scale measures it for 10,000 proposers and 101 acceptors.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "core/backoff/backoff.h"
#include "core/error.h"
#include "core/node/cluster.h"
#include "core/simulation/faults.h"
#include "core/simulation/network.h"
#include "core/trace/recorder.h"

namespace paxoscope {

struct SimulationOptions {
  NetworkOptions network;
  FaultPlan faults;
  std::uint64_t events_max = std::uint64_t{1} << 40;  // the run ends after so many; >= 1
};

enum class MessageType : std::uint8_t { prepare, accept, promise, vote, announcement };  // promise, vote: or a refusal
inline constexpr std::size_t kMessageTypes = 5;

// What became of the messages of one type. sent + duplicated = the sum of all below.
struct MessageCounts {
  std::uint64_t sent = 0;        // one per receiver
  std::uint64_t duplicated = 0;  // by the network
  std::uint64_t delivered = 0;
  std::uint64_t lost = 0;        // by the network
  std::uint64_t cut_off = 0;     // sent into a partition
  std::uint64_t to_crashed = 0;  // reached a node that was down, or was in its queue when it crashed
  std::uint64_t held_back = 0;   // the acceptor's queue was full
  std::uint64_t in_flight = 0;   // when the run ended
};

struct FaultCounts {
  std::uint64_t acceptor_crashes = 0, proposer_crashes = 0, pauses = 0, partitions = 0;
  std::uint64_t reordered = 0;  // messages held back
};

// What only this engine knows of a run.
struct SimulationFacts {
  std::array<MessageCounts, kMessageTypes> messages;  // whole run, by MessageType
  FaultCounts faults;
  std::uint64_t events = 0;      // messages handled, timers, faults
  std::uint64_t trace_hash = 0;  // of every event with its time and content, in order
  std::uint64_t ballots = 0;     // of all proposers, whole run
  std::uint64_t chosen = 0;      // instances, whole run; 0 when the audit is off
  Nanos ended = 0;
  Nanos first_chosen = kNever;   // kNever: it did not happen, or the audit is off
  Nanos first_learned = kNever;  // when the first operation ended with a decision
  Nanos all_done = kNever;       // when the last proposer had done all its operations
  std::string liveness;          // in words, when something was still open after FaultPlan::liveness_within

  std::uint64_t messages_sent() const {
    std::uint64_t sum = 0;
    for (const MessageCounts& counts : messages) sum += counts.sent;
    return sum;
  }
};

struct SimulationResult : SimulationFacts {
  Measurement measurement;
  std::vector<AgentTotal> recorded;  // of every agent, by kind and number; empty when the run was not recorded
  bool failed() const { return !measurement.violation.empty() || !liveness.empty(); }
};

// Runs until all proposers have done their operations, a limit of `cluster` or `options` is reached, a rule is broken,
// or it is interrupted. When all operations are done, what is still in flight is delivered before the run ends.
// An error names what in `options` does not fit the cluster.
Expected<SimulationResult> run_simulation(const ClusterOptions& cluster, const Backoff& strategy,
                                          const SimulationOptions& options, const RunControl& control = {});

// The same run, and `sink` is called with every event as it happens, in the order of virtual time. The sink cannot
// influence the run, so it has the same outcome and trace hash as without one.
using EventSink = std::function<void(const Event&)>;
Expected<SimulationResult> record_simulation(const ClusterOptions& cluster, const Backoff& strategy,
                                             const SimulationOptions& options, const EventSink& sink,
                                             const RunControl& control = {});

// What run_simulation checks before it begins.
Expected<bool> check_options(const ClusterOptions& cluster, const SimulationOptions& options);

}  // namespace paxoscope
