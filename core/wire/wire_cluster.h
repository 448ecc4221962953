// Proposers in this process against acceptors behind gRPC: the same nodes and turns as in core/threads, with a network
// in place of the mailboxes. All proposers share one thread and the connections, so nothing here crosses a thread.
//
// The audit sees what this process sees: an acceptor's vote is known by its reply. (The acceptors' own record of their
// steps, `paxoscope serve --history`, shows the rest.)
#pragma once

#include <string>
#include <vector>

#include "core/backoff/backoff.h"
#include "core/error.h"
#include "core/node/cluster.h"
#include "core/trace/recorder.h"
#include "core/wire/address.h"

namespace paxoscope::wire {

struct WireOptions {
  std::vector<Address> peers;  // acceptor i is the i-th; as many as the quorums say
  // The names of the keys begin with this, and a number follows. What was decided in an earlier run is still decided,
  // so a run needs keys of its own; and then its ballots cannot have been used before either.
  std::string keys;
  EventList* trace = nullptr;  // every step of the proposers, by name: instance.key is the CRC-32 of the key's name
};

// 64 random bits in text: keys that nobody used before.
std::string fresh_keys();

// As run_threads: until the measured time is over, a limit of `cluster` is reached, or it is interrupted. Fails when no
// quorum can be reached at the start.
Expected<Measurement> run_wire(const ClusterOptions& cluster, const Backoff& strategy, const WireOptions& wire,
                               const RunControl& control = {});

// R: the median time of one request and its replies, uncontended, as measure_round_trip (core/threads): 0 when it was
// interrupted.
Expected<Nanos> measure_wire_round_trip(const ClusterOptions& cluster, const WireOptions& wire,
                                        const RunControl& control = {});

}  // namespace paxoscope::wire
