// The key-value store under the mixes of YCSB (Cooper et al., "Benchmarking Cloud Serving Systems with YCSB", SoCC
// 2010): A half reads, B 95% reads, C reads only; a thousand keys by Zipf with 0.99. Reads get the latest version,
// writes set the next; acceptors and clients are a thread each. An iteration is one operation of any client.
#include <benchmark/benchmark.h>

#include <latch>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "core/backoff/registry.h"
#include "core/experiment/kv_links.h"
#include "core/kv/store.h"
#include "core/node/workload.h"
#include "core/stats/histogram.h"

namespace paxoscope {
namespace {

constexpr int kStoreAcceptors = 3;

// One client's part: the times of its operations, and how many ended in anything but success.
struct Part {
  Histogram times;
  std::uint64_t failed = 0;
};

std::string user_name(std::uint32_t key) {
  return "user" + std::to_string(key);
}

// Each key's first version, by a client of its own.
void load_store(KvCluster& cluster, const Workload& workload, std::uint32_t me) {
  const auto link = cluster.link(me);
  kv::Client client(*link, **parse_strategy("full_jitter"), {.id = me + 1, .window = 1});
  kv::Store store(client, {.deadline = 60 * kSecond, .nonce = me + 1});
  for (std::uint32_t key = 0; key < workload.keys; ++key) store.set(user_name(key), store.write_id());
}

void use_store(KvCluster& cluster, const Workload& workload, const KeyPicker& picker, std::uint32_t me,
               std::uint64_t operations, std::latch& ready, Part& part) {
  const auto link = cluster.link(me);
  kv::Client client(*link, **parse_strategy("full_jitter"), {.id = me + 1, .window = 1, .seed = me});
  kv::Store store(client, {.deadline = 60 * kSecond, .nonce = me + 1});
  std::vector<std::string> names;
  for (std::uint32_t key = 0; key < workload.keys; ++key) names.push_back(user_name(key));
  Random random(me);
  ready.arrive_and_wait();
  for (std::uint64_t i = 0; i < operations; ++i) {
    const std::string& key = names[picker.pick(random, me)];
    const bool read = random.unit() < workload.read_share;
    const Nanos before = link->now();
    const kv::Result result = read ? store.get(key) : store.set(key, store.write_id());
    part.times.record(link->now() - before);
    part.failed += result.outcome == kv::Outcome::ok ? 0 : 1;
  }
}

void ycsb(benchmark::State& state, const Workload& workload) {
  const auto clients = static_cast<std::uint32_t>(state.range(0));
  const KeyPicker picker(workload);
  Histogram times;
  std::uint64_t operations = 0;
  while (state.KeepRunningBatch(state.max_iterations)) {
    KvCluster cluster(kStoreAcceptors, clients + 1);
    load_store(cluster, workload, clients);
    std::vector<Part> parts(clients);
    std::vector<std::thread> threads;
    std::latch ready(clients + 1);
    const auto each = static_cast<std::uint64_t>(state.max_iterations) / clients + 1;
    for (std::uint32_t me = 0; me < clients; ++me) {
      threads.emplace_back([&, me] { use_store(cluster, workload, picker, me, each, ready, parts[me]); });
    }
    ready.arrive_and_wait();
    const auto begin = std::chrono::steady_clock::now();
    for (std::thread& thread : threads) thread.join();
    const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - begin;
    state.SetIterationTime(passed.count() * static_cast<double>(state.max_iterations) /
                           static_cast<double>(each * clients));
    for (const Part& part : parts) {
      times.merge(part.times);
      if (part.failed > 0) return state.SkipWithError("an operation failed");
    }
    operations += static_cast<std::uint64_t>(state.max_iterations);
  }
  state.counters["operations/s"] = benchmark::Counter(static_cast<double>(operations), benchmark::Counter::kIsRate);
  state.counters["p50_us"] = static_cast<double>(times.percentile(50)) / 1e3;
  state.counters["p99_us"] = static_cast<double>(times.percentile(99)) / 1e3;
}

constexpr Workload with_reads(double share) {
  return {.choice = KeyChoice::zipf, .keys = 1'000, .zipf_theta = 0.99, .read_share = share};
}

BENCHMARK_CAPTURE(ycsb, a, with_reads(0.5))->Name("kv/ycsb_a")->ArgName("clients")->Arg(1)->Arg(4)->UseManualTime();
BENCHMARK_CAPTURE(ycsb, b, with_reads(0.95))->Name("kv/ycsb_b")->ArgName("clients")->Arg(1)->Arg(4)->UseManualTime();
BENCHMARK_CAPTURE(ycsb, c, with_reads(1))->Name("kv/ycsb_c")->ArgName("clients")->Arg(1)->Arg(4)->UseManualTime();

}  // namespace
}  // namespace paxoscope
