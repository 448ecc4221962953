// paxoscope trace: record what every agent does, look into a trace, judge it by the rules, convert it for other tools.
#include <fmt/format.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <system_error>

#include "bench/paxoscope/command.h"
#include "bench/paxoscope/experiment_options.h"
#include "bench/paxoscope/output_file.h"
#include "bench/paxoscope/run_one.h"
#include "bench/paxoscope/story.h"
#include "bench/paxoscope/table.h"
#include "bench/paxoscope/terminal.h"
#include "bench/paxoscope/trace_file.h"
#include "core/check/trace_check.h"
#include "core/counted.h"
#include "core/experiment/names.h"
#include "core/experiment/replay.h"
#include "core/experiment/runner.h"
#include "core/trace/event_names.h"
#include "core/trace/export.h"
#include "core/trace/info.h"

namespace paxoscope::cli {

namespace {

Expected<std::unique_ptr<std::ifstream>> open_trace(const std::string& path) {
  errno = 0;
  auto in = std::make_unique<std::ifstream>(path, std::ios::binary);
  const bool readable = *in && in->peek() != std::ifstream::traits_type::eof();
  if (readable) return in;
  std::error_code ignored;
  const std::string why = std::filesystem::is_directory(path, ignored) ? "it is a folder"
                          : in->is_open()                              ? "it is empty"
                                                                       : std::generic_category().message(errno);
  return fail(fmt::format("cannot read \"{}\" ({}); allowed: a file that \"trace record\" wrote", path, why));
}

int complain_about(const std::string& path, const Error& error, ExitCode code = kBadInput) {
  return complain(fmt::format("{}: {}", path, error.message), code);
}

// What there was to read has been read; says what is not there.
int judge_status(const std::string& path, const TraceStatus& status) {
  if (status.error) return complain_about(path, *status.error, kIncomplete);
  if (status.complete()) return kOk;
  return complain(
      fmt::format("{}: recorded and lost: {}, in {}; without an end: {}", path, counted(status.missing, "event"),
                  counted(status.gaps.size(), "gap"), counted(status.open_ended, "agent")),
      kIncomplete);
}

// record

struct RecordOptions {
  std::string path;
  ExperimentOptions experiment;
};

int record(const RecordOptions& options) {
  const auto experiment = options.experiment.experiment();
  if (!experiment) return complain(experiment.error().message);
  auto file = TraceFile::create("trace record", options.path, TraceSetting::of(*experiment));
  if (!file) return complain(file.error().message);
  RunControl control;
  control.trace = &file->sink();
  control.trace_mode = TraceMode::whole;
  const auto report = run_with_progress(*experiment, control);
  if (!report) return complain(report.error().message, kFailed);
  const std::uint64_t events = file->events();
  const auto size = file->close();
  if (failure_of(*report).empty() && !size) return complain(size.error().message);
  fmt::print("{}\n\n{} events of {} decisions, {:.1f} MB. To judge them: paxoscope trace check {}\n",
             describe(*experiment), events, report->measurement.audit.chosen_ever,
             static_cast<double>(size.value_or(0)) / 1e6, options.path);
  if (!failure_of(*report).empty()) return complain("VIOLATION: " + failure_of(*report), kViolation);
  return interrupted() ? interrupt_exit_code() : static_cast<int>(kOk);
}

Job add_record(CLI::App& app) {
  auto options = std::make_shared<RecordOptions>();
  app.add_option("FILE", options->path, "the trace to write; it can be read while the run goes on")->required();
  Experiment defaults;
  defaults.proposers = 3;
  defaults.warm_up_s = 0;
  defaults.decisions_max = 10'000;
  options->experiment.add_to(app, defaults);
  return [options] { return record(*options); };
}

// info

void print_info(const std::string& path, const TraceInfo& info) {
  if (const auto setting = parse_trace_metadata(info.metadata)) {
    const Quorums& quorums = setting->rules.quorums;
    fmt::print("{}: {}, {} with quorums of {} and {}, {}, learning {}, seed {}\n", path, setting->engine,
               counted(static_cast<std::uint64_t>(quorums.acceptors()), "acceptor"), quorums.size(Phase::prepare),
               quorums.size(Phase::accept), counted(setting->proposers, "proposer"), name_of(setting->rules.learning),
               setting->seed);
    if (!setting->command.empty()) fmt::print("made by: {}\n", setting->command);
  } else {
    fmt::print("{}: {}\n", path, setting.error().message);
  }
  fmt::print(
      "{} events from {:.6f} to {:.6f} s on {} instances, {} of them learned by some proposer; {}\n\n",
      info.status.events, static_cast<double>(info.first) / 1e9, static_cast<double>(info.last) / 1e9, info.instances,
      info.decided,
      info.status.complete() ? "nothing is missing" : fmt::format("{} known to be missing", info.status.missing));
  Table kinds({{"event", "", true}, {"count", ""}});
  for (std::size_t kind = 0; kind < kEventKinds; ++kind) {
    if (info.by_kind[kind] == 0) continue;
    kinds.add({std::string(name_of(static_cast<EventKind>(kind))), fmt::format("{}", info.by_kind[kind])});
  }
  Table agents({{"agent", "", true}, {"events", ""}, {"first", "s"}, {"last", "s"}});
  for (const AgentInfo& agent : info.agents) {
    agents.add({agent_name(agent.kind, agent.agent), fmt::format("{}", agent.events),
                fmt::format("{:.6f}", static_cast<double>(agent.first) / 1e9),
                fmt::format("{:.6f}", static_cast<double>(agent.last) / 1e9)});
  }
  fmt::print("{}\n{}", kinds.to_string(), agents.to_string());
}

int info(const std::string& path) {
  const auto in = open_trace(path);
  if (!in) return complain(in.error().message);
  const auto found = summarise_trace(**in);
  if (!found) return complain_about(path, found.error());
  print_info(path, *found);
  return judge_status(path, found->status);
}

// check

int check(const std::string& path) {
  const auto in = open_trace(path);
  if (!in) return complain(in.error().message);
  const auto reader = TraceReader::open(**in);
  if (!reader) return complain_about(path, reader.error());
  const auto setting = parse_trace_metadata(reader->metadata());
  if (!setting) {
    const auto status = reader->status();
    return complain_about(path, status.error ? *status.error : setting.error(), kIncomplete);
  }
  (*in)->seekg(0, std::ios::end);
  const auto size = static_cast<double>((*in)->tellg());
  catch_interrupts();
  const auto verdict = [&] {
    ProgressLine line;
    return check_trace(**in, {.quorums = setting->rules.quorums, .learning = setting->rules.learning},
                       [&](std::uint64_t events) {
                         line.show(static_cast<double>(events * sizeof(PackedEvent)) / size,
                                   fmt::format("{} events", short_number(static_cast<double>(events))));
                         return !interrupted();
                       });
  }();
  if (!verdict) return complain_about(path, verdict.error());
  fmt::print("{}", to_string(*verdict));
  if (interrupted()) return interrupt_exit_code();
  const RuleReport& rules = verdict->rules;
  switch (rules.verdict) {
    case RuleReport::Verdict::ok: return kOk;
    case RuleReport::Verdict::violation: {
      const Violation& first = rules.violations.front();
      return complain(fmt::format("VIOLATION of R{}, key {} version {}: {}", first.rule, first.instance.key,
                                  first.instance.ver, first.sentence),
                      kViolation);
    }
    case RuleReport::Verdict::incomplete:
      return complain(fmt::format("{}: incomplete: no rule is broken by what is there, but {}", path,
                                  rules.missing.empty() ? "events are missing" : rules.missing.front()),
                      kIncomplete);
  }
  return kFailed;
}

// story

int story(const std::string& path) {
  const auto in = open_trace(path);
  if (!in) return complain(in.error().message);
  auto trace = read_trace(**in);
  if (!trace) return complain_about(path, trace.error());
  const auto setting = parse_trace_metadata(trace->metadata);
  if (!setting) return complain_about(path, trace->status.error.value_or(setting.error()), kIncomplete);
  order_by_time(trace->events);
  tell_story(trace->events, {.quorums = setting->rules.quorums, .learning = setting->rules.learning});
  return judge_status(path, trace->status);
}

// convert

struct ConvertOptions {
  std::string path, format, out = "-";
};

int convert(const ConvertOptions& options) {
  std::string names;
  bool known = false;
  for (const ExportFormat& format : export_formats()) {
    names += (names.empty() ? "" : ", ") + std::string(format.name);
    known |= format.name == options.format;
  }
  if (!known) return complain(fmt::format("--to is \"{}\"; allowed: {}", options.format, names));
  const auto in = open_trace(options.path);
  if (!in) return complain(in.error().message);
  auto file = OutputFile::open("--out", options.out);
  if (!file) return complain(file.error().message);
  std::ofstream stream;
  if (!file->partial().empty()) stream.open(file->partial(), std::ios::binary);
  std::ostream& out = stream.is_open() ? stream : std::cout;
  const auto status = convert_trace(**in, options.format, out);
  if (!out)
    return complain(
        fmt::format("--out: \"{}\" could not be written to the end; allowed: where there is room", options.out));
  if (!status) return complain_about(options.path, status.error());
  stream.close();
  if (const auto written = file->commit_written(); !written) return complain(written.error().message);
  return judge_status(options.path, *status);
}

Job add_convert(CLI::App& app) {
  auto options = std::make_shared<ConvertOptions>();
  app.add_option("FILE", options->path, "the trace to read")->required();
  std::string formats;
  for (const ExportFormat& format : export_formats()) {
    formats += fmt::format("{}{}: {}", formats.empty() ? "" : "; ", format.name, format.description);
  }
  app.add_option("--to", options->format, formats)->required()->type_name("FORMAT");
  app.add_option("--out", options->out, "where to write it; - for standard output")->type_name("FILE");
  return [options] { return convert(*options); };
}

Job add_reading(CLI::App& app, int (*job)(const std::string& path)) {
  auto path = std::make_shared<std::string>();
  app.add_option("FILE", *path, "the trace to read, whole, cut short or still being written")->required();
  return [path, job] { return job(*path); };
}

}  // namespace

Job add_trace(CLI::App& app) {
  app.require_subcommand(1);
  app.footer("Exit codes: 0; 3 when a rule is broken; 4 when something is missing, so that nothing can be sworn.");
  auto jobs = std::make_shared<std::vector<std::pair<CLI::App*, Job>>>();
  const auto add = [&](const char* name, const char* description, const auto& add_options) {
    CLI::App* command = app.add_subcommand(name, description);
    jobs->emplace_back(command, add_options(*command));
  };
  add("record", "run an experiment and write what every agent does; the run waits for the file, so nothing is lost",
      add_record);
  add("info", "what is in a trace", [](CLI::App& command) { return add_reading(command, info); });
  add("check", "judge a trace by the rules R1 to R10", [](CLI::App& command) { return add_reading(command, check); });
  add("story", "tell a trace in sentences; of one that breaks a rule, the instance where that shows",
      [](CLI::App& command) { return add_reading(command, story); });
  add("convert", "write a trace in another format", add_convert);
  return [jobs] {
    for (const auto& [command, job] : *jobs) {
      if (command->parsed()) return job();
    }
    return static_cast<int>(kBadInput);
  };
}

}  // namespace paxoscope::cli
