// paxos_viz: an oscilloscope for consensus.
#include <fmt/core.h>

#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>

#include "viz/app/options.h"
#include "viz/app/studio.h"
#include "viz/app/window.h"
#include "viz/model/replay.h"
#include "viz/model/scenarios.h"
#include "viz/view/scope.h"

namespace paxoscope::viz {

namespace {

constexpr int kBadInput = 2;  // or no display, or no OpenGL: one line on stderr says which

int complain(const Error& error) {
  fmt::print(stderr, "paxos_viz: {}\n", error.message);
  return kBadInput;
}

// A variable of the environment; empty: it is not set.
std::string variable(char** environment, std::string_view name) {
  for (char** at = environment; *at != nullptr; ++at) {
    const std::string_view entry = *at;
    if (entry.starts_with(name) && entry.substr(name.size()).starts_with('=')) return *at + name.size() + 1;
  }
  return "";
}

// Where what is remembered lies; empty: there is no home.
std::string settings_path(char** environment) {
  const std::string config = variable(environment, "XDG_CONFIG_HOME"), home = variable(environment, "HOME");
  if (!config.empty()) return config + "/paxoscope/window";
  return home.empty() ? "" : home + "/.config/paxoscope/window";
}

Settings load_settings(const std::string& path) {
  std::ifstream file(path);
  return Settings::from_text({std::istreambuf_iterator<char>(file), {}});
}

// Not being able to remember is no reason to complain.
void save_settings(const Settings& settings, const std::string& path) {
  std::error_code ignored;
  std::filesystem::create_directories(std::filesystem::path(path).parent_path(), ignored);
  std::ofstream(path) << settings.to_text();
}

Expected<std::unique_ptr<Source>> open_file(const std::string& path) {
  auto trace = open_trace(path);
  if (!trace) return tl::unexpected(trace.error());
  return std::unique_ptr<Source>(std::move(*trace));
}

int start(int argc, char** argv, char** environment) {
  const auto options = parse_options(argc, argv);
  if (!options) return complain(options.error());
  if (options->exits) return 0;
  const std::string name = !options->trace.empty()      ? options->trace
                           : !options->scenario.empty() ? options->scenario
                                                        : "example_1_single_proposer";
  auto source = options->trace.empty() ? open_scenario(name) : open_file(name);
  if (!source) return complain(source.error());
  Scope scope(std::move(*source), name);
  if (const auto* replay = dynamic_cast<const ReplaySource*>(&scope.source()); replay && !replay->remark().empty()) {
    fmt::print(stderr, "paxos_viz: {}\n", replay->remark());
    scope.say(replay->remark());
  }
  const std::string path = settings_path(environment);
  // A picture depends on its options only, not on what somebody did in the window before.
  Settings settings = options->pictures() ? Settings{} : load_settings(path);
  if (options->dark) settings.dark = *options->dark;
  if (options->by_value) settings.colour_by = ColourBy::value;
  if (options->lower) settings.lower = *options->lower;
  if (options->side) settings.side = *options->side;
  if (options->width > 0) {
    settings.width = options->width;
    settings.height = options->height;
  }
  if (options->at) scope.jump(*options->at);
  scope.playback().set_speed(options->speed);
  if (options->pictures()) {
    const auto taken = take_pictures(scope, settings, *options);
    return taken ? 0 : complain(taken.error());
  }
  const auto shown = show_window(scope, settings, *options);
  if (!shown) return complain(shown.error());
  save_settings(settings, path);
  return 0;
}

}  // namespace

}  // namespace paxoscope::viz

int main(int argc, char** argv, char** environment) {
  try {
    return paxoscope::viz::start(argc, argv, environment);
  } catch (const std::exception& error) {
    fmt::print(stderr, "paxos_viz: {}\n", error.what());
    return 1;
  }
}
