// Measures what runs on threads of its own, in short slices. An iteration is one decision, its manual time the mean
// time per decision, so that compare.py, which reads only times, compares throughput.
//
// Two things are compared only side by side, in turns within one benchmark: a machine whose speed changes meanwhile
// (neighbours, clock rate) changes both.
#pragma once

#include <benchmark/benchmark.h>

#include <functional>
#include <string>

#include "core/error.h"
#include "core/node/cluster.h"
#include "core/threads/thread_cluster.h"

namespace paxoscope {

// What one slice did.
struct Slice {
  double decisions = 0;
  double seconds = 0;
  double latency = 0;  // median, in ns; 0 if it was not measured
};

using RunSlice = std::function<Expected<Slice>()>;

inline constexpr Nanos kSliceWarmUp = 5 * kMillisecond;
inline constexpr Nanos kSliceMeasured = 20 * kMillisecond;

// Repeats the slice for as many decisions as the library asks for. Counters: decisions/s, p50_us.
void time_slices(benchmark::State& state, const RunSlice& subject);

// The same, with a slice of `base` after each of `subject`. Counters: of the subject as above, base_decisions/s, and
// the medians over all pairs: `ratio` is decisions/s over the base's, latency_ratio the median latency over the base's.
void time_side_by_side(benchmark::State& state, const RunSlice& subject, const RunSlice& base,
                       const std::string& ratio);

// A cluster that runs for one slice: uncontended, audit off, everything else by default.
ClusterOptions slice_cluster(int acceptors, std::uint32_t window);

// Decisions that proposers won. Fails when the run broke a promise or got stuck.
Expected<Slice> slice_of(const Expected<Measurement>& measurement);

// A slice of the protocol itself.
Expected<Slice> run_paxos_slice(const ClusterOptions& cluster, const ThreadOptions& threads,
                                const RunControl& control = {});

}  // namespace paxoscope
