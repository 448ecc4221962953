#include "bench/benchmarks/points.h"

#include <map>
#include <string>
#include <tuple>
#include <utility>

#include "core/experiment/metrics.h"
#include "core/experiment/runner.h"
#include "core/stats/histogram.h"

namespace paxoscope {

namespace {

constexpr double kWarmUp = 0.005;               // s; of each run, and it is run several times before it counts
constexpr double kLongest = 2;                  // s; the library asked for more decisions than can be waited for
constexpr Nanos kShortest = 10 * kMillisecond;  // measured, however few decisions were asked for
constexpr Nanos kSilence = kSecond;             // without any decision

Expected<Nanos> known_round_trip(const Experiment& experiment) {
  static std::map<std::tuple<std::uint32_t, std::uint32_t, WaitKind>, Expected<Nanos>> known;
  const std::tuple setting{experiment.acceptors, experiment.workers, experiment.wait};
  const auto at = known.find(setting);
  return at != known.end() ? at->second : known.emplace(setting, round_trip_of(experiment)).first->second;
}

// Ends a run once it has made `wanted` decisions.
RunControl until(std::uint64_t wanted, Progress& latest) {
  RunControl control;
  control.progress = [&latest](const Progress& progress) { latest = progress; };
  control.interrupted = [&latest, wanted] {
    const Nanos measured = latest.elapsed - static_cast<Nanos>(kWarmUp * 1e9);
    return (latest.decisions >= wanted && measured >= kShortest) || (latest.decisions == 0 && measured >= kSilence);
  };
  return control;
}

struct Counter {
  const char* name;
  const char* metric;
  double scale = 1;
};
// Of the same names and meaning as the metrics of a Report, shorter: these share a line with others.
constexpr Counter kCounters[] = {
    {"ballots", "ballots_per_decision"},  {"messages", "messages_per_decision"},
    {"wasted", "wasted_percent", 0.01},   {"p1", "preempted_phase1"},
    {"p2", "preempted_phase2"},           {"jain", "jain_wins"},
    {"silence_ms", "longest_silence_ms"}, {"cpu_us", "cpu_us_per_decision"},
};

double mean_time(const Report& report, PointTime time, const Histogram& times) {
  if (time == PointTime::to_decision) return times.mean() / 1e9;
  return static_cast<double>(report.measurement.measured) / 1e9 / static_cast<double>(report.measurement.audit.chosen);
}

}  // namespace

void time_experiment(benchmark::State& state, Experiment experiment, PointTime time) {
  const auto round_trip = known_round_trip(experiment);
  if (!round_trip) return state.SkipWithError(round_trip.error().message.c_str());
  experiment.warm_up_s = kWarmUp;
  experiment.duration_s = kLongest;
  static std::uint64_t runs = 0;
  while (state.KeepRunningBatch(state.max_iterations)) {
    experiment.seed = ++runs;
    Progress latest;
    const auto report = run_experiment(experiment, until(state.max_iterations, latest), *round_trip);
    if (!report) return state.SkipWithError(report.error().message.c_str());
    const Measurement& measured = report->measurement;
    if (!measured.violation.empty()) return state.SkipWithError(measured.violation.c_str());
    if (!measured.livelock.empty()) return state.SkipWithError(measured.livelock.c_str());
    if (measured.audit.chosen == 0) return state.SkipWithError("livelock: a second without a decision");

    Histogram times = measured.audit.to_chosen;
    if (experiment.arrivals_per_second > 0) {
      times.clear();
      for (const ProposerMeasurement& proposer : measured.proposers) times.merge(proposer.to_end);
    }
    if (times.empty()) return state.SkipWithError("no operation began and ended within the measured time");
    const double manual = mean_time(*report, time, times) * static_cast<double>(state.max_iterations);
    state.SetIterationTime(manual);
    // The library divides a rate by the manual time, which need not be the time that passed.
    state.counters["decisions/s"] =
        benchmark::Counter(find_metric("decisions_per_s")->of(*report) * manual, benchmark::Counter::kIsRate);
    for (const Counter& counter : kCounters) {
      state.counters[counter.name] = find_metric(counter.metric)->of(*report) * counter.scale;
    }
    for (const auto& [name, percent] :
         {std::pair{"p50_us", 50.0}, {"p90_us", 90.0}, {"p99_us", 99.0}, {"p99.9_us", 99.9}, {"max_us", 100.0}}) {
      state.counters[name] = static_cast<double>(times.percentile(percent)) / 1e3;
    }
    state.counters["decided"] = static_cast<double>(measured.audit.chosen);
    if (report->oversubscribed()) state.SetLabel("more threads than cores");
  }
}

}  // namespace paxoscope
