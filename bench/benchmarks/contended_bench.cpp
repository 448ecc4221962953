// Every strategy under contention. The manual time is the time to decision; messages, preemptions and fairness are
// counters beside it. And what is left of one proposer's throughput when there are sixteen, in turns (`of_one`).
#include <fmt/format.h>

#include <string>
#include <vector>

#include "bench/benchmarks/points.h"
#include "bench/benchmarks/slices.h"
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

// Sixteen proposers on one hot key beside one alone, all else the same. A slice is long enough for the longest waits.
void keep(benchmark::State& state, const std::string& name, std::uint32_t window) {
  const auto strategy = parse_strategy(name);
  ClusterOptions alone = slice_cluster(3, window);
  alone.audit = true;
  alone.warm_up = 20 * kMillisecond;
  alone.measure = 100 * kMillisecond;
  alone.round_trip = 5 * kMicrosecond;
  ClusterOptions crowd = alone;
  crowd.proposers = 16;
  const auto slice = [&](const ClusterOptions& cluster) { return slice_of(run_threads(cluster, **strategy, {})); };
  time_side_by_side(
      state, [&] { return slice(crowd); }, [&] { return slice(alone); }, "of_one");
}

}  // namespace

void register_contended() {
  // All as they are by default, and the best of them with waits long enough to leave the cores to the winner.
  std::vector<std::string> strategies{"rebackoff:unit=32R"};
  for (const StrategyInfo& strategy : all_strategies()) strategies.emplace_back(strategy.name);
  for (const std::string& strategy : strategies) {
    for (const std::uint32_t window : {1U, 64U}) {
      const std::string subject = fmt::format("keep/strategy:{}/proposers:16/window:{}", strategy, window);
      benchmark::RegisterBenchmark(subject.c_str(), [=](benchmark::State& state) {
        keep(state, strategy, window);
      })->UseManualTime();
    }
  }
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
