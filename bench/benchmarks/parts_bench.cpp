// The small parts that every run pays for: one wait of each strategy, one value in a histogram.
#include <benchmark/benchmark.h>

#include <string>

#include "bench/benchmarks/points.h"
#include "core/backoff/registry.h"
#include "core/stats/histogram.h"

namespace paxoscope {
namespace {

void backoff_wait(benchmark::State& state, const std::string& name) {
  const auto strategy = parse_strategy(name);
  if (!strategy) return state.SkipWithError(strategy.error().message.c_str());
  RetryContext context{.self = 1, .proposers = 8, .round_trip = kMicrosecond, .beaten_by = Ballot(2, 2)};
  Random random(1);
  for (auto _ : state) {
    context.now += kMicrosecond;
    benchmark::DoNotOptimize((*strategy)->on_preempted(context, random));
    (*strategy)->on_decided(context, true);
  }
}

void histogram_record(benchmark::State& state) {
  Histogram histogram;
  histogram.reserve(0, kSecond);
  Random random(1);
  for (auto _ : state) histogram.record(static_cast<std::int64_t>(random.below(kMillisecond)));
  benchmark::DoNotOptimize(histogram.count());
}
BENCHMARK(histogram_record)->Name("histogram/record");

void histogram_percentile(benchmark::State& state) {
  Histogram histogram;
  Random random(1);
  for (int i = 0; i < 100'000; ++i) histogram.record(static_cast<std::int64_t>(random.below(kMillisecond)));
  for (auto _ : state) benchmark::DoNotOptimize(histogram.percentile(99.9));
}
BENCHMARK(histogram_percentile)->Name("histogram/percentile");

}  // namespace

void register_backoff() {
  for (const StrategyInfo& strategy : all_strategies()) {
    const std::string name(strategy.name);
    benchmark::RegisterBenchmark(("backoff/" + name).c_str(),
                                 [name](benchmark::State& state) { backoff_wait(state, name); });
  }
}

}  // namespace paxoscope
