// The queue floor: the messages of the protocol through its queues and threads, without the protocol. `floor` is the
// floor itself; `floor_ratio` runs protocol and floor in turns: of_floor is the share of the floor's throughput that
// the protocol reaches, latency_ratio how many times longer its median decision takes than the same hops alone.
#include "bench/floor/floor_nodes.h"

#include <benchmark/benchmark.h>

#include "bench/benchmarks/slices.h"

namespace paxoscope {
namespace {

Expected<Slice> run_floor_slice(const ClusterOptions& cluster, const ThreadOptions& threads) {
  return slice_of(run_floor(cluster, threads));
}

void floor_alone(benchmark::State& state) {
  const ClusterOptions cluster =
      slice_cluster(static_cast<int>(state.range(0)), static_cast<std::uint32_t>(state.range(1)));
  time_slices(state, [&] { return run_floor_slice(cluster, {}); });
}
BENCHMARK(floor_alone)
    ->Name("floor")
    ->ArgNames({"acceptors", "window"})
    ->ArgsProduct({{1, 3, 5, 7}, {1, 64}})
    ->UseManualTime();

void floor_ratio(benchmark::State& state) {
  const ClusterOptions floor =
      slice_cluster(static_cast<int>(state.range(0)), static_cast<std::uint32_t>(state.range(1)));
  ClusterOptions paxos = floor;
  paxos.audit = state.range(2) != 0;
  const ThreadOptions threads{.workers = static_cast<std::uint32_t>(state.range(3))};
  time_side_by_side(
      state, [&] { return run_paxos_slice(paxos, threads); }, [&] { return run_floor_slice(floor, threads); },
      "of_floor");
}
BENCHMARK(floor_ratio)
    ->ArgNames({"acceptors", "window", "audit", "workers"})
    ->ArgsProduct({{3}, {1, 16, 64, 128, 256, 512, 1024}, {0, 1}, {0, 1, 2, 3}})
    ->UseManualTime();

}  // namespace
}  // namespace paxoscope
