#include "core/experiment/replay.h"

#include "core/experiment/runner.h"
#include "core/simulation/shrink.h"

namespace paxoscope {

const std::string& failure_of(const Report& report) {
  static const std::string none;
  if (!report.measurement.violation.empty()) return report.measurement.violation;
  return report.simulation ? report.simulation->liveness : none;
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
