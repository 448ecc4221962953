#include "core/threads/thread_cluster.h"

#include <algorithm>

#include "core/backoff/registry.h"
#include "core/threads/crew.h"

namespace paxoscope {

Expected<Measurement> run_threads(const ClusterOptions& cluster, const Backoff& strategy, const ThreadOptions& threads,
                                  const RunControl& control) {
  return run_nodes<PaxosNodes>(cluster, strategy, threads, control);
}

Expected<Nanos> measure_round_trip(const ClusterOptions& cluster, const ThreadOptions& threads, Nanos duration) {
  ClusterOptions alone = cluster;
  alone.proposers = 1;
  alone.window = 1;
  alone.workload = {};
  alone.warm_up = duration / 5;
  alone.measure = duration - alone.warm_up;
  alone.operations_max = alone.decisions_max = 0;
  alone.audit = false;
  const auto strategy = parse_strategy("none");
  auto measurement = run_threads(alone, **strategy, threads);
  if (!measurement) return tl::unexpected(measurement.error());
  const Histogram& decisions = measurement->proposers.front().to_end;
  if (decisions.count() == 0) return fail("no decision while measuring the round trip: give it with --round-trip");
  return std::max<Nanos>(decisions.percentile(50) / 2, 1);  // two phases, a round trip each
}

}  // namespace paxoscope
