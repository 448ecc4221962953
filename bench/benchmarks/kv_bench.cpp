// The key-value store under the mixes of YCSB (Cooper et al., "Benchmarking Cloud Serving Systems with YCSB", SoCC
// 2010): A half reads, B 95% reads, C reads only; a thousand keys by Zipf with 0.99. Reads get the latest version,
// writes set the next; acceptors and clients are a thread each. An iteration is one operation of any client. wire_ycsb:
// a hundred keys, at acceptors behind gRPC.
#include <benchmark/benchmark.h>

#include <chrono>
#include <functional>
#include <latch>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "bench/benchmarks/acceptors.h"
#include "core/backoff/registry.h"
#include "core/experiment/kv_links.h"
#include "core/kv/store.h"
#include "core/node/workload.h"
#include "core/stats/histogram.h"
#include "core/wire/wire_cluster.h"

namespace paxoscope {
namespace {

constexpr int kStoreAcceptors = 3;

// One client's part: the times of its operations, and how many ended in anything but success.
struct Part {
  Histogram times;
  std::uint64_t failed = 0;
};

// How client `me` reaches the store; the acceptors' names for the keys.
struct StoreEngine {
  std::function<Expected<KvConnection>(std::uint32_t me)> connect;
  std::string prefix;
};

std::string user_name(const StoreEngine& engine, std::uint32_t key) {
  return engine.prefix + "user" + std::to_string(key);
}

// A client with one operation at a time.
struct Customer {
  explicit Customer(KvConnection to)
      : connection(std::move(to)),
        client(*connection.link, **parse_strategy("full_jitter"), connection.options),
        store(client, {.deadline = 60 * kSecond, .nonce = connection.options.id}) {}
  KvConnection connection;
  kv::Client client;
  kv::Store store;
};

std::unique_ptr<Customer> customer(const StoreEngine& engine, std::uint32_t me, std::string& error) {
  auto connection = engine.connect(me);
  if (!connection) error = connection.error().message;
  if (!connection) return nullptr;
  connection->options.window = 1;
  connection->options.seed = me;
  return std::make_unique<Customer>(std::move(*connection));
}

// Each key's first version, by a client of its own.
void load_store(Customer& loader, const StoreEngine& engine, const Workload& workload) {
  for (std::uint32_t key = 0; key < workload.keys; ++key) {
    loader.store.set(user_name(engine, key), loader.store.write_id());
  }
}

void use_store(Customer& one, const StoreEngine& engine, const Workload& workload, const KeyPicker& picker,
               std::uint32_t me, std::uint64_t operations, std::latch& ready, Part& part) {
  std::vector<std::string> names;
  for (std::uint32_t key = 0; key < workload.keys; ++key) names.push_back(user_name(engine, key));
  Random random(me);
  ready.arrive_and_wait();
  for (std::uint64_t i = 0; i < operations; ++i) {
    const std::string& key = names[picker.pick(random, me)];
    const bool read = random.unit() < workload.read_share;
    const Nanos before = one.connection.link->now();
    const kv::Result result = read ? one.store.get(key) : one.store.set(key, one.store.write_id());
    part.times.record(one.connection.link->now() - before);
    part.failed += result.outcome == kv::Outcome::ok ? 0 : 1;
  }
}

struct StoreUse {
  Histogram times;
  double seconds = 0;
  std::string error;
};

// `each` operations by each of the clients at once, on a store with every key in it.
StoreUse use_at_once(const StoreEngine& engine, const Workload& workload, std::uint32_t clients, std::uint64_t each) {
  StoreUse total;
  const KeyPicker picker(workload);
  std::vector<std::unique_ptr<Customer>> customers;
  for (std::uint32_t me = 0; me <= clients; ++me) {
    customers.push_back(customer(engine, me, total.error));
    if (!total.error.empty()) return total;
  }
  load_store(*customers.back(), engine, workload);
  std::vector<Part> parts(clients);
  std::vector<std::thread> threads;
  std::latch ready(clients + 1);
  for (std::uint32_t me = 0; me < clients; ++me) {
    threads.emplace_back([&, me] { use_store(*customers[me], engine, workload, picker, me, each, ready, parts[me]); });
  }
  ready.arrive_and_wait();
  const auto begin = std::chrono::steady_clock::now();
  for (std::thread& thread : threads) thread.join();
  total.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  for (const Part& part : parts) {
    total.times.merge(part.times);
    if (part.failed > 0) total.error = "an operation failed";
  }
  return total;
}

template <class MakeEngine>
void time_ycsb(benchmark::State& state, const Workload& workload, MakeEngine&& make_engine) {
  const auto clients = static_cast<std::uint32_t>(state.range(0));
  Histogram times;
  std::uint64_t operations = 0;
  while (state.KeepRunningBatch(state.max_iterations)) {
    const auto each = static_cast<std::uint64_t>(state.max_iterations) / clients + 1;
    const StoreUse total = use_at_once(make_engine(clients + 1), workload, clients, each);
    if (!total.error.empty()) return state.SkipWithError(total.error.c_str());
    state.SetIterationTime(total.seconds * static_cast<double>(state.max_iterations) /
                           static_cast<double>(each * clients));
    times.merge(total.times);
    operations += static_cast<std::uint64_t>(state.max_iterations);
  }
  state.counters["operations/s"] = benchmark::Counter(static_cast<double>(operations), benchmark::Counter::kIsRate);
  state.counters["p50_us"] = static_cast<double>(times.percentile(50)) / 1e3;
  state.counters["p99_us"] = static_cast<double>(times.percentile(99)) / 1e3;
}

void ycsb(benchmark::State& state, const Workload& workload) {
  std::unique_ptr<KvCluster> cluster;
  time_ycsb(state, workload, [&](std::uint32_t clients) {
    cluster = std::make_unique<KvCluster>(kStoreAcceptors, clients);
    return StoreEngine{[&](std::uint32_t me) {
                         return Expected<KvConnection>(KvConnection{cluster->link(me), {.id = me + 1}});
                       },
                       ""};
  });
}

void wire_ycsb(benchmark::State& state, Workload workload) {
  workload.keys = 100;
  const Acceptors acceptors;
  if (!acceptors.error().empty()) return state.SkipWithError(acceptors.error().c_str());
  time_ycsb(state, workload, [&](std::uint32_t) {
    return StoreEngine{[&](std::uint32_t) { return connect_kv(acceptors.addresses()); }, wire::fresh_keys() + "/"};
  });
}

constexpr Workload with_reads(double share) {
  return {.choice = KeyChoice::zipf, .keys = 1'000, .zipf_theta = 0.99, .read_share = share};
}

BENCHMARK_CAPTURE(ycsb, a, with_reads(0.5))->Name("kv/ycsb_a")->ArgName("clients")->Arg(1)->Arg(4)->UseManualTime();
BENCHMARK_CAPTURE(ycsb, b, with_reads(0.95))->Name("kv/ycsb_b")->ArgName("clients")->Arg(1)->Arg(4)->UseManualTime();
BENCHMARK_CAPTURE(ycsb, c, with_reads(1))->Name("kv/ycsb_c")->ArgName("clients")->Arg(1)->Arg(4)->UseManualTime();

BENCHMARK_CAPTURE(wire_ycsb, a, with_reads(0.5))->Name("wire/ycsb_a")->ArgName("clients")->Arg(1)->UseManualTime();
BENCHMARK_CAPTURE(wire_ycsb, b, with_reads(0.95))->Name("wire/ycsb_b")->ArgName("clients")->Arg(1)->UseManualTime();
BENCHMARK_CAPTURE(wire_ycsb, c, with_reads(1))->Name("wire/ycsb_c")->ArgName("clients")->Arg(1)->UseManualTime();

}  // namespace
}  // namespace paxoscope
