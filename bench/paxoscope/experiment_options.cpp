#include "bench/paxoscope/experiment_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <sstream>
#include <type_traits>
#include <vector>

#include "core/experiment/fields.h"
#include "core/experiment/runner.h"

namespace paxoscope::cli {

namespace {

template <class T>
std::string shown(const T& value) {
  if constexpr (std::is_enum_v<T>) {
    return std::string(name_in_table(value));
  } else if constexpr (std::is_same_v<T, bool>) {
    return value ? "true" : "false";
  } else {
    return fmt::format("{}", value);
  }
}

std::string_view unit_of(std::string_view member) {
  if (member.ends_with("_us")) return "us";
  if (member.ends_with("_s")) return "s";
  return "";
}

std::string with_unit(std::string_view member, const std::string& text) {
  return unit_of(member).empty() ? text : fmt::format("{}{}", text, unit_of(member));
}

template <class Integer>
bool parse_integer(std::string_view text, Integer& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() && !text.empty();
}

// Adds an option for each member.
struct Adder {
  CLI::App& app;
  const std::set<std::string_view>& except;
  std::map<std::string, std::string, std::less<>>& texts;
  std::map<std::string, CLI::Option*, std::less<>>& options;

  template <class T>
  void operator()(std::string_view name, std::string_view help, const T& value, T low, T high) {
    add(name, fmt::format("{} [{}; {} to {}]", help, with_unit(name, shown(value)), low, high));
  }
  template <class T>
  void operator()(std::string_view name, std::string_view help, const T& value) {
    std::string allowed;
    if constexpr (std::is_enum_v<T>) allowed = "; " + allowed_names<T>();
    if constexpr (std::is_same_v<T, bool>) allowed = "; true, false";
    add(name, fmt::format("{} [{}{}]", help, shown(value), allowed));
  }
  void add(std::string_view name, const std::string& help) {
    if (except.contains(name)) return;
    const std::string key(name);
    options[key] = app.add_option(option_name(name), texts[key], help)->type_name("")->group("Experiment");
  }
};

// Reads the texts that were given into an Experiment.
struct Setter {
  const std::map<std::string, std::string, std::less<>>& texts;
  const std::map<std::string, CLI::Option*, std::less<>>& options;
  std::string problem = {};

  const std::string* given(std::string_view name) const {
    const auto option = options.find(name);
    if (!problem.empty() || option == options.end() || option->second->count() == 0) return nullptr;
    return &texts.find(name)->second;
  }
  void wrong(std::string_view name, std::string_view text, std::string_view allowed) {
    problem = fmt::format("{} is \"{}\"; allowed: {}", option_name(name), text, allowed);
  }

  template <class T>
  void operator()(std::string_view name, std::string_view, T& value, T low, T high) {
    const std::string* text = given(name);
    if (text == nullptr) return;
    T parsed{};
    bool fits = false;
    if constexpr (std::is_integral_v<T>) {
      fits = parse_integer(*text, parsed);
    } else {
      const auto number = parse_number(name, *text);
      fits = number.has_value();
      parsed = number.value_or(0);
    }
    if (!fits || !(parsed >= low && parsed <= high)) {
      return wrong(name, *text, fmt::format("{} to {}", low, with_unit(name, shown(high))));
    }
    value = parsed;
  }
  template <class T>
  void operator()(std::string_view name, std::string_view, T& value) {
    const std::string* text = given(name);
    if (text == nullptr) return;
    if constexpr (std::is_enum_v<T>) {
      const auto parsed = parse_name<T>(option_name(name), *text);
      if (!parsed) return void(problem = parsed.error().message);
      value = *parsed;
    } else if constexpr (std::is_same_v<T, bool>) {
      if (*text != "true" && *text != "false") return wrong(name, *text, "true, false");
      value = *text == "true";
    } else {
      value = *text;
    }
  }
};

Expected<std::string> read_file(const std::string& path) {
  constexpr std::size_t kMost = std::size_t{16} << 20U;
  std::ifstream in(path);
  std::string text(kMost + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!in.is_open() || in.bad()) return fail(fmt::format("--experiment: cannot read \"{}\"", path));
  if (in.gcount() > static_cast<std::streamsize>(kMost)) {
    return fail(fmt::format("--experiment: \"{}\" is longer than 16 MiB", path));
  }
  text.resize(static_cast<std::size_t>(in.gcount()));
  return text;
}

struct Describer {
  const std::set<std::string_view>& except;
  std::string out = {};

