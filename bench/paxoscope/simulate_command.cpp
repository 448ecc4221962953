// paxoscope simulate: one experiment in virtual time, under one seed or many, and what to do about a seed that fails.
#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "bench/paxoscope/command.h"
#include "bench/paxoscope/comparison_options.h"
#include "bench/paxoscope/experiment_options.h"
#include "bench/paxoscope/outputs.h"
#include "bench/paxoscope/run_one.h"
#include "bench/paxoscope/story.h"
#include "bench/paxoscope/table.h"
#include "bench/paxoscope/terminal.h"
#include "core/counted.h"
#include "core/experiment/comparison.h"
#include "core/experiment/replay.h"
#include "core/experiment/runner.h"

namespace paxoscope::cli {

namespace {

constexpr std::uint32_t kSeedsMax = 10'000'000;

struct SimulateOptions {
  ExperimentOptions experiment;
  std::string seeds = "1";
  bool shrink = false, story = false;
  Outputs outputs;
  std::string trace;
};

// The figures over all seeds.
void print_seeds(const Comparison& comparison) {
  const ComparisonPoint& point = comparison.points.front();
  fmt::print("{}\n\nR = {}. {} done, {}{}.\n", describe(point.experiment), shown_round_trip(point.round_trip),
             counted(point.samples.size(), "seed"), counted(point.decisions, "decision"),
             point.cut_off > 0 ? fmt::format(", {} cut off by a bound", counted(point.cut_off, "seed")) : "");
  if (!point.livelock.empty()) fmt::print("Livelock: {}.\n", point.livelock);
  Table table(
      {{"figure", "", true}, {"value", ""}, {"95% from", ""}, {"to", ""}, {"unit", "", true}, {"meaning", "", true}});
  for (const Metric& metric : metrics()) {
    const Estimate figure = point.figure(metric);
    table.add({std::string(metric.name), short_number(figure.value), short_number(figure.low),
               short_number(figure.high), std::string(metric.unit), std::string(metric.meaning)});
  }
  fmt::print("\n{}", table.to_string());
}

// The first seed that fails, with its schedule made as small as it can be.
int shrink_first(const Experiment& experiment, std::uint32_t seeds, Outputs& outputs) {
  catch_interrupts();
  ProgressLine line;
  ComparisonControl control;
  control.interrupted = interrupted;
  control.progress = [&](const ComparisonProgress& progress) { line.show(progress.fraction, progress.now); };
  const auto search = compare({{experiment}, 1, seeds}, control);
  if (!search) return complain(search.error().message, kFailed);
  if (!search->failing) {
    if (search->stop == StopReason::interrupted) return interrupt_exit_code();
    fmt::print("No seed fails of {} from {} on, so there is nothing to shrink.\n", counted(seeds, "seed"),
               experiment.seed);
    return kOk;
  }
  line.show(1, "shrinking");
  const auto small = shrink_experiment(*search->failing, interrupted);
  if (!small) return complain(small.error().message, kFailed);
  const FaultPlan plan = small->simulation().faults;
  const nlohmann::json json = to_json(*small);
  if (!outputs.on_stdout()) {
    fmt::print("Seed {} fails. {} of its faults {} needed{}:\n", small->seed, plan.faults.size(),
               plan.faults.size() == 1 ? "is" : "are", interrupted() ? " at most: the search was interrupted" : "");
    const nlohmann::json& schedule = json["faults"];  // a word, where none is needed
    if (schedule.is_object()) {
      for (const nlohmann::json& fault : schedule["faults"]) fmt::print("  {}\n", fault.dump());
    }
  }
  if (const auto written = outputs.write([&] { return json; }, {}); !written) return complain(written.error().message);
  // The smaller one may break the rule elsewhere.
  const auto again = run_experiment(*small);
  report_violation(again ? failure_of(*again) : again.error().message, *small);
  return interrupted() ? interrupt_exit_code() : static_cast<int>(kViolation);
}

ExitCode tell(const Experiment& experiment, Outputs& outputs) {
  Memory memory;
  const ExitCode code = run_one(experiment, outputs, {}, TraceMode::lossy, &memory);
  const ProposerRules rules = experiment.cluster(kMicrosecond).rules;
  tell_story(memory.events, {.quorums = rules.quorums, .learning = rules.learning});
  return code;
}

int run_simulate(SimulateOptions& options) {
  auto experiment = options.experiment.experiment();
  if (!experiment) return complain(experiment.error().message);
  experiment->engine = Engine::simulation;  // whatever a file says
  const auto seeds = parse_count("--seeds", options.seeds, 1, kSeedsMax);
  if (!seeds) return complain(seeds.error().message);
  if (const auto opened = options.outputs.open(); !opened) return complain(opened.error().message);
  if (options.shrink && options.outputs.has_csv())
    return complain("--csv has nothing to write with --shrink; allowed: --json");
  const bool many = options.shrink || *seeds > 1;
  if (many && (options.story || !options.trace.empty())) {
    return complain(fmt::format("{} is of one run; allowed: without --shrink, and with one seed",
                                options.story ? "--story" : "--trace"));
  }
  if (options.story && (!options.trace.empty() || options.outputs.on_stdout())) {
    return complain("--story is printed; allowed: without --trace (trace story tells a file), and results to a file");
  }
  if (options.shrink) return shrink_first(*experiment, *seeds, options.outputs);
  if (options.story) return tell(*experiment, options.outputs);
  if (*seeds == 1) return run_one(*experiment, options.outputs, options.trace);
  return run_comparison(
      {{{*experiment}, 1, *seeds}, print_seeds, [](const Comparison& comparison) { return to_json(comparison); }},
      options.outputs);
}

}  // namespace

Job add_simulate(CLI::App& app) {
  auto options = std::make_shared<SimulateOptions>();
  app.add_option("--seeds", options->seeds, "how many seeds to run, from --seed on, on all cores [1]")->type_name("");
  app.add_flag("--shrink", options->shrink,
               "reduce the faults of the first seed that fails to those it takes; --json then writes that experiment");
  app.add_flag("--story", options->story,
               "tell the run message by message; of one that breaks a rule, the instance where that shows");
  options->outputs.add_to(app, {.csv = true, .plot = false});
  add_trace_option(app, options->trace);
  options->experiment.add_to(app, Experiment::duel(), {"engine", "workers", "wait", "pin", "peers"});
  app.footer(
      "By default a duel: all proposers want the same instance at once, and the run ends when each has learned what\n"
      "was decided. With --operations-max=0 it lasts 100 R after a warm-up of 20 R. A seed that fails is named with\n"
      "the command that replays it; --story after that tells what happened. To see one:\n"
      "paxoscope simulate --proposers=3 --operations-max=20 --faults=forgetful --seeds=1000 --shrink");
  return [options] { return run_simulate(*options); };
}

}  // namespace paxoscope::cli
