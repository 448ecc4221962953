#include "core/threads/thread_cluster.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/backoff/registry.h"
#include "core/threads/crew.h"

namespace paxoscope {

Expected<Measurement> run_threads(const ClusterOptions& cluster, const Backoff& strategy, const ThreadOptions& threads,
                                  const RunControl& control) {
  for (const Crash& crash : threads.crashes) {
    const bool acceptor = crash.kind == AgentKind::acceptor;
    const auto acceptors = static_cast<std::uint32_t>(cluster.rules.quorums.acceptors());
    if (acceptor ? crash.id < acceptors : crash.id >= 1 && crash.id <= cluster.proposers) continue;
    return fail(fmt::format("{}{} is to crash, and does not exist", acceptor ? 'A' : 'P', crash.id));
  }
  return run_nodes<PaxosNodes>(cluster, strategy, threads, control);
}

Expected<Nanos> measure_round_trip(const ClusterOptions& cluster, const ThreadOptions& threads,
                                   const RunControl& control) {
  constexpr Nanos kFirst = 50 * kMillisecond, kLast = 20 * kSecond;
  constexpr std::uint64_t kDecisionsWanted = 50;
  ClusterOptions alone = cluster;
  alone.proposers = 1;
  alone.window = 1;
  alone.workload = {};
  alone.operations_max = alone.decisions_max = 0;
  alone.audit = false;
  const auto strategy = parse_strategy("none");
  RunControl unseen;  // its progress is nobody's
  unseen.interrupted = control.interrupted;
  ThreadOptions unharmed = threads;
  unharmed.crashes.clear();
  // A slow or busy machine is given more time, not another answer.
  for (Nanos duration = kFirst;; duration *= 4) {
    const bool last = duration >= kLast / 4;
    alone.warm_up = duration / 5;
    alone.measure = last ? kLast : duration - alone.warm_up;
    const auto measurement = run_threads(alone, **strategy, unharmed, unseen);
    if (!measurement) return tl::unexpected(measurement.error());
    if (measurement->stop == StopReason::interrupted) return Nanos{0};
    const Histogram& decisions = measurement->proposers.front().to_end;
    // Two phases, a round trip each.
    if (decisions.count() >= kDecisionsWanted || (last && !decisions.empty())) {
      return std::max<Nanos>(decisions.percentile(50) / 2, 1);
    }
    if (last) return fail("no decision in 20 s while measuring the round trip: give it with --round-trip");
  }
}

}  // namespace paxoscope
