// Runs an Experiment on its engine.
#pragma once

#include "core/experiment/report.h"

namespace paxoscope {

// Validates, measures R unless the experiment gives it (or `round_trip` does, for many runs of one setting), and runs.
// Blocks until the run is over and all its threads have joined. Fails on an invalid experiment, or when the machine
// refuses a thread; a violation, a livelock and an interruption are in the report.
Expected<Report> run_experiment(const Experiment& experiment, const RunControl& control = {}, Nanos round_trip = 0);

// R of the experiment, as given or measured: 1 or more; 0 when it was interrupted before it was known.
Expected<Nanos> round_trip_of(const Experiment& experiment, const RunControl& control = {});

}  // namespace paxoscope
