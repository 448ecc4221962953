// paxoscope compare: strategies by numbers of proposers, as a table, JSON, CSV and a plot.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "bench/paxoscope/command.h"
#include "bench/paxoscope/compare_table.h"
#include "bench/paxoscope/experiment_options.h"
#include "bench/paxoscope/output_file.h"
#include "bench/paxoscope/plot.h"
#include "bench/paxoscope/table.h"
#include "bench/paxoscope/terminal.h"
#include "core/backoff/registry.h"
#include "core/experiment/comparison.h"
#include "core/experiment/names.h"

namespace paxoscope::cli {

namespace {

struct CompareOptions {
  ExperimentOptions experiment;
  std::string strategies = "all";
  std::string proposers = "1,2,4,8,16";
  std::string repetitions = "5";
  std::string json, csv, plot;
};

// With the options' defaults: a comparison of about a minute.
Experiment defaults() {
  Experiment experiment;
  experiment.warm_up_s = 0.02;
  experiment.duration_s = 0.1;
  return experiment;
}

Expected<ComparisonPlan> plan_of(const CompareOptions& options) {
  ComparisonPlan plan;
  const auto base = options.experiment.experiment();
  if (!base) return tl::unexpected(base.error());
  plan.base = *base;
  const auto strategies = split_strategies(options.strategies);
  if (!strategies) return fail("--strategies: " + strategies.error().message);
  for (const std::string& text : *strategies) {
    const auto strategy = parse_strategy(text);
    if (!strategy) return fail("--strategies: " + strategy.error().message);
    plan.strategies.push_back((*strategy)->to_string());
  }
  const auto proposers = parse_counts("--proposers", options.proposers, 1, 100'000);
  if (!proposers) return tl::unexpected(proposers.error());
  plan.proposers = *proposers;
  const auto repetitions = parse_counts("--repetitions", options.repetitions, 1, 10'000);
  if (!repetitions) return tl::unexpected(repetitions.error());
  if (repetitions->size() != 1) return fail("--repetitions is one number; allowed: 1 to 10000");
  plan.repetitions = repetitions->front();
  return plan;
}

struct Outputs {
  std::optional<OutputFile> json, csv, plot;
  std::string plot_format;
};

Expected<Outputs> open_outputs(const CompareOptions& options) {
  Outputs outputs;
  const auto open = [](const char* option, const std::string& path, std::optional<OutputFile>& out) -> Expected<bool> {
    if (path.empty()) return true;
    auto file = OutputFile::open(option, path);
    if (!file) return tl::unexpected(file.error());
    out.emplace(std::move(*file));
    return true;
  };
  if (!options.plot.empty()) {
    const auto format = plot_format(options.plot);
    if (!format) return tl::unexpected(format.error());
    outputs.plot_format = *format;
  }
  const std::array paths{options.json, options.csv, options.plot};
  for (std::size_t i = 0; i < paths.size(); ++i) {
    if (!paths[i].empty() && std::find(paths.begin(), paths.begin() + i, paths[i]) != paths.begin() + i) {
      return fail(fmt::format("--json, --csv and --plot: two of them are \"{}\"; allowed: a place of its own for each",
                              paths[i]));
    }
  }
  if (const auto ok = open("--json", options.json, outputs.json); !ok) return tl::unexpected(ok.error());
  if (const auto ok = open("--csv", options.csv, outputs.csv); !ok) return tl::unexpected(ok.error());
  if (const auto ok = open("--plot", options.plot, outputs.plot); !ok) return tl::unexpected(ok.error());
  return outputs;
}

Expected<bool> write(Outputs& outputs, const Comparison& comparison) {
  const std::string json = to_json(comparison).dump(1) + "\n";
  if (outputs.json) {
    if (const auto ok = outputs.json->commit(json); !ok) return ok;
  }
  if (outputs.csv) {
    if (const auto ok = outputs.csv->commit(to_csv(comparison)); !ok) return ok;
  }
  if (outputs.plot && !interrupted()) {
    if (const auto ok = plot(json, outputs.plot_format, outputs.plot->partial()); !ok) return ok;
    if (const auto ok = outputs.plot->commit_written(); !ok) return ok;
  }
  return true;
}

void print(const Comparison& comparison) {
  fmt::print("{}\n", describe(comparison.plan.base, {"strategy", "proposers"}));
  fmt::print("R = {}; {} repetitions in random order; {}, {} cores.\n", shown_round_trip(comparison.round_trip),
             comparison.plan.repetitions, this_machine().cpu, this_machine().cores);
  fmt::print("Strategies whose 95% intervals of decisions/s overlap share a rank.\n\n{}", compare_table(comparison));
  if (comparison.stop == StopReason::interrupted) fmt::print("Interrupted: this is what had been measured by then.\n");
}

int run(const CompareOptions& options) {
  const auto plan = plan_of(options);
  if (!plan) return complain(plan.error().message);
  auto outputs = open_outputs(options);
  if (!outputs) return complain(outputs.error().message);
  catch_interrupts();
  const auto comparison = [&] {
    ProgressLine line;
    ComparisonControl control;
    control.interrupted = interrupted;
    control.progress = [&](const ComparisonProgress& progress) {
      const std::string& text = progress.now->strategy;
      line.show(progress.fraction, fmt::format("run {} of {}: {}, {} proposers", progress.runs_done + 1, progress.runs,
                                               text.substr(0, text.find(':')), progress.now->proposers));
    };
    return compare(*plan, control);
  }();
  if (!comparison) return complain(comparison.error().message, kFailed);
  const bool on_stdout = options.json == "-" || options.csv == "-";
  if (!on_stdout) print(*comparison);
  const auto written = write(*outputs, *comparison);
  if (comparison->stop == StopReason::violation) return complain("VIOLATION: " + comparison->violation, kViolation);
  if (!written) complain(written.error().message);
  if (interrupted()) return interrupt_exit_code();
  return written ? kOk : kBadInput;
}

}  // namespace

Job add_compare(CLI::App& app) {
  auto options = std::make_shared<CompareOptions>();
  app.add_option("--strategies", options->strategies,
                 "which, with parameters if you like: none,full_jitter:base=1R,cap=8R,lease [all]");
  app.add_option("--proposers", options->proposers, "how many contend, one table each [1,2,4,8,16]");
  app.add_option("--repetitions", options->repetitions, "runs of each point, in random order [5]");
  app.add_option("--json", options->json, "write the results here; - for standard output")->type_name("FILE");
  app.add_option("--csv", options->csv, "a line per run; - for standard output")->type_name("FILE");
  app.add_option("--plot", options->plot, "draw them: .svg, .png or .pdf")->type_name("FILE");
  options->experiment.add_to(app, defaults(), {"strategy", "proposers"});
  return [options] { return run(*options); };
}

}  // namespace paxoscope::cli
