#include "core/experiment/replay.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/experiment/runner.h"
#include "core/simulation/shrink.h"

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

std::string quoted(const std::string& text) {
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("_-.:,=+").find(c) != std::string_view::npos;
  };
  return std::all_of(text.begin(), text.end(), plain)
             ? text
             : fmt::format("'{}'", text);  // no value of ours has a quote in it
}

}  // namespace

const std::string& failure_of(const Report& report) {
  static const std::string none;
  if (!report.measurement.violation.empty()) return report.measurement.violation;
  return report.simulation ? report.simulation->liveness : none;
}

std::string replay_command(const Experiment& experiment) {
  const bool simulated = experiment.engine == Engine::simulation;
  const nlohmann::json usual = to_json(simulated ? Experiment::duel() : Experiment{});
  std::string command = simulated ? "paxoscope simulate" : "paxoscope run";
  const nlohmann::json members = to_json(experiment);
  for (const auto& [name, value] : members.items()) {
    // Without an end by operations the command chooses times of its own, unless they are given.
    const bool time = simulated && experiment.operations_max == 0 && (name == "warm_up_s" || name == "duration_s");
    if (value == usual[name] && !time) continue;
    command +=
        fmt::format(" --{}={}", option_of(name), quoted(value.is_string() ? value.get<std::string>() : value.dump()));
  }
  return command;
}

Expected<Experiment> shrink_experiment(const Experiment& failing, const std::function<bool()>& interrupted) {
  const auto report = run_experiment(failing);
  if (!report) return tl::unexpected(report.error());
  if (failing.engine != Engine::simulation) return fail("only runs in virtual time can be shrunk: engine simulation");
  if (failure_of(*report).empty()) return fail("this experiment does not fail, so there is nothing to shrink");
  const bool rule_broken = !report->measurement.violation.empty();
  FaultPlan plan = failing.simulation().faults;
  if (plan.swarm) draw_swarm(plan, failing.seed, failing.acceptors, failing.proposers, report->round_trip);

  const auto with = [&](const FaultPlan& faults) {
    Experiment experiment = failing;
    experiment.faults = to_text(faults);
    return experiment;
  };
  return with(shrink(plan, [&](const FaultPlan& faults) {
    if (interrupted && interrupted()) return false;
    const auto again = run_experiment(with(faults), {}, report->round_trip);
    if (!again) return false;
    return rule_broken ? !again->measurement.violation.empty() : !again->simulation->liveness.empty();
  }));
}

}  // namespace paxoscope
