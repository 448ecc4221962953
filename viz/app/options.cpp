#include "viz/app/options.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <string>
#include <vector>

#include "core/backoff/duration.h"
#include "viz/model/scenarios.h"

namespace paxoscope::viz {

namespace {

constexpr int kSmallest = 640, kLargest = 8192;  // pixels

// In the order of their enumerations.
const std::vector<std::string> kSides = {"inspect", "meters", "experiment", "capture"};
const std::vector<std::string> kLowers = {"messages", "ballots", "compare"};

std::string check_size(const std::string& text) {
  int width = 0, height = 0;
  char sign = 0, rest = 0;
  if (std::sscanf(text.c_str(), "%d%c%d%c", &width, &sign, &height, &rest) != 3 || sign != 'x' || width < kSmallest ||
      height < kSmallest * 3 / 4 || std::max(width, height) > kLargest) {
    return fmt::format("--size is {}; allowed: WIDTHxHEIGHT, {}x{} to {}x{}", text, kSmallest, kSmallest * 3 / 4,
                       kLargest, kLargest);
  }
  return "";
}

// CLI::Range lets "nan" pass: no comparison with it is true.
CLI::Validator in_range(double low, double high) {
  return CLI::Validator(
      [low, high](const std::string& text) {
        double value = 0;
        const bool fits = CLI::detail::lexical_cast(text, value) && value >= low && value <= high;
        return fits ? std::string() : fmt::format("{} is not allowed; allowed: {} to {}", text, low, high);
      },
      "");
}

std::string scenario_names() {
  std::string names;
  for (const Scenario& scenario : all_scenarios()) names += (names.empty() ? "" : ", ") + std::string(scenario.name);
  return names;
}

std::string one_line(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  while (!text.empty() && text.back() == ' ') text.pop_back();
  return text;
}

}  // namespace

Expected<Options> parse_options(int argc, char** argv) {
  Options options;
  std::string size, at, theme, side, lower;
  CLI::App app{"The window of Paxoscope: watch conflicts arise and resolve.", "paxos_viz"};
  app.add_option("TRACE", options.trace, "a trace file to look at");
  app.add_option("--scenario", options.scenario, "a scenario to open: " + scenario_names());
  app.add_option("--at", at, "where to begin in time, such as 1.2s or 350ms");
  app.add_option("--size", size, "of the window or the picture, in pixels [1600x1000]");
  app.add_option("--scale", options.scale, "of everything on the screen, 1.0 to 3.0 [as the display says]")
      ->check(in_range(1.0, 3.0));
  app.add_option("--theme", theme, "dark or light [as it was last time]")->check(CLI::IsMember({"dark", "light"}));
  app.add_option("--tour", options.tour, "the guided tour, from this step on [1]")
      ->expected(0, 1)
      ->default_str("1")
      ->check(in_range(1, 1000));
  app.add_flag("--by-value", options.by_value, "colours mean values, not owners of ballots");
  app.add_option("--screenshot", options.screenshot, "write one picture (PNG) and exit; needs no display");
  app.add_option("--export", options.export_to, "write what is on the screen as FILE.svg or FILE.png and exit");
  app.add_option("--gallery", options.gallery,
                 "write a picture of every scenario to this folder, PNG and SVG, and exit");
  app.add_option("--record", options.record, "write a picture for every frame to this folder and exit");
  app.add_option("--fps", options.fps, "pictures per second of --record [30]")->check(in_range(1.0, 120.0));
  app.add_option("--seconds", options.seconds, "how long --record goes on [8]")->check(in_range(0.1, 600.0));
  app.add_option("--speed", options.speed, "of playing, 0.001 to 1000 [1]")->check(in_range(0.001, 1000.0));
  app.add_flag("--measure", options.measure, "print what pictures cost at several zooms, without a display, and exit");
  app.add_flag("--narrate", options.narrate, "tell on stdout what happens in the window");
  app.add_option("--side", side, "inspect, meters, experiment or capture")->check(CLI::IsMember(kSides));
  app.add_option("--lower", lower, "messages, ballots or compare")->check(CLI::IsMember(kLowers));
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) {
      app.exit(error);
      options.exits = true;
      return options;
    }
    return fail(one_line(error.what()) + " (see paxos_viz --help)");
  }
  if (!size.empty()) {
    if (std::string wrong = check_size(size); !wrong.empty()) return fail(std::move(wrong));
    std::sscanf(size.c_str(), "%dx%d", &options.width, &options.height);
  }
  if (!at.empty()) {
    const auto time = Duration::parse(at);
    if (!time || at.ends_with('R'))
      return fail(fmt::format("--at is {}; allowed: a time such as 1.2s, 350ms or 20us", at));
    options.at = time->of(1);
  }
  if (!theme.empty()) options.dark = theme == "dark";
  const auto place_in = [](const std::vector<std::string>& names, const std::string& name) {
    return std::find(names.begin(), names.end(), name) - names.begin();
  };
  if (!side.empty()) options.side = static_cast<SidePanel>(place_in(kSides, side));
  if (!lower.empty()) options.lower = static_cast<LowerPanel>(place_in(kLowers, lower));
  if (!options.trace.empty() && !options.scenario.empty())
    return fail("a trace and a scenario are given; allowed: one of them");
  const auto ends_with = [&](std::string_view ending) { return std::string_view(options.export_to).ends_with(ending); };
  if (!options.export_to.empty() && !ends_with(".svg") && !ends_with(".png"))
    return fail(fmt::format("--export is {}; allowed: FILE.svg or FILE.png", options.export_to));
  return options;
}

}  // namespace paxoscope::viz
