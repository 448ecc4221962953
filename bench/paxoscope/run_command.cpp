// paxoscope run: one experiment, and everything it reports.
#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "bench/paxoscope/command.h"
#include "bench/paxoscope/experiment_options.h"
#include "bench/paxoscope/output_file.h"
#include "bench/paxoscope/table.h"
#include "bench/paxoscope/terminal.h"
#include "core/experiment/metrics.h"
#include "core/experiment/names.h"
#include "core/experiment/runner.h"

namespace paxoscope::cli {

namespace {

struct RunOptions {
  ExperimentOptions experiment;
  std::string json;
};

std::string_view why(StopReason reason) {
  switch (reason) {
    case StopReason::time: return "the measured time was over";
    case StopReason::decisions: return "--decisions-max was reached";
    case StopReason::operations: return "every proposer had done --operations-max";
    case StopReason::interrupted: return "it was interrupted: what follows is partial";
    case StopReason::violation: return "of a VIOLATION";
    case StopReason::events: return "the bound on events was reached";
    case StopReason::livelock: return "of a livelock: --rounds-max was reached";
  }
  return "?";
}

void print(const Report& report) {
  const Measurement& m = report.measurement;
  fmt::print("{}\n\n", describe(report.experiment));
  fmt::print("R = {}. Ended because {}, after {:.3f} s measured (warm-up {:.3f} s) on {} threads, {} cores{}.\n",
             shown_round_trip(report.round_trip), why(m.stop), static_cast<double>(m.measured) / 1e9,
             static_cast<double>(m.warm_up) / 1e9, m.threads, this_machine().cores,
             report.oversubscribed() ? " (more threads than cores: the OS scheduler is part of the result)" : "");
  if (!m.livelock.empty()) fmt::print("Livelock: {}.\n", m.livelock);
  if (!report.experiment.audit) {
    fmt::print("Not checked: the audit is off.\n");
  } else if (m.violation.empty()) {
    fmt::print("Checked: {} decisions over {} votes, no violation.\n", m.audit.chosen_ever, m.audit.votes);
  }
  Table table({{"figure", "", true}, {"value", ""}, {"unit", "", true}, {"meaning", "", true}});
  for (const Metric& metric : metrics()) {
    table.add({std::string(metric.name), short_number(metric.of(report)), std::string(metric.unit),
               std::string(metric.meaning)});
  }
  fmt::print("\n{}", table.to_string());
}

int run(const RunOptions& options) {
  const auto experiment = options.experiment.experiment();
  if (!experiment) return complain(experiment.error().message);
  std::optional<OutputFile> json;
  if (!options.json.empty()) {
    auto file = OutputFile::open("--json", options.json);
    if (!file) return complain(file.error().message);
    json.emplace(std::move(*file));
  }
  catch_interrupts();
  const auto report = [&] {
    ProgressLine line;
    RunControl control;
    control.interrupted = interrupted;
    control.progress = [&](const Progress& progress) {
      line.show(static_cast<double>(progress.elapsed) / static_cast<double>(progress.planned),
                fmt::format("{} decisions", short_number(static_cast<double>(progress.decisions))));
    };
    return run_experiment(*experiment, control);
  }();
  if (!report) return complain(report.error().message, kFailed);
  const bool json_on_stdout = options.json == "-";
  if (!json_on_stdout) print(*report);
  bool written = true;
  if (json) {
    nlohmann::json out = to_json(*report, true);
    out["machine"] = to_json(this_machine());
    const auto committed = json->commit(out.dump(2) + "\n");
    written = committed.has_value();
    if (!written) complain(committed.error().message);
  }
  if (report->measurement.stop == StopReason::violation) {
    return complain("VIOLATION: " + report->measurement.violation, kViolation);
  }
  if (interrupted()) return interrupt_exit_code();
  return written ? kOk : kBadInput;
}

}  // namespace

Job add_run(CLI::App& app) {
  auto options = std::make_shared<RunOptions>();
  options->experiment.add_to(app, Experiment{});
  app.add_option("--json", options->json, "write the whole report here; - for standard output")->type_name("FILE");
  return [options] { return run(*options); };
}

}  // namespace paxoscope::cli
