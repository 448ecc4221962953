#include "core/simulation/simulation.h"

#include <fmt/format.h>

#include "core/simulation/simulator.h"

namespace paxoscope {

Expected<bool> check_options(const ClusterOptions& cluster, const SimulationOptions& options) {
  const NetworkOptions& network = options.network;
  if (network.regions.empty() || network.latency.size() != network.regions.size() * network.regions.size()) {
    return fail(fmt::format("{} regions need {} latencies, not {}", network.regions.size(),
                            network.regions.size() * network.regions.size(), network.latency.size()));
  }
  for (const auto* places : {&network.acceptors, &network.proposers}) {
    for (const std::uint32_t place : *places) {
      if (place >= network.regions.size()) return fail(fmt::format("there is no region {}", place));
    }
  }
  for (const Fault& fault : options.faults.faults) {
    for (const auto* nodes : {&fault.a, &fault.b}) {
      for (const NodeName& node : *nodes) {
        const bool acceptor = node.kind == AgentKind::acceptor;
        const auto acceptors = static_cast<std::uint32_t>(cluster.rules.quorums.acceptors());
        if (acceptor ? node.id < acceptors : node.id >= 1 && node.id <= cluster.proposers) continue;
        return fail(fmt::format("a fault names {}, which does not exist", node.to_string()));
      }
    }
  }
  const bool judged = options.faults.liveness_within != kNever;
  if (judged && cluster.operations_max == 0) {
    return fail("liveness is about operations that end: it needs operations_max above 0");
  }
  return true;
}

Expected<SimulationResult> run_simulation(const ClusterOptions& cluster, const Backoff& strategy,
                                          const SimulationOptions& options, const RunControl& control) {
  if (const auto fits = check_options(cluster, options); !fits) return tl::unexpected(fits.error());
  if (control.trace == nullptr) {
    NoSink sink;
    return std::move(Simulator<NoSink>(cluster, strategy, options, sink).run(cluster.seed, control));
  }
  Simulator<TraceSink> simulator(cluster, strategy, options, *control.trace);
  SimulationResult& result = simulator.run(cluster.seed, control);
  (void)control.trace->finish(result.recorded);  // what it could not write, its owner knows
  return std::move(result);
}

}  // namespace paxoscope
