#include "bench/benchmarks/points.h"

#include <algorithm>
#include <map>
#include <string>
#include <tuple>
#include <utility>

#include "core/experiment/metrics.h"
#include "core/experiment/runner.h"
#include "core/stats/histogram.h"

namespace paxoscope {

namespace {

constexpr Nanos kWarmUp = 5 * kMillisecond;     // of each run, and it is run several times before it counts
constexpr Nanos kLongEnough = 2 * kSecond;      // the library asked for more decisions than can be waited for
constexpr Nanos kShortest = 10 * kMillisecond;  // measured, however few decisions were asked for
constexpr Nanos kSilence = 5 * kSecond;         // without any decision
constexpr double kLongestSeconds = 60;          // for a machine on which even the fewest decisions take long

Expected<Nanos> known_round_trip(const Experiment& experiment) {
  static std::map<std::tuple<std::uint32_t, std::uint32_t, WaitKind>, Expected<Nanos>> known;
  const std::tuple setting{experiment.acceptors, experiment.workers, experiment.wait};
  const auto at = known.find(setting);
  return at != known.end() ? at->second : known.emplace(setting, round_trip_of(experiment)).first->second;
}

// Ends a run once it has made so many decisions after the warm-up, or none for too long.
class Enough {
 public:
  Enough(std::uint64_t wanted, std::uint64_t fewest) : wanted_(std::max(wanted, fewest)), fewest_(fewest) {}

  RunControl control() {
    RunControl control;
    control.progress = [this](const Progress& progress) { note(progress); };
    control.interrupted = [this] { return enough_ || silent_; };
    return control;
  }
  bool silent() const { return silent_; }

 private:
  void note(const Progress& now) {
    if (now.decisions != last_) last_change_ = now.elapsed;
    last_ = now.decisions;
    enough_ = now.elapsed >= kWarmUp + kShortest &&
              (now.measured >= wanted_ || (now.measured >= fewest_ && now.elapsed >= kLongEnough));
    silent_ = now.elapsed - last_change_ >= kSilence;
  }

  std::uint64_t wanted_, fewest_;
  std::uint64_t last_ = 0;
  Nanos last_change_ = 0;
  bool enough_ = false, silent_ = false;
};

struct Counter {
  const char* name = nullptr;
  const char* metric = nullptr;
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
  experiment.warm_up_s = static_cast<double>(kWarmUp) / 1e9;
  experiment.duration_s = kLongestSeconds;
  // What was in flight as the warm-up ended is not timed: a few windows more than that.
  const std::uint64_t fewest = 4 * experiment.window + 16;
  static std::uint64_t runs = 0;
  while (state.KeepRunningBatch(state.max_iterations)) {
    experiment.seed = ++runs;
    Enough enough(static_cast<std::uint64_t>(state.max_iterations), fewest);
    const auto report = run_experiment(experiment, enough.control(), *round_trip);
    if (!report) return state.SkipWithError(report.error().message.c_str());
    const Measurement& measured = report->measurement;
    if (!measured.violation.empty()) return state.SkipWithError(measured.violation.c_str());
    if (!measured.livelock.empty()) return state.SkipWithError(measured.livelock.c_str());
    if (enough.silent()) return state.SkipWithError("livelock: five seconds without a decision");

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
