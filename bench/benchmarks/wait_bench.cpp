// What a thread does when it has nothing to do: spin, yield or park, by how long it tries each, beside the default in
// turns (`versus_default`). And what waking a parked thread costs.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <atomic>
#include <thread>

#include "bench/benchmarks/points.h"
#include "bench/benchmarks/slices.h"
#include "core/experiment/names.h"
#include "core/threads/parking.h"

namespace paxoscope {
namespace {

struct Patience {
  WaitKind kind;
  std::uint32_t spins, yields;  // 0: the default
};
constexpr Patience kPatience[] = {
    {WaitKind::spin, 0, 0},      {WaitKind::yield, 1, 0},     {WaitKind::yield, 50, 0}, {WaitKind::yield, 1'000, 0},
    {WaitKind::park, 1, 1},      {WaitKind::park, 1, 10},     {WaitKind::park, 1, 50},  {WaitKind::park, 1, 200},
    {WaitKind::park, 50, 1},     {WaitKind::park, 50, 10},    {WaitKind::park, 50, 50}, {WaitKind::park, 50, 200},
    {WaitKind::park, 1'000, 10}, {WaitKind::park, 1'000, 50},
};

// One hand-over: a thread that parks is woken, and wakes back. Both always park, so an iteration is two wake-ups on
// another core, and the manual time is half of it.
void wake_parked(benchmark::State& state) {
  Parking here(true);
  Parking there(true);
  std::atomic<std::uint64_t> turn{0};  // even: ours
  std::atomic<bool> stop{false};
  const auto await = [&](Parking& parking, std::uint64_t parity) {
    while (true) {
      parking.announce();
      if (turn.load(std::memory_order_acquire) % 2 == parity || stop.load(std::memory_order_relaxed)) {
        return parking.cancel();
      }
      parking.park(kSecond);
    }
  };
  std::thread other([&] {
    while (true) {
      await(there, 1);
      if (stop.load(std::memory_order_relaxed)) return;
      turn.fetch_add(1, std::memory_order_release);
      here.wake();
    }
  });
  for (auto _ : state) {
    const auto start = std::chrono::steady_clock::now();
    turn.fetch_add(1, std::memory_order_release);
    there.wake();
    await(here, 0);
    state.SetIterationTime(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count() / 2);
  }
  stop.store(true, std::memory_order_relaxed);
  there.wake();
  other.join();
}
BENCHMARK(wake_parked)->Name("wait/wake_parked")->UseManualTime();

// A wake() of somebody who is awake: what every message pays.
void wake_awake(benchmark::State& state) {
  Parking parking(true);
  for (auto _ : state) parking.wake();
}
BENCHMARK(wake_awake)->Name("wait/wake_awake");

}  // namespace

void register_waits() {
  for (const Patience& patience : kPatience) {
    for (const std::uint32_t window : {1U, 64U}) {
      for (const std::uint32_t workers : {0U, 2U}) {
        const std::string name = fmt::format("wait/{}/spins:{}/yields:{}/window:{}/workers:{}", name_of(patience.kind),
                                             patience.spins, patience.yields, window, workers);
        benchmark::RegisterBenchmark(name.c_str(), [=](benchmark::State& state) {
          const ClusterOptions cluster = slice_cluster(3, window);
          const ThreadOptions subject{
              .workers = workers, .wait = patience.kind, .spins = patience.spins, .yields = patience.yields};
          const ThreadOptions base{.workers = workers};
          time_side_by_side(
              state, [&] { return run_paxos_slice(cluster, subject); }, [&] { return run_paxos_slice(cluster, base); },
              "versus_default");
        })->UseManualTime();
      }
    }
  }
}

}  // namespace paxoscope
