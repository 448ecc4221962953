// Times an Experiment. An iteration is one decision: the library says how many it wants, and one run of the experiment
// goes on until so many have been made. Every figure comes from that run's Report.
#pragma once

#include <benchmark/benchmark.h>

#include "core/experiment/experiment.h"

namespace paxoscope {

// What the manual time of an iteration is.
enum class PointTime {
  per_decision,  // the run's length over its decisions: the inverse of throughput
  to_decision,   // until a quorum had voted, mean; in open loop until an operation ended, from its intended start
};

// Runs it, with R measured once for each acceptors, workers and wait. Warm-up and bounds are chosen here. A violation,
// a livelock, and five whole seconds without a decision are errors of the benchmark.
void time_experiment(benchmark::State& state, Experiment experiment, PointTime time);

// Tables that are filled at run time, since the strategies are a registry.
void register_uncontended();
void register_contended();
void register_waits();
void register_backoff();

}  // namespace paxoscope
