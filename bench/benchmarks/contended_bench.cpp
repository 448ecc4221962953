// Every strategy under contention. The manual time is the time to decision; messages, preemptions and fairness are
// counters beside it.
#include <fmt/format.h>

#include <initializer_list>
#include <string>

#include "bench/benchmarks/points.h"
#include "core/backoff/registry.h"
#include "core/experiment/names.h"

namespace paxoscope {

namespace {

// What all strategies are compared on. More keys than one stand in the name; one hot key is the default.
struct Setting {
  KeyChoice keys = KeyChoice::hot;
  std::uint32_t key_count = 1;
  double arrivals_per_second = 0;  // of each proposer; 0: closed loop
  std::initializer_list<std::uint32_t> proposers;
};

const Setting kSettings[] = {
    {.proposers = {1, 2, 4, 8, 16, 32, 64}},
    {.keys = KeyChoice::uniform, .key_count = 64, .proposers = {4, 16}},
    {.keys = KeyChoice::zipf, .key_count = 64, .proposers = {4, 16}},
    {.arrivals_per_second = 1'000, .proposers = {4, 16}},
};

std::string name_of(const Experiment& experiment) {
  std::string name = fmt::format("contend/strategy:{}/acceptors:{}/proposers:{}", experiment.strategy,
                                 experiment.acceptors, experiment.proposers);
  if (experiment.keys != KeyChoice::hot) {
    name += fmt::format("/keys:{}/key_count:{}", name_of(experiment.keys), experiment.key_count);
  }
  return name + (experiment.arrivals_per_second > 0
                     ? fmt::format("/load:open/arrivals:{:g}", experiment.arrivals_per_second)
                     : "/load:closed");
}

}  // namespace

void register_contended() {
  for (const Setting& setting : kSettings) {
    for (const StrategyInfo& strategy : all_strategies()) {
      for (const std::uint32_t proposers : setting.proposers) {
        Experiment experiment;
        experiment.strategy = strategy.name;
        experiment.proposers = proposers;
        experiment.keys = setting.keys;
        experiment.key_count = setting.key_count;
        experiment.arrivals_per_second = setting.arrivals_per_second;
        benchmark::RegisterBenchmark(name_of(experiment).c_str(), [experiment](benchmark::State& state) {
          time_experiment(state, experiment, PointTime::to_decision);
        })->UseManualTime();
      }
    }
  }
}

}  // namespace paxoscope
