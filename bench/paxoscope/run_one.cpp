#include "bench/paxoscope/run_one.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <optional>

#include "bench/paxoscope/comparison_options.h"
#include "bench/paxoscope/report_table.h"
#include "bench/paxoscope/table.h"
#include "bench/paxoscope/terminal.h"
#include "bench/paxoscope/trace_file.h"
#include "core/experiment/comparison.h"
#include "core/experiment/replay.h"
#include "core/experiment/runner.h"

namespace paxoscope::cli {

Expected<Report> run_with_progress(const Experiment& experiment, RunControl control) {
  catch_interrupts();
  ProgressLine line;
  control.interrupted = interrupted;
  control.progress = [&](const Progress& progress) {
    line.show(static_cast<double>(progress.elapsed) / static_cast<double>(progress.planned),
              fmt::format("{} decisions", short_number(static_cast<double>(progress.decisions))));
  };
  return run_experiment(experiment, control);
}

namespace {

std::string csv_of(const Report& report) {
  Comparison comparison;
  comparison.points.emplace_back().experiment = report.experiment;
  comparison.points.back().add(report);
  return to_csv(comparison);
}

}  // namespace

void add_trace_option(CLI::App& app, std::string& path) {
  app.add_option("--trace", path,
                 "write what every agent does here; what threads record faster than it is written is lost, and said")
      ->type_name("FILE");
}

ExitCode run_one(const Experiment& experiment, Outputs& outputs, const std::string& trace_path, TraceMode mode,
                 TraceSink* memory) {
  std::optional<TraceFile> trace;
  RunControl control;
  control.trace = memory;
  if (!trace_path.empty()) {
    auto file = TraceFile::create("--trace", trace_path, TraceSetting::of(experiment));
    if (!file) return complain(file.error().message);
    trace.emplace(std::move(*file));
    control.trace = &trace->sink();
    control.trace_mode = mode;
  }
  const auto report = run_with_progress(experiment, control);
  if (!report) return interrupted() ? interrupt_exit_code() : complain(report.error().message, kFailed);
  if (!outputs.on_stdout()) fmt::print("{}", report_table(*report));
  const std::string& failure = failure_of(*report);
  const auto json = [&] {
    nlohmann::json whole = to_json(*report, true);
    whole["machine"] = to_json(this_machine());
    return whole;
  };
  auto written = outputs.write(json, [&] { return csv_of(*report); });
  if (const auto closed = trace ? trace->close() : 0; written && !closed) written = tl::unexpected(closed.error());
  if (!written) complain(written.error().message);
  if (!failure.empty()) {
    return report_violation(failure, report->simulation ? std::optional(report->experiment) : std::nullopt);
  }
  if (interrupted()) return interrupt_exit_code();
  return written ? kOk : kBadInput;
}

}  // namespace paxoscope::cli
