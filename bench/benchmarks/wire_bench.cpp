// Three acceptors in processes of their own behind gRPC, each with a log that is flushed before it answers (or those
// that --peers names), and one client. `dialing` is that client as paxoskv has it, the base line: it asks one acceptor
// after the other, each on a connection of its own. An iteration is one decision. over_dialing compares the two in
// turns, so that both meet the same machine and the same disk.
#include <benchmark/benchmark.h>

#include <chrono>
#include <string>
#include <vector>

#include "bench/benchmarks/acceptors.h"
#include "bench/benchmarks/slices.h"
#include "core/backoff/registry.h"
#include "core/wire/peers.h"
#include "core/wire/wire_cluster.h"

namespace paxoscope {
namespace {

constexpr Nanos kWireTimeout = kSecond;

// One phase of paxoskv's client: every acceptor in turn, and then it counts.
bool ask_one_by_one(const std::vector<wire::Address>& addresses, const std::string& key, const Request& request) {
  std::size_t granted = 0;
  for (const wire::Address& address : addresses) {
    const auto peer = wire::Peers::connect({address}, 1, 1, kWireTimeout);
    if (!peer) continue;
    (*peer)->broadcast(key, request, kWireTimeout);
    const auto answer = (*peer)->receive(kWireTimeout);
    granted += answer && answer->reply.granted() ? 1 : 0;
  }
  return granted > addresses.size() / 2;
}

bool decide_one_by_one(const std::vector<wire::Address>& addresses, const std::string& key, std::uint64_t ver) {
  Request request{.instance = {ver, 0}, .ballot = Ballot(1, 1), .value = 7, .phase = Phase::prepare};
  if (!ask_one_by_one(addresses, key, request)) return false;
  request.phase = Phase::accept;
  return ask_one_by_one(addresses, key, request);
}

void dialing(benchmark::State& state) {
  const Acceptors acceptors;
  if (!acceptors.error().empty()) return state.SkipWithError(acceptors.error().c_str());
  const std::string key = wire::fresh_keys();
  std::uint64_t ver = 0;
  for (auto _ : state) {
    if (!decide_one_by_one(acceptors.addresses(), key, ver++)) state.SkipWithError("no quorum");
  }
  state.counters["decisions/s"] = benchmark::Counter(static_cast<double>(ver), benchmark::Counter::kIsRate);
}

constexpr const char* kNotOurs = "the acceptors that --peers names are not stopped";

ClusterOptions cluster_of(const Acceptors& acceptors, std::uint32_t window) {
  ClusterOptions cluster;
  cluster.rules.quorums = Quorums::majority(static_cast<int>(acceptors.addresses().size()));
  cluster.window = window;
  cluster.timeout = kWireTimeout;
  cluster.round_trip = kMillisecond;
  cluster.measure = 10 * kSecond;
  return cluster;
}

Expected<Measurement> measure_wire(const Acceptors& acceptors, const ClusterOptions& cluster) {
  return wire::run_wire(cluster, **parse_strategy("full_jitter"),
                        {.peers = acceptors.addresses(), .keys = wire::fresh_keys()});
}

double microseconds(const Histogram& times, double percent) {
  return static_cast<double>(times.percentile(percent)) / 1e3;
}

// stopped: one acceptor hangs meanwhile.
void kept(benchmark::State& state, std::uint32_t window, bool stopped) {
  Acceptors acceptors;
  if (!acceptors.error().empty()) return state.SkipWithError(acceptors.error().c_str());
  if (stopped && acceptors.last() == nullptr) return state.SkipWithError(kNotOurs);
  if (stopped) acceptors.last()->stop();
  ClusterOptions cluster = cluster_of(acceptors, window);
  Histogram times;
  double decisions = 0;
  while (state.KeepRunningBatch(state.max_iterations)) {
    cluster.decisions_max = static_cast<std::uint64_t>(state.max_iterations);
    const auto measured = measure_wire(acceptors, cluster);
    if (!measured) return state.SkipWithError(measured.error().message.c_str());
    if (!measured->violation.empty()) return state.SkipWithError(measured->violation.c_str());
    if (measured->audit.chosen_ever == 0) return state.SkipWithError("no decision");
    const double share = static_cast<double>(state.max_iterations) / static_cast<double>(measured->audit.chosen_ever);
    state.SetIterationTime(static_cast<double>(measured->measured) / 1e9 * share);
    decisions += static_cast<double>(state.max_iterations);
    times.merge(measured->proposers.front().to_end);
  }
  state.counters["decisions/s"] = benchmark::Counter(decisions, benchmark::Counter::kIsRate);
  state.counters["p50_us"] = microseconds(times, 50);
  state.counters["p99_us"] = microseconds(times, 99);
}

// What one acceptor that hangs costs the others' clients, in turns, so that both meet the same machine.
void one_stopped(benchmark::State& state, std::uint32_t window) {
  Acceptors acceptors;
  if (!acceptors.error().empty()) return state.SkipWithError(acceptors.error().c_str());
  ClusterOptions cluster = cluster_of(acceptors, window);
  cluster.measure = kSecond / 5;
  if (acceptors.last() == nullptr) return state.SkipWithError(kNotOurs);
  Histogram up, stopped;
  for (auto _ : state) {
    for (Histogram* times : {&up, &stopped}) {
      if (times == &stopped) acceptors.last()->stop();
      const auto measured = measure_wire(acceptors, cluster);
      acceptors.last()->go_on();
      if (!measured) return state.SkipWithError(measured.error().message.c_str());
      times->merge(measured->proposers.front().to_end);
    }
  }
  state.counters["p99_up_us"] = microseconds(up, 99);
  state.counters["p99_stopped_us"] = microseconds(stopped, 99);
  state.counters["p99_ratio"] = microseconds(stopped, 99) / microseconds(up, 99);
}

Slice dial_for(const Acceptors& acceptors, Nanos time) {
  const std::string key = wire::fresh_keys();
  const auto begin = std::chrono::steady_clock::now();
  Slice slice;
  while (slice.seconds < static_cast<double>(time) / 1e9) {
    slice.decisions +=
        decide_one_by_one(acceptors.addresses(), key, static_cast<std::uint64_t>(slice.decisions)) ? 1 : 0;
    slice.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  }
  return slice;
}

void over_dialing(benchmark::State& state, std::uint32_t window) {
  const Acceptors acceptors;
  if (!acceptors.error().empty()) return state.SkipWithError(acceptors.error().c_str());
  ClusterOptions cluster = cluster_of(acceptors, window);
  cluster.warm_up = 10 * kMillisecond;
  cluster.measure = kSecond / 4;
  time_side_by_side(
      state, [&] { return slice_of(measure_wire(acceptors, cluster)); },
      [&] { return dial_for(acceptors, cluster.measure); }, "of_dialing");
}

BENCHMARK(dialing)->Name("wire/dialing")->UseRealTime();
BENCHMARK_CAPTURE(kept, 1, 1, false)->Name("wire/kept/window:1")->UseManualTime();
BENCHMARK_CAPTURE(kept, 16, 16, false)->Name("wire/kept/window:16")->UseManualTime();
BENCHMARK_CAPTURE(kept, 64, 64, false)->Name("wire/kept/window:64")->UseManualTime();
BENCHMARK_CAPTURE(over_dialing, 1, 1)->Name("wire/over_dialing/window:1")->UseManualTime();
BENCHMARK_CAPTURE(over_dialing, 16, 16)->Name("wire/over_dialing/window:16")->UseManualTime();
BENCHMARK_CAPTURE(kept, stopped, 16, true)->Name("wire/kept_one_stopped/window:16")->UseManualTime();
BENCHMARK_CAPTURE(one_stopped, 16, 16)->Name("wire/what_one_stopped_costs/window:16")->Iterations(5)->UseRealTime();

}  // namespace
}  // namespace paxoscope
