// Any bytes as a command line, an argument a line: refused in one line, or understood, and then what it asks for is an
// experiment that is valid. Nothing is run, and no file is opened.
#include <sstream>
#include <vector>

#include "bench/paxoscope/command_line.h"
#include "bench/paxoscope/experiment_options.h"
#include "tests/fuzz/fuzz.h"

namespace paxoscope::fuzz {

namespace {

// The options of an experiment, as every command has them.
void parse_experiment_options(const std::vector<std::string>& arguments) {
  CLI::App app;
  cli::ExperimentOptions options;
  options.add_to(app, Experiment{});
  std::vector<const char*> words{"paxoscope"};
  for (const std::string& argument : arguments) {
    if (argument.find("--exp") == 0) return;  // it would read a file
    words.push_back(argument.c_str());
  }
  try {
    app.parse(static_cast<int>(words.size()), words.data());
  } catch (const CLI::Error&) {
    return;
  }
  const auto experiment = options.experiment();
  if (!experiment) return require_line(experiment.error());
  require(experiment->validated().has_value());
  require(!cli::describe(*experiment).empty());
}

}  // namespace

int command_line(const std::uint8_t* data, std::size_t size) {
  std::istringstream lines(std::string(reinterpret_cast<const char*>(data), size));
  std::vector<std::string> arguments;
  for (std::string line; std::getline(lines, line);) {
    if (line.find('\0') == std::string::npos) arguments.push_back(line);  // no argument holds one
  }
  if (const auto job = cli::parse_command_line(arguments); !job) require_line(job.error());
  if (!arguments.empty()) arguments.erase(arguments.begin());
  parse_experiment_options(arguments);
  return 0;
}

}  // namespace paxoscope::fuzz
