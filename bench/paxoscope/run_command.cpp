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
};

int run_single(RunOptions& options) {
  const auto experiment = options.experiment.experiment();
  if (!experiment) return complain(experiment.error().message);
  if (const auto opened = options.outputs.open(); !opened) return complain(opened.error().message);
  return run_one(*experiment, options.outputs, options.trace);
}

}  // namespace

Job add_run(CLI::App& app) {
  auto options = std::make_shared<RunOptions>();
  options->experiment.add_to(app, Experiment{});
  options->outputs.add_to(app, {.csv = false, .plot = false});
  add_trace_option(app, options->trace);
  return [options] { return run_single(*options); };
}

}  // namespace paxoscope::cli
