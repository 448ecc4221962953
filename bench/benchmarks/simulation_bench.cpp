// How fast virtual time goes on one core: events, events at scale and what an agent takes of memory, and whole small
// schedules with every rule of a trace checked on each.
#include <benchmark/benchmark.h>
#include <malloc.h>

#include <ctime>

#include "core/backoff/registry.h"
#include "core/check/rules.h"
#include "core/simulation/simulator.h"

namespace paxoscope {
namespace {

constexpr const char* kStrategy = "full_jitter";

// One hot key in a closed loop.
struct Setting {
  Setting(const char* network, std::uint32_t acceptors, std::uint32_t proposers) {
    options.network = parse_network(network).value();
    cluster.proposers = proposers;
    cluster.rules.quorums = Quorums::majority(static_cast<int>(acceptors));
    cluster.round_trip = options.network.round_trip(acceptors, proposers);
    cluster.timeout = 20 * cluster.round_trip;
    cluster.measure = 3'600 * kSecond;
  }
  SimulationOptions options;
  ClusterOptions cluster;
  std::unique_ptr<Backoff> strategy = parse_strategy(kStrategy).value();
};

// Arguments: acceptors, proposers, audit.
void events(benchmark::State& state) {
  Setting setting("lognormal:10us,0.3", static_cast<std::uint32_t>(state.range(0)),
                  static_cast<std::uint32_t>(state.range(1)));
  setting.cluster.audit = state.range(2) != 0;
  setting.options.events_max = 500'000;
  NoSink off;
  Simulator<NoSink> simulator(setting.cluster, *setting.strategy, setting.options, off);
  std::uint64_t seed = 0;
  std::uint64_t handled = 0;
  for (auto _ : state) {
    const SimulationResult& result = simulator.run(++seed);
    if (result.failed()) state.SkipWithError(result.measurement.violation.c_str());
    handled += result.events;
  }
  state.counters["events/s"] = benchmark::Counter(static_cast<double>(handled), benchmark::Counter::kIsRate);
}
BENCHMARK(events)
    ->Name("simulation/events")
    ->ArgNames({"acceptors", "proposers", "audit"})
    ->Args({3, 2, 0})
    ->Args({3, 2, 1})
    ->Args({3, 16, 1})
    ->Args({3, 64, 1})
    ->Args({5, 1'000, 1})
    ->Unit(benchmark::kMillisecond);

std::size_t allocated() {
  const struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

// Of this thread: what others do meanwhile does not count.
double cpu_nanos() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

// A simulator whose memory and speed are measured.
struct Subject {
  Subject(std::uint32_t acceptors, std::uint32_t proposers, std::uint64_t events_max)
      : setting("lognormal:10us,0.3", acceptors, proposers) {
    setting.options.events_max = events_max;
    const std::size_t before = allocated();
    simulator.emplace(setting.cluster, *setting.strategy, setting.options, off);
    bytes_as_made = static_cast<double>(allocated() - before);
    run();
    bytes_after_a_run = static_cast<double>(allocated() - before);
    nanos = 0;
    events = 0;
  }
  void run() {
    const double from = cpu_nanos();
    const SimulationResult& result = simulator->run(++seed);
    nanos += cpu_nanos() - from;
    events += static_cast<double>(result.events);
    failed = failed || result.failed();
  }
  double nanos_per_event() const { return nanos / events; }

  Setting setting;
  NoSink off;
  std::optional<Simulator<NoSink>> simulator;
  double bytes_as_made = 0, bytes_after_a_run = 0;
  double nanos = 0, events = 0;
  std::uint64_t seed = 0;
  bool failed = false;
};

// 10,000 proposers and 101 acceptors, in turns with the small cluster: the ratio holds on a noisy machine too. Memory
// by difference: with the rest alike, what one agent more takes, alone and with its messages and histogram.
void scale(benchmark::State& state) {
  constexpr std::uint32_t kAcceptors = 101, kManyProposers = 10'000;
  constexpr std::uint64_t kEvents = 4'000'000;
  const Subject no_proposers(kAcceptors, 1, kEvents / kManyProposers);
  const Subject few_acceptors(1, 1, kEvents / kManyProposers);
  Subject small(3, 2, kEvents / 4);
  Subject big(kAcceptors, kManyProposers, kEvents);
  for (auto _ : state) {
    small.run();
    big.run();
  }
  if (small.failed || big.failed) state.SkipWithError("a rule was broken");
  state.counters["ns/event"] = big.nanos_per_event();
  state.counters["small_ns/event"] = small.nanos_per_event();
  state.counters["ratio"] = big.nanos_per_event() / small.nanos_per_event();
  state.counters["proposer_bytes"] = (big.bytes_as_made - no_proposers.bytes_as_made) / (kManyProposers - 1);
  state.counters["proposer_run_bytes"] =
      (big.bytes_after_a_run - no_proposers.bytes_after_a_run) / (kManyProposers - 1);
  state.counters["acceptor_bytes"] = (no_proposers.bytes_as_made - few_acceptors.bytes_as_made) / (kAcceptors - 1);
}
BENCHMARK(scale)->Name("simulation/scale/acceptors:101/proposers:10000")->Unit(benchmark::kMillisecond);

// Two proposers duel for one instance until both have learned; another seed for every schedule. With `rules` the
// simulator records, and the checker judges each schedule by all of R1 to R10.
template <bool rules>
void schedules(benchmark::State& state, const char* network) {
  Setting setting(network, 3, 2);
  setting.cluster.operations_max = 1;
  setting.cluster.audit = false;  // the rules say the same and more
  struct Judge {
    RuleChecker checker{{}};
    void push(const Event& event) { checker.feed(event); }
  };
  std::conditional_t<rules, Judge, NoSink> sink;
  Simulator simulator(setting.cluster, *setting.strategy, setting.options, sink);
  std::uint64_t seed = 0;
  std::uint64_t handled = 0;
  for (auto _ : state) {
    const SimulationResult& result = simulator.run(++seed);
    handled += result.events;
    if (result.failed() || result.measurement.stop != StopReason::operations) state.SkipWithError("not complete");
    if constexpr (rules) {
      for (const AgentTotal& total : result.recorded) {
        sink.checker.expect(total.agent_kind, total.agent, total.recorded);
      }
      if (sink.checker.finish().verdict != RuleReport::Verdict::ok) state.SkipWithError("a clean run was flagged");
      sink.checker.reset();
    }
  }
  state.counters["schedules/s"] =
      benchmark::Counter(static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
  state.counters["events"] = benchmark::Counter(static_cast<double>(handled), benchmark::Counter::kAvgIterations);
}
void judged(benchmark::State& state, const char* network) {
  schedules<true>(state, network);
}
void unjudged(benchmark::State& state, const char* network) {
  schedules<false>(state, network);
}
BENCHMARK_CAPTURE(judged, constant, "constant:10us")->Name("simulation/schedules/rules/constant");
BENCHMARK_CAPTURE(judged, normal, "normal:10us,2us")->Name("simulation/schedules/rules/normal");
BENCHMARK_CAPTURE(judged, exponential, "exponential:10us")->Name("simulation/schedules/rules/exponential");
BENCHMARK_CAPTURE(unjudged, exponential, "exponential:10us")->Name("simulation/schedules/no_rules/exponential");

}  // namespace
}  // namespace paxoscope
