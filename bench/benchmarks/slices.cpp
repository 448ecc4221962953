#include "bench/benchmarks/slices.h"

#include <algorithm>
#include <vector>

#include "core/backoff/registry.h"
#include "core/stats/histogram.h"

namespace paxoscope {

namespace {

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

// On a busy machine a whole slice may pass before the threads get a core. So many in a row are no accident.
constexpr int kIdleSlicesMax = 50;

// Who got no core for a whole slice decided nothing in no time: that is 0, not 0/0.
double rate(const Slice& slice) {
  return slice.decisions == 0 ? 0 : slice.decisions / slice.seconds;
}

// Sums of slices. False, with the benchmark marked as failed, when the slice failed.
struct Total {
  double decisions = 0;
  double seconds = 0;
  std::vector<double> latencies;
  int idle = 0;

  bool add(benchmark::State& state, const Expected<Slice>& slice) {
    idle = slice && slice->decisions > 0 ? 0 : idle + 1;
    if (!slice || idle > kIdleSlicesMax) {
      state.SkipWithError(slice ? "slice after slice without a decision" : slice.error().message.c_str());
      return false;
    }
    decisions += slice->decisions;
    seconds += slice->seconds;
    if (slice->latency > 0) latencies.push_back(slice->latency);
    return true;
  }
};

void report(benchmark::State& state, const Total& total) {
  const auto iterations = static_cast<double>(state.max_iterations);
  state.SetIterationTime(total.seconds / total.decisions * iterations);
  state.counters["decisions/s"] = benchmark::Counter(iterations, benchmark::Counter::kIsRate);
  if (!total.latencies.empty()) state.counters["p50_us"] = median(total.latencies) / 1e3;
}

}  // namespace

void time_slices(benchmark::State& state, const RunSlice& subject) {
  while (state.KeepRunningBatch(state.max_iterations)) {
    Total total;
    while (total.decisions < static_cast<double>(state.max_iterations)) {
      if (!total.add(state, subject())) return;
    }
    report(state, total);
  }
}

void time_side_by_side(benchmark::State& state, const RunSlice& subject, const RunSlice& base,
                       const std::string& ratio) {
  while (state.KeepRunningBatch(state.max_iterations)) {
    Total total;
    Total base_total;
    std::vector<double> ratios;
    std::vector<double> latency_ratios;
    while (total.decisions < static_cast<double>(state.max_iterations) || ratios.empty()) {
      const auto slice = subject();
      const auto base_slice = base();
      if (!total.add(state, slice) || !base_total.add(state, base_slice)) return;
      if (base_slice->decisions == 0) continue;
      ratios.push_back(rate(*slice) / rate(*base_slice));
      if (slice->latency > 0 && base_slice->latency > 0) latency_ratios.push_back(slice->latency / base_slice->latency);
    }
    report(state, total);
    state.counters["base_decisions/s"] = base_total.decisions / base_total.seconds;
    state.counters[ratio] = median(ratios);
    if (!latency_ratios.empty()) state.counters["latency_ratio"] = median(latency_ratios);
  }
}

ClusterOptions slice_cluster(int acceptors, std::uint32_t window) {
  ClusterOptions cluster;
  cluster.rules.quorums = Quorums::majority(acceptors);
  cluster.window = window;
  cluster.warm_up = kSliceWarmUp;
  cluster.measure = kSliceMeasured;
  cluster.audit = false;
  return cluster;
}

Expected<Slice> slice_of(const Expected<Measurement>& measurement) {
  if (!measurement) return tl::unexpected(measurement.error());
  if (!measurement->violation.empty()) return fail(measurement->violation);
  if (!measurement->livelock.empty()) return fail(measurement->livelock);
  Slice slice{.seconds = static_cast<double>(measurement->measured) / 1e9};
  Histogram latencies;
  for (const ProposerMeasurement& proposer : measurement->proposers) {
    slice.decisions += static_cast<double>(proposer.counters.won);
    latencies.merge(proposer.to_end);
  }
  slice.latency = static_cast<double>(latencies.percentile(50));
  return slice;
}

Expected<Slice> run_paxos_slice(const ClusterOptions& cluster, const ThreadOptions& threads,
                                const RunControl& control) {
  const auto strategy = parse_strategy("full_jitter");
  return slice_of(run_threads(cluster, **strategy, threads, control));
}

}  // namespace paxoscope