  template <class T>
  void operator()(std::string_view name, std::string_view, const T& value, T, T) {
    line(name, with_unit(name, shown(value)));
  }
  template <class T>
  void operator()(std::string_view name, std::string_view, const T& value) {
    line(name, shown(value));
  }
  void line(std::string_view name, const std::string& value) {
    if (!except.contains(name)) fmt::format_to(std::back_inserter(out), "{}={} ", option_name(name), value);
  }
};

}  // namespace

std::string option_name(std::string_view member) {
  const std::string_view unit = unit_of(member);
  if (!unit.empty()) member.remove_suffix(unit.size() + 1);
  std::string name = "--" + std::string(member);
  std::replace(name.begin(), name.end(), '_', '-');
  return name;
}

Expected<double> parse_number(std::string_view member, std::string_view text) {
  double value = 0;
  const char* last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, value);
  const std::string_view unit(end, static_cast<std::size_t>(last - end));
  if (error != std::errc() || !std::isfinite(value)) return fail("not a number");
  if (unit.empty()) return value;
  const std::string_view own = unit_of(member);
  static constexpr std::pair<std::string_view, double> kUnits[] = {{"ns", 1e-9}, {"us", 1e-6}, {"ms", 1e-3}, {"s", 1}};
  for (const auto& [name, seconds] : kUnits) {
    if (!own.empty() && unit == name) return value * seconds / (own == "s" ? 1 : 1e-6);
  }
  return fail("not a number with a unit of time");
}

Expected<std::vector<std::uint32_t>> parse_counts(std::string_view option, std::string_view text, std::uint32_t low,
                                                  std::uint32_t high) {
  std::vector<std::uint32_t> counts;
  std::istringstream parts{std::string(text) + ","};
  for (std::string part; std::getline(parts, part, ',');) {
    std::uint32_t count = 0;
    if (!parse_integer(part, count) || count < low || count > high) {
      return fail(fmt::format("{} is \"{}\"; allowed: numbers from {} to {}, such as 1,2,4", option, text, low, high));
    }
    if (std::find(counts.begin(), counts.end(), count) != counts.end()) {
      return fail(fmt::format("{} names {} twice; allowed: each number once", option, count));
    }
    counts.push_back(count);
  }
  return counts;
}

Expected<std::uint32_t> parse_count(std::string_view option, std::string_view text, std::uint32_t low,
                                    std::uint32_t high) {
  std::uint32_t count = 0;
  if (parse_integer(text, count) && count >= low && count <= high) return count;
  return fail(fmt::format("{} is \"{}\"; allowed: {} to {}", option, text, low, high));
}

void ExperimentOptions::add_to(CLI::App& app, const Experiment& defaults, const std::set<std::string_view>& except) {
  defaults_ = defaults;
  app.add_option("--experiment", file_, "a JSON file with an experiment, changed by the options below")
      ->type_name("FILE")
      ->group("Experiment");
  visit_fields(defaults_, Adder{app, except, given_, options_});
}

bool ExperimentOptions::given(std::string_view member) const {
  const auto option = options_.find(member);
  return option != options_.end() && option->second->count() > 0;
}

bool ExperimentOptions::changed(std::string_view member) const {
  if (!given(member)) return false;
  const std::string standard = describe(defaults_);
  return standard.find(fmt::format("{}={} ", option_name(member), given_.find(member)->second)) == std::string::npos;
}

Expected<bool> ExperimentOptions::heeded_by(const std::vector<Engine>& engines) const {
  const auto has = [&](Engine engine) { return std::find(engines.begin(), engines.end(), engine) != engines.end(); };
  const auto refuse = [](std::string_view member, std::string_view engine) {
    return fail(fmt::format("{} needs another engine; allowed: with --engine={}", option_name(member), engine));
  };
  if (!has(Engine::simulation) && changed("network")) return refuse("network", "simulation");
  const bool threads = has(Engine::threads) && !given("peers");  // which are the acceptors then
  if (!has(Engine::simulation) && !threads && changed("faults")) return refuse("faults", "simulation or threads");
  for (const char* member : {"workers", "wait", "pin"}) {
    if (!threads && changed(member)) return refuse(member, given("peers") ? "threads, without --peers" : "threads");
  }
  return true;
}

Expected<Experiment> ExperimentOptions::experiment(const Experiment& defaults, std::optional<Engine> engine) const {
  Experiment experiment = defaults;
  if (!file_.empty()) {
    const auto text = read_file(file_);
    if (!text) return tl::unexpected(text.error());
    const auto parsed = parse_experiment(*text);
    if (!parsed) return fail(fmt::format("{}: {}", file_, parsed.error().message));
    experiment = *parsed;
  }
  experiment.engine = engine.value_or(experiment.engine);
  Setter setter{given_, options_};
  visit_fields(experiment, setter);
  if (!setter.problem.empty()) return fail(setter.problem);
  auto valid = experiment.validated();
  if (valid) set_times(*valid);
  return valid;
}

void ExperimentOptions::set_times(Experiment& experiment) const {
  const bool endless = experiment.engine == Engine::simulation && experiment.operations_max == 0 &&
                       experiment.decisions_max == 0 && file_.empty();
  if (!endless) return;
  const double round_trip_s = static_cast<double>(round_trip_of(experiment).value()) / 1e9;
  if (!given("warm_up_s")) experiment.warm_up_s = std::min(20 * round_trip_s, 3'600.0);
  if (!given("duration_s")) experiment.duration_s = std::clamp(100 * round_trip_s, 1e-6, 86'400.0);
}

std::string describe(const Experiment& experiment, const std::set<std::string_view>& except) {
  Describer describer{except};
  visit_fields(experiment, describer);
  return describer.out;
}

}  // namespace paxoscope::cli
