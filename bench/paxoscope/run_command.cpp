// paxoscope run: one experiment, and everything it reports.
#include <memory>

#include "bench/paxoscope/command.h"
#include "bench/paxoscope/experiment_options.h"
#include "bench/paxoscope/outputs.h"
#include "bench/paxoscope/run_one.h"

namespace paxoscope::cli {

namespace {

struct RunOptions {
  ExperimentOptions experiment;
  Outputs outputs;
  std::string trace;
  bool trace_newest = false;
};

int run_single(RunOptions& options) {
  const auto experiment = options.experiment.experiment();
  if (!experiment) return complain(experiment.error().message);
  if (const auto heeded = options.experiment.heeded_by({experiment->engine}); !heeded) {
    return complain(heeded.error().message);
  }
  if (const auto opened = options.outputs.open(); !opened) return complain(opened.error().message);
  if (options.trace_newest && experiment->engine != Engine::threads) {
    return complain("--trace-newest is for runs on threads: allowed with --engine=threads");
  }
  return run_one(*experiment, options.outputs, options.trace,
                 options.trace_newest ? TraceMode::newest : TraceMode::lossy);
}

}  // namespace

Job add_run(CLI::App& app) {
  auto options = std::make_shared<RunOptions>();
  options->experiment.add_to(app, Experiment{});
  options->outputs.add_to(app, {.csv = false, .plot = false});
  add_trace_option(app, options->trace);
  app.add_flag("--trace-newest", options->trace_newest,
               "write only the newest events of each thread, when the run is over: the trace that slows it least")
      ->needs("--trace");
  return [options] { return run_single(*options); };
}

}  // namespace paxoscope::cli
