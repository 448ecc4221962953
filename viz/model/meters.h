// The meters: what a stretch of time came to, for the whole cluster and for each proposer.
//
// An operation (one proposer's work on one instance) counts where it ends. Time: linear in the operations that end in
// the stretch, some nanoseconds each; keep the result while the stretch stays the same.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/stats/histogram.h"
#include "viz/model/history.h"

namespace paxoscope::viz {

struct ProposerMeters {
  std::uint32_t id = 0;
  std::uint64_t won = 0;      // instances decided with its own value
  std::uint64_t learned = 0;  // decided with somebody else's, or read
  std::uint64_t empty = 0;    // reads that found nothing
  std::uint64_t abandoned = 0;
  std::uint64_t ballots = 0;
  std::uint64_t preempted_prepare = 0, preempted_accept = 0, timeouts = 0;
  // Where its time went; the parts sum to the stretch when it has one instance in flight.
  Nanos waiting = 0;      // for replies
  Nanos backing_off = 0;  // the sum over ended operations, and those going on
  Nanos idle = 0;
};

struct LatencyBar {
  Nanos from = 0, to = 0;  // a power of the square root of two each
  std::uint64_t count = 0;
};

struct Meters {
  Nanos from = 0, to = 0;
  std::uint64_t decisions = 0;  // instances; counted when the proposer of the value learns that it is decided
  double decisions_per_second = 0;
  double ballots_per_decision = 0;  // 0 when nothing was decided
  std::uint64_t ballots = 0;
  std::uint64_t preempted_prepare = 0, preempted_accept = 0, timeouts = 0;
  double wasted = 0;                           // share of the broadcasts that were not of a ballot that decided, 0 .. 1
  double fairness = 1;                         // Jain's index of the proposers' wins
  Histogram to_end = {};                       // ns from the beginning of an operation to its decision
  std::vector<LatencyBar> bars = {};           // of to_end, without gaps between the first and the last
  std::vector<ProposerMeters> proposers = {};  // by id
};

// to > from.
Meters measure(const History& history, Nanos from, Nanos to);

}  // namespace paxoscope::viz
