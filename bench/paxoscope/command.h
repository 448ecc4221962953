// What every command of the command line has in common: its exit codes, and how it is entered into the table in main.
#pragma once

#include <functional>
#include <string_view>

namespace CLI {  // NOLINT(readability-identifier-naming): the library's name
class App;
}

namespace paxoscope::cli {

using ExitCode = int;
inline constexpr ExitCode kOk = 0;
inline constexpr ExitCode kFailed = 1;         // the machine refused something
inline constexpr ExitCode kBadInput = 2;       // an option, a file or an output path: one line on stderr says which
inline constexpr ExitCode kViolation = 3;      // something that must never happen was seen
inline constexpr ExitCode kIncomplete = 4;     // a trace from which something is missing, so that nothing can be sworn
inline constexpr ExitCode kInterrupted = 130;  // Ctrl-C; what there was by then is printed

// A command adds its options to its own sub-application and gives back what to do once they are parsed.
using Job = std::function<int()>;
struct CommandEntry {
  std::string_view name;
  std::string_view description;
  Job (*add)(CLI::App& app);
};

Job add_run(CLI::App& app);
Job add_compare(CLI::App& app);
Job add_sweep(CLI::App& app);
Job add_simulate(CLI::App& app);
Job add_list(CLI::App& app);
Job add_trace(CLI::App& app);
Job add_explore(CLI::App& app);
Job add_kv(CLI::App& app);
Job add_serve(CLI::App& app);

// One line on stderr; gives back `code`.
int complain(std::string_view message, ExitCode code = kBadInput);

}  // namespace paxoscope::cli
