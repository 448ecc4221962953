// Every strategy under contention. The manual time is the time to decision; messages, preemptions and fairness are
// counters beside it.
#include <fmt/format.h>

#include <string>

#include "bench/benchmarks/points.h"
#include "core/backoff/registry.h"
#include "core/experiment/names.h"

namespace paxoscope {

namespace {

// Each strategy meets every combination of these. One hot key and a closed loop are the default; anything else stands
// in the name.
constexpr KeyChoice kKeys[] = {KeyChoice::hot, KeyChoice::uniform, KeyChoice::zipf};
constexpr std::uint32_t kKeyCount = 64;              // of uniform and zipf
constexpr double kArrivalsPerSecond[] = {0, 4'000};  // of all proposers together; 0: closed loop
constexpr std::uint32_t kProposers[] = {1, 2, 4, 8, 16, 32, 64};

std::string name_of(const Experiment& experiment) {
  std::string name = fmt::format("contend/strategy:{}/acceptors:{}/proposers:{}", experiment.strategy,
                                 experiment.acceptors, experiment.proposers);
  if (experiment.keys != KeyChoice::hot) {
    name += fmt::format("/keys:{}/key_count:{}", name_of(experiment.keys), experiment.key_count);
  }
  return name + (experiment.arrivals_per_second > 0
                     ? fmt::format("/load:open/arrivals:{:g}", experiment.arrivals_per_second * experiment.proposers)
                     : "/load:closed");
}

}  // namespace

void register_contended() {
  for (const double arrivals : kArrivalsPerSecond) {
    for (const KeyChoice keys : kKeys) {
      for (const StrategyInfo& strategy : all_strategies()) {
        for (const std::uint32_t proposers : kProposers) {
          Experiment experiment;
          experiment.strategy = strategy.name;
          experiment.proposers = proposers;
          experiment.keys = keys;
          experiment.key_count = keys == KeyChoice::hot ? 1 : kKeyCount;
          experiment.arrivals_per_second = arrivals / proposers;
          benchmark::RegisterBenchmark(name_of(experiment).c_str(), [experiment](benchmark::State& state) {
            time_experiment(state, experiment, PointTime::to_decision);
          })->UseManualTime();
        }
      }
    }
  }
}

}  // namespace paxoscope
