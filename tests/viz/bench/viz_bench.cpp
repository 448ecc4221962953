// The window's budgets: opening a trace, what a frame of the model costs at every zoom, what a capture costs the
// cluster. It is here and not in bench/, because bench and viz know nothing of each other.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <vector>

#include "core/backoff/registry.h"
#include "core/experiment/runner.h"
#include "core/simulation/simulator.h"
#include "core/trace/writer.h"
#include "viz/model/capture.h"
#include "viz/model/meters.h"
#include "viz/model/replay.h"
#include "viz/model/staircase.h"
#include "viz/model/strip.h"

namespace paxoscope::viz {
namespace {

// A run in virtual time of about so many events, in a file.
std::string trace_of(std::uint64_t events) {
  const std::string path = std::filesystem::temp_directory_path() / fmt::format("paxoscope_viz_bench_{}.trace", events);
  Experiment experiment;
  experiment.engine = Engine::simulation;
  experiment.proposers = 8;
  experiment.acceptors = 5;
  experiment.network = "lognormal:10us,0.5";
  experiment.warm_up_s = 0;
  experiment.duration_s = 86400;
  experiment.audit = false;
  const Nanos round_trip = *round_trip_of(experiment);
  const ClusterOptions cluster = experiment.cluster(round_trip);
  const SimulationOptions options = experiment.simulation();
  const auto strategy = *parse_strategy(experiment.strategy);
  std::ofstream out(path, std::ios::binary);
  auto writer = TraceWriter::begin(out, R"({"acceptors": 5})");
  struct Sink {
    TraceWriter* writer;
    void push(const Event& event) const { writer->push(event); }
  } sink{&*writer};
  Simulator<Sink> simulator(cluster, *strategy, options, sink);
  for (Nanos until = 0; writer->events() < events; until += kMillisecond) simulator.advance(until);
  if (!writer->flush()) std::exit(1);
  return path;
}

void open_a_trace(benchmark::State& state) {
  const std::string path = trace_of(static_cast<std::uint64_t>(state.range(0)));
  for (auto _ : state) {
    auto loader = TraceLoader::open(path);
    const auto source = (*loader)->take();
    const History& history = source->take().history;
    state.counters["bytes/event"] = static_cast<double>(history.memory()) / static_cast<double>(history.size());
    state.counters["events"] = static_cast<double>(history.size());
  }
  std::filesystem::remove(path);
}
BENCHMARK(open_a_trace)
    ->Name("open")
    ->ArgName("events")
    ->Arg(1'000'000)
    ->Arg(10'000'000)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime()
    ->Iterations(1);

const Take& big_take() {
  static const std::unique_ptr<ReplaySource> kSource = [] {
    const std::string path = trace_of(10'000'000);
    auto source = *open_trace(path);
    std::filesystem::remove(path);
    return source;
  }();
  return kSource->take();
}

// All that the model does for a frame when everything has changed: the cursor, the view and the focus.
void frame(benchmark::State& state) {
  const Take& take = big_take();
  static const Strip kStrip(take);
  const Nanos middle = (take.history.first() + take.history.last()) / 2;
  const Nanos span = std::min(take.history.last() - take.history.first(), Nanos{1} << state.range(0));
  const TimeView view{middle - span / 2, middle + span / 2 + 1, 1600};
  std::uint64_t shown = 0;
  for (auto _ : state) {
    const Decree decree(take, focus_at(take.history, middle));
    benchmark::DoNotOptimize(decree.at(middle));
    const Ladder ladder = lay_out_ladder(decree, view);
    benchmark::DoNotOptimize(lay_out_staircase(decree, view));
    benchmark::DoNotOptimize(kStrip.cells(view, decree.instance()));
    shown = ladder.events;
  }
  state.counters["events"] = static_cast<double>(shown);
}
BENCHMARK(frame)->ArgName("log2_ns")->DenseRange(6, 42, 3)->Unit(benchmark::kMillisecond);

void meters(benchmark::State& state) {
  const Take& take = big_take();
  const Nanos span = std::min(take.history.last() - take.history.first(), Nanos{1} << state.range(0));
  for (auto _ : state) benchmark::DoNotOptimize(measure(take.history, take.history.last() - span, take.history.last()));
}
BENCHMARK(meters)->ArgName("log2_ns")->DenseRange(24, 42, 6)->Unit(benchmark::kMillisecond);

// What recording for a capture costs a cluster of real threads: decisions with it, as a share of those without. Runs
// with and without take turns, and the median of the shares counts: the machine's own ups and downs are larger.
void capture_cost(benchmark::State& state) {
  CaptureOptions options;
  options.experiment.proposers = static_cast<std::uint32_t>(state.range(0));
  options.experiment.window = static_cast<std::uint32_t>(state.range(1));
  options.experiment.warm_up_s = 0;
  options.experiment.duration_s = 0.25;
  options.experiment.round_trip_us = 20;
  options.trigger = {.kind = Trigger::Kind::slow_decision, .time = kSecond};  // is looked for, and never comes
  std::vector<double> shares;
  double decided = 0;
  for (auto _ : state) {
    const auto without = [&] {
      return static_cast<double>(run_experiment(options.experiment)->measurement.audit.chosen_ever);
    };
    const auto with = [&] { return static_cast<double>((*Capture::start(options))->take()->decisions); };
    const bool first = shares.size() % 2 == 0;
    const double one = first ? without() : with(), other = first ? with() : without();
    shares.push_back(first ? other / one : one / other);
    decided += first ? other : one;
  }
  std::sort(shares.begin(), shares.end());
  state.counters["decisions"] = decided;
  state.counters["share"] = shares[shares.size() / 2];
  state.counters["share_p25"] = shares[shares.size() / 4];
  state.counters["share_p75"] = shares[shares.size() * 3 / 4];
}
BENCHMARK(capture_cost)
    ->ArgNames({"proposers", "window"})
    ->ArgsProduct({{1, 3}, {1, 64}})
    ->Unit(benchmark::kMillisecond)
    ->Iterations(21);

}  // namespace
}  // namespace paxoscope::viz

BENCHMARK_MAIN();
