#include "bench/paxoscope/command_line.h"

#include <fmt/core.h>

#include <CLI/CLI.hpp>
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
    {"sweep", "vary what you like, and answer what only many experiments can", add_sweep},
    {"simulate", "run one experiment in virtual time, under one seed or many; shrink a failing schedule", add_simulate},
    {"explore", "check every interleaving of a small world, and show the shortest violation", add_explore},
    {"trace", "record, inspect, check and convert traces", add_trace},
    {"kv", "set, get and list keys of the store, once or in a shell", add_kv},
    {"serve", "serve one acceptor over gRPC, with a log that outlives it", add_serve},
    {"list", "list the strategies, or the figures of a report", add_list},
});

// CLI11's own words, in one line; "--json: 1 required FILE missing" is said more plainly.
std::string one_line(std::string text) {
  if (const std::size_t at = text.find(": 1 required"); at != std::string::npos)
    return text.substr(0, at) + " needs a value";
  while (!text.empty() && text.back() == '\n') text.pop_back();
  for (char& c : text) {
    if (c == '\n') c = ' ';
  }
  return text;
}

// The command below `app` that the word at `index` names; null when there are none, or the word is an option. `where`
// goes before the error, which names them all.
Expected<CLI::App*> find_command(CLI::App& app, std::string_view where, const std::vector<std::string>& arguments,
                                 std::size_t index) {
  const std::string_view word = index < arguments.size() ? std::string_view(arguments[index]) : std::string_view();
  std::string names;
  for (CLI::App* command : app.get_subcommands([](CLI::App*) { return true; })) {
    if (command->get_name() == word) return command;
    names += (names.empty() ? "" : ", ") + command->get_name();
  }
  if (names.empty() || word.starts_with('-')) return nullptr;
  return fail(word.empty() ? fmt::format("{}a command is missing; allowed: {} (see paxoscope --help)", where, names)
                           : fmt::format("{}unknown command \"{}\"; allowed: {}", where, word, names));
}

}  // namespace

Expected<Job> parse_command_line(const std::vector<std::string>& arguments) {
  auto app = std::make_shared<CLI::App>("Paxoscope: benchmark Paxos under contention and compare backoff strategies.",
                                        "paxoscope");
  app->set_version_flag("--version", fmt::format("paxoscope {} ({})", this_machine().version, this_machine().commit));
  app->require_subcommand(1);
  app->footer("Each command explains itself: paxoscope compare --help");
  // Only the command that is asked for gets its options: to make those of all takes longer than most commands.
  const auto word = std::ranges::find_if(arguments, [](const std::string& a) { return !a.starts_with('-'); });
  std::string where = "paxoscope";
  Job job;
  for (const CommandEntry& entry : kCommands) {
    CLI::App* command = app->add_subcommand(std::string(entry.name), std::string(entry.description));
    if (word == arguments.end() || *word != entry.name) continue;
    job = entry.add(*command);
    where += " " + *word;
  }
  Expected<CLI::App*> named = find_command(*app, "", arguments, 0);
  if (named && *named != nullptr) named = find_command(**named, std::string((*named)->get_name()) + ": ", arguments, 1);
  if (!named) return tl::unexpected(named.error());
  if (!arguments.empty() && arguments.front().starts_with("-") && arguments.front() != "-h" &&
      arguments.front() != "--help" && arguments.front() != "--version") {
    return fail(fmt::format("{} comes before any command; allowed there: --help, --version", arguments.front()));
  }
  // CLI11 would take the next option for the value.
  for (const std::string& argument : arguments) {
    if (argument == "--") break;
    if (argument.starts_with("--") && argument.ends_with('=')) {
      return fail(fmt::format("{} needs a value", argument.substr(0, argument.size() - 1)));
    }
  }
  try {
    app->parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));  // CLI11 takes them from the back
  } catch (const CLI::Success& success) {                                        // help or version
    return Job([app, success] { return app->exit(success); });
  } catch (const CLI::ParseError& error) {
    return fail(fmt::format("{} (see {} --help)", one_line(error.what()), where));
  }
  return Job([app, job = std::move(job)] { return job(); });
}

int complain(std::string_view message, ExitCode code) {
  std::fflush(stdout);  // where both go to one place, in the order that they were said
  fmt::print(stderr, "paxoscope: {}\n", message);
  return code;
}

}  // namespace paxoscope::cli
