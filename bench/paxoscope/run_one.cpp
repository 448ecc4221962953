#include "bench/paxoscope/run_one.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <optional>

#include "bench/paxoscope/comparison_options.h"
#include "bench/paxoscope/report_table.h"
#include "bench/paxoscope/table.h"
#include "bench/paxoscope/terminal.h"
#include "core/experiment/comparison.h"
#include "core/experiment/replay.h"
#include "core/experiment/runner.h"

namespace paxoscope::cli {

namespace {

Expected<Report> with_progress(const Experiment& experiment) {
  ProgressLine line;
  RunControl control;
  control.interrupted = interrupted;
  control.progress = [&](const Progress& progress) {
    line.show(static_cast<double>(progress.elapsed) / static_cast<double>(progress.planned),
              fmt::format("{} decisions", short_number(static_cast<double>(progress.decisions))));
  };
  return run_experiment(experiment, control);
}

std::string csv_of(const Report& report) {
  Comparison comparison;
  comparison.points.emplace_back().experiment = report.experiment;
  comparison.points.back().add(report);
  return to_csv(comparison);
}

}  // namespace

ExitCode run_one(const Experiment& experiment, Outputs& outputs) {
  catch_interrupts();
  const auto report = with_progress(experiment);
  if (!report) return complain(report.error().message, kFailed);
  if (!outputs.on_stdout()) fmt::print("{}", report_table(*report));
  const std::string& failure = failure_of(*report);
  nlohmann::json json = to_json(*report, true);
  json["machine"] = to_json(this_machine());
  const auto written = outputs.write(json, [&] { return csv_of(*report); });
  if (!written) complain(written.error().message);
  if (!failure.empty()) {
    return report_violation(failure, report->simulation ? std::optional(report->experiment) : std::nullopt);
  }
  if (interrupted()) return interrupt_exit_code();
  return written ? kOk : kBadInput;
}

}  // namespace paxoscope::cli
