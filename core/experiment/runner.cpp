#include "core/experiment/runner.h"

#include <algorithm>
#include <cmath>

#include "core/backoff/registry.h"
#include "core/threads/thread_cluster.h"

namespace paxoscope {

Expected<Nanos> round_trip_of(const Experiment& experiment, const RunControl& control) {
  if (experiment.round_trip_us > 0) return std::max<Nanos>(std::llround(experiment.round_trip_us * 1e3), 1);
  if (experiment.engine == Engine::simulation) {
    return experiment.simulation().network.round_trip(experiment.acceptors, experiment.proposers);
  }
  if (experiment.engine == Engine::wire) {
    return wire::measure_wire_round_trip(experiment.cluster(kMicrosecond), experiment.wire_options(), control);
  }
  return measure_round_trip(experiment.cluster(kMicrosecond), experiment.threads(), control);
}

Expected<Report> run_experiment(const Experiment& experiment, const RunControl& control, Nanos round_trip) {
  const auto valid = experiment.validated();
  if (!valid) return tl::unexpected(valid.error());
  if (round_trip == 0) {
    const auto measured = round_trip_of(*valid, control);
    if (!measured) return tl::unexpected(measured.error());
    round_trip = *measured;
    if (round_trip == 0) {
      Measurement nothing;
      nothing.stop = StopReason::interrupted;
      return Report{*valid, 0, std::move(nothing), {}};
    }
  }
  const auto strategy = parse_strategy(valid->strategy);
  if (valid->engine == Engine::simulation) {
    auto result = run_simulation(valid->cluster(round_trip), **strategy, valid->simulation(), control);
    if (!result) return tl::unexpected(result.error());
    return Report{*valid, round_trip, std::move(result->measurement), *result};
  }
  const ClusterOptions cluster = valid->cluster(round_trip);
  auto measurement = valid->engine == Engine::wire ? wire::run_wire(cluster, **strategy, valid->wire_options(), control)
                                                   : run_threads(cluster, **strategy, valid->threads(), control);
  if (!measurement) return tl::unexpected(measurement.error());
  return Report{*valid, round_trip, std::move(*measurement), {}};
}

}  // namespace paxoscope
