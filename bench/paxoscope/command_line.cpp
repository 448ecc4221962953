#include "bench/paxoscope/command_line.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <memory>
#include <string_view>
#include <utility>

#include "core/experiment/report.h"

namespace paxoscope::cli {

namespace {

constexpr auto kCommands = std::to_array<CommandEntry>({
    {"run", "run one experiment and report everything about it", add_run},
    {"compare", "compare backoff strategies over numbers of proposers", add_compare},
    {"simulate", "run one experiment in virtual time, under one seed or many; shrink a failing schedule", add_simulate},
    {"explore", "check every interleaving of a small world, and show the shortest violation", add_explore},
    {"trace", "record, inspect, check and convert traces", add_trace},
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

}  // namespace

Expected<Job> parse_command_line(const std::vector<std::string>& arguments) {
  auto app = std::make_shared<CLI::App>("Paxoscope: benchmark Paxos under contention and compare backoff strategies.",
                                        "paxoscope");
  app->set_version_flag("--version", fmt::format("paxoscope {} ({})", this_machine().version, this_machine().commit));
  app->require_subcommand(1);
  app->footer("Each command explains itself: paxoscope compare --help");
  std::vector<std::pair<CLI::App*, Job>> commands;
  std::string names;
  for (const CommandEntry& entry : kCommands) {
    names += (names.empty() ? "" : ", ") + std::string(entry.name);
    CLI::App* command = app->add_subcommand(std::string(entry.name), std::string(entry.description));
    commands.emplace_back(command, entry.add(*command));
  }
  const std::string_view first = arguments.empty() ? std::string_view() : arguments.front();
  const bool known =
      std::any_of(kCommands.begin(), kCommands.end(), [&](const CommandEntry& entry) { return entry.name == first; });
  if (!known && !first.starts_with('-')) {
    return fail(first.empty() ? fmt::format("a command is missing; allowed: {} (see paxoscope --help)", names)
                              : fmt::format("unknown command \"{}\"; allowed: {}", first, names));
  }
  try {
    app->parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));  // CLI11 takes them from the back
  } catch (const CLI::Success& success) {                                        // help or version
    return Job([app, success] { return app->exit(success); });
  } catch (const CLI::ParseError& error) {
    std::string where = "paxoscope";
    for (const auto& [command, job] : commands) {
      if (command->parsed()) where += " " + command->get_name();
    }
    return fail(fmt::format("{} (see {} --help)", one_line(error.what()), where));
  }
  for (const auto& [command, job] : commands) {
    if (command->parsed()) return Job([app, job = job] { return job(); });
  }
  return fail("a command is missing");
}

int complain(std::string_view message, ExitCode code) {
  fmt::print(stderr, "paxoscope: {}\n", message);
  return code;
}

}  // namespace paxoscope::cli
