#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/experiment/replay.h"

namespace paxoscope {

namespace {

// As core/experiment/fields.h names become options: without the unit, and with dashes.
std::string option_of(std::string member) {
  for (const std::string_view unit : {"_us", "_s"}) {
    if (member.ends_with(unit)) member.resize(member.size() - unit.size());
  }
  std::replace(member.begin(), member.end(), '_', '-');
  return member;
}

std::string shell_word(const std::string& text) {
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("_-.:,=+").find(c) != std::string_view::npos;
  };
  return std::all_of(text.begin(), text.end(), plain)
             ? text
             : fmt::format("'{}'", text);  // no value of ours has a quote in it
}

}  // namespace

std::string replay_command(const Experiment& experiment) {
  const bool simulated = experiment.engine == Engine::simulation;
  const nlohmann::json usual = to_json(simulated ? Experiment::duel() : Experiment{});
  std::string command = simulated ? "paxoscope simulate" : "paxoscope run";
  const nlohmann::json members = to_json(experiment);
  for (const auto& [name, value] : members.items()) {
    // Without an end by operations the command chooses times of its own, unless they are given.
    const bool time = simulated && experiment.operations_max == 0 && (name == "warm_up_s" || name == "duration_s");
    if (value == usual[name] && !time) continue;
    command += fmt::format(" --{}={}", option_of(name),
                           shell_word(value.is_string() ? value.get<std::string>() : value.dump()));
  }
  return command;
}

}  // namespace paxoscope
