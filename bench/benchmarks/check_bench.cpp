// How fast the rule checker judges events, and the explorer finds states.
#include <benchmark/benchmark.h>

#include "core/check/explorer.h"
#include "core/check/random_cluster.h"
#include "core/check/rules.h"

namespace paxoscope {
namespace {

// Arguments: acceptors, proposers, keys. The clean trace is made once, outside the time.
void rules(benchmark::State& state) {
  constexpr std::size_t kEvents = 1'000'000;
  RandomClusterOptions options;
  options.acceptors = static_cast<std::uint32_t>(state.range(0));
  options.proposers = static_cast<std::uint32_t>(state.range(1));
  options.keys = static_cast<std::uint32_t>(state.range(2));
  options.rules.quorums = Quorums::majority(static_cast<int>(options.acceptors));
  std::vector<Event> events;
  events.reserve(kEvents);
  auto keep = [&events](const Event& event) { events.push_back(event); };
  const auto strategy = parse_strategy("full_jitter").value();
  RandomCluster cluster(options, *strategy, keep);
  while (events.size() < kEvents) cluster.step();
  const auto check = [&] {
    const RuleReport report = check_rules(events, {.quorums = options.rules.quorums});
    if (report.verdict != RuleReport::Verdict::ok) state.SkipWithError("a clean trace was flagged");
  };
  check();  // a long trace pays once for the first use of memory, which is half of a short one's time
  for (auto _ : state) check();
  state.counters["events/s"] = benchmark::Counter(
      static_cast<double>(events.size()) * static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
}
BENCHMARK(rules)
    ->Name("check/rules")
    ->ArgNames({"acceptors", "proposers", "keys"})
    ->Args({3, 3, 2})
    ->Args({5, 8, 1})
    ->Args({3, 16, 1000})
    ->Unit(benchmark::kMillisecond);

// Arguments: acceptors, proposers, rounds.
void explorer(benchmark::State& state) {
  ExplorerOptions options;
  options.acceptors = static_cast<int>(state.range(0));
  options.proposers = static_cast<int>(state.range(1));
  options.rounds = static_cast<int>(state.range(2));
  std::uint64_t states = 0, transitions = 0;
  for (auto _ : state) {
    const auto report = explore(options);
    if (!report || !report->ok()) state.SkipWithError("not exhausted, or a violation");
    states += report ? report->states : 0;
    transitions += report ? report->transitions : 0;
  }
  state.counters["states/s"] = benchmark::Counter(static_cast<double>(states), benchmark::Counter::kIsRate);
  state.counters["transitions/s"] = benchmark::Counter(static_cast<double>(transitions), benchmark::Counter::kIsRate);
}
BENCHMARK(explorer)
    ->Name("check/explorer")
    ->ArgNames({"acceptors", "proposers", "rounds"})
    ->Args({3, 2, 1})
    ->Args({3, 3, 1})
    ->Args({5, 2, 1})
    ->Args({3, 2, 2})
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace paxoscope
