// One proposer, nobody in its way: throughput and latency by window, number of acceptors, and threads. workers:0 is a
// thread for each node. The manual time is the time per decision.
#include "bench/benchmarks/points.h"

namespace paxoscope {

void register_uncontended() {
  for (const std::uint32_t workers : {0U, 2U}) {
    for (const std::uint32_t acceptors : {1U, 3U, 5U, 7U}) {
      for (const std::uint32_t window : {1U, 16U, 64U, 256U, 1024U}) {
        Experiment experiment;
        experiment.acceptors = acceptors;
        experiment.window = window;
        experiment.workers = workers;
        const std::string name = "uncontended/acceptors:" + std::to_string(acceptors) +
                                 "/window:" + std::to_string(window) + "/workers:" + std::to_string(workers);
        benchmark::RegisterBenchmark(name.c_str(), [experiment](benchmark::State& state) {
          time_experiment(state, experiment, PointTime::per_decision);
        })->UseManualTime();
      }
    }
  }
}

}  // namespace paxoscope
