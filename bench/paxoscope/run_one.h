// One run, for the commands that make one: with its progress, its report, and its exit code.
#pragma once

#include "bench/paxoscope/command.h"
#include "bench/paxoscope/outputs.h"
#include "core/experiment/experiment.h"

namespace paxoscope::cli {

ExitCode run_one(const Experiment& experiment, Outputs& outputs);

}  // namespace paxoscope::cli
