#include "bench/paxoscope/labels.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <sstream>

#include "bench/paxoscope/experiment_options.h"
#include "bench/paxoscope/table.h"
#include "core/counted.h"

namespace paxoscope::cli {

namespace {

std::vector<std::string> parameters(const std::string& text) {
  std::vector<std::string> list;
  const std::size_t colon = text.find(':');
  if (colon == std::string::npos) return list;
  std::istringstream parts(text.substr(colon + 1));
  for (std::string part; std::getline(parts, part, ',');) list.push_back(part);
  return list;
}

Experiment without_strategy(Experiment experiment) {
  experiment.strategy.clear();
  return experiment;
}

// The members by which the groups differ, beyond what every title says anyway.
std::set<std::string> distinguishing(const std::vector<Experiment>& experiments) {
  std::set<std::string> names;
  const nlohmann::json first = to_json(experiments.front());
  for (const Experiment& experiment : experiments) {
    if (experiment.engine != experiments.front().engine) continue;  // engines have defaults of their own
    const nlohmann::json members = to_json(experiment);
    for (const auto& [name, value] : members.items()) {
      if (value != first[name]) names.insert(name);
    }
  }
  for (const char* said : {"strategy", "engine", "proposers", "acceptors", "seed"}) names.erase(said);
  return names;
}

std::string title_of(const Experiment& e, const std::set<std::string>& extra) {
  std::string title = fmt::format("{}, {}{}", counted(e.proposers, "proposer"), counted(e.acceptors, "acceptor"),
                                  e.engine == Engine::simulation ? ", in virtual time" : "");
  const nlohmann::json members = to_json(e);
  for (const std::string& name : extra) {
    const nlohmann::json& value = members[name];
    title += fmt::format(", {} {}", option_name(name).substr(2),
                         value.is_string() ? value.get<std::string>() : value.dump());
  }
  return title;
}

}  // namespace

std::string name_of_strategy(const Experiment& experiment) {
  return experiment.strategy.substr(0, experiment.strategy.find(':'));
}

std::string strategy_label(const Comparison& comparison, const Experiment& experiment) {
  const std::string name = name_of_strategy(experiment);
  std::string label = name;
  const std::vector<std::string> own = parameters(experiment.strategy);
  for (std::size_t i = 0; i < own.size(); ++i) {
    const bool varies = std::any_of(comparison.points.begin(), comparison.points.end(), [&](const auto& point) {
      const std::string& text = point.experiment.strategy;
      if (name_of_strategy(point.experiment) != name) return false;
      const std::vector<std::string> others = parameters(text);
      return i >= others.size() || others[i] != own[i];  // groups of one name may differ in length
    });
    if (varies) label += (label == name ? ":" : ",") + own[i];
  }
  return label;
}

std::set<std::string> varied_members(const Comparison& comparison, Engine engine) {
  std::set<std::string> names;
  std::optional<nlohmann::json> first;
  for (const ComparisonPoint& point : comparison.points) {
    if (point.experiment.engine != engine) continue;
    const nlohmann::json members = to_json(point.experiment);
    if (!first) first = members;
    for (const auto& [name, value] : members.items()) {
      if (value != (*first)[name]) names.insert(name);
    }
  }
  return names;
}

std::vector<Group> groups(const Comparison& comparison) {
  std::vector<Experiment> kinds;
  std::vector<Group> all;
  for (const ComparisonPoint& point : comparison.points) {
    if (point.samples.empty()) continue;
    const Experiment kind = without_strategy(point.experiment);
    const auto known = std::find(kinds.begin(), kinds.end(), kind);
    if (known == kinds.end()) {
      kinds.push_back(kind);
      all.push_back({{}, {&point}});
    } else {
      all[static_cast<std::size_t>(known - kinds.begin())].points.push_back(&point);
    }
  }
  if (kinds.empty()) return all;
  const std::set<std::string> extra = distinguishing(kinds);
  for (std::size_t i = 0; i < all.size(); ++i) all[i].title = title_of(kinds[i], extra);
  return all;
}

}  // namespace paxoscope::cli
