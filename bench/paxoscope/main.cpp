// paxoscope: what happens when many proposers fight over Paxos, from a terminal.
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include "bench/paxoscope/command.h"
#include "core/experiment/report.h"

namespace paxoscope::cli {

namespace {

constexpr auto kCommands = std::to_array<CommandEntry>({
    {"run", "run one experiment and report everything about it", add_run},
    {"compare", "compare backoff strategies over numbers of proposers", add_compare},
    {"simulate", "run one experiment in virtual time, under one seed or many; shrink a failing schedule", add_simulate},
    {"list", "list the strategies, the figures and the members of an experiment", add_list},
});

// CLI11's own words, in one line.
std::string one_line(std::string text) {
  while (!text.empty() && text.back() == '\n') text.pop_back();
  for (char& c : text) {
    if (c == '\n') c = ' ';
  }
  return text;
}

int dispatch(int argc, char** argv) {
  CLI::App app{"Paxoscope: benchmark Paxos under contention and compare backoff strategies.", "paxoscope"};
  app.set_version_flag("--version", fmt::format("paxoscope {} ({})", this_machine().version, this_machine().commit));
  app.require_subcommand(1);
  app.footer("Each command explains itself: paxoscope compare --help");
  std::vector<std::pair<CLI::App*, Job>> commands;
  std::string names;
  for (const CommandEntry& entry : kCommands) {
    names += (names.empty() ? "" : ", ") + std::string(entry.name);
    CLI::App* command = app.add_subcommand(std::string(entry.name), std::string(entry.description));
    commands.emplace_back(command, entry.add(*command));
  }
  const std::string_view first = argc > 1 ? argv[1] : "";
  const bool known =
      std::any_of(kCommands.begin(), kCommands.end(), [&](const CommandEntry& entry) { return entry.name == first; });
  if (!known && !first.starts_with('-')) {
    return complain(first.empty() ? fmt::format("a command is missing; allowed: {} (see paxoscope --help)", names)
                                  : fmt::format("unknown command \"{}\"; allowed: {}", first, names));
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);
    std::string where = "paxoscope";
    for (const auto& [command, job] : commands) {
      if (command->parsed()) where += " " + command->get_name();
    }
    return complain(fmt::format("{} (see {} --help)", one_line(error.what()), where));
  }
  for (const auto& [command, job] : commands) {
    if (command->parsed()) return job();
  }
  return kBadInput;
}

}  // namespace

int complain(std::string_view message, ExitCode code) {
  fmt::print(stderr, "paxoscope: {}\n", message);
  return code;
}

}  // namespace paxoscope::cli

int main(int argc, char** argv) {
  try {
    return paxoscope::cli::dispatch(argc, argv);
  } catch (const std::exception& error) {
    return paxoscope::cli::complain(error.what(), paxoscope::cli::kFailed);
  }
}
