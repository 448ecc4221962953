// One run, for the commands that make one: with its progress, its report, its trace, and its exit code.
#pragma once

#include <string>

#include "bench/paxoscope/command.h"
#include "bench/paxoscope/outputs.h"
#include "core/experiment/report.h"

namespace paxoscope::cli {

// trace: where to write what every agent does; empty: nowhere. Without it `memory` may take that instead.
ExitCode run_one(const Experiment& experiment, Outputs& outputs, const std::string& trace,
                 TraceMode mode = TraceMode::lossy, TraceSink* memory = nullptr);

// --trace for such a command.
void add_trace_option(CLI::App& app, std::string& path);

// Runs it with progress on the terminal, until Ctrl-C; `control` may bring a trace.
Expected<Report> run_with_progress(const Experiment& experiment, RunControl control);

}  // namespace paxoscope::cli
