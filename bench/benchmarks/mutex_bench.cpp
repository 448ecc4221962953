// A baseline only: acceptors behind a mutex each, which proposer threads lock and call directly. No message, no queue,
// no wait after losing but a yield. On one hot key, beside the same proposers on the real threads and queues, in turns.
#include <benchmark/benchmark.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "bench/benchmarks/slices.h"
#include "core/node/acceptor_node.h"
#include "core/node/write_id.h"
#include "core/paxos/proposer.h"

namespace paxoscope {
namespace {

class LockedAcceptor {
 public:
  explicit LockedAcceptor(AcceptorId id) : node_(id, {}) {}

  Reply ask(const Request& request) {
    const std::lock_guard lock(mutex_);
    Reply reply;
    node_.on_request(request, reply);
    return reply;
  }

 private:
  std::mutex mutex_;
  AcceptorNode node_;
};

using LockedAcceptors = std::vector<std::unique_ptr<LockedAcceptor>>;

// Works through the versions of the hot key until `stop`. Returns how many decisions were its own.
double propose_until(const std::atomic<bool>& stop, const ProposerRules& rules, LockedAcceptors& acceptors,
                     ProposerId self) {
  double won = 0;
  InstanceId instance;
  Proposer proposer;
  while (!stop.load(std::memory_order_relaxed)) {
    Action action = proposer.propose(instance, write_id(instance, self), Ballot(1, self));
    while (action == Action::broadcast && !stop.load(std::memory_order_relaxed)) {
      Request request = proposer.request();
      request.decided_below = instance.ver;
      action = Action::none;
      for (std::size_t i = 0; i < acceptors.size() && action == Action::none; ++i) {
        action = proposer.on_reply(rules, acceptors[i]->ask(request));
      }
      if (action == Action::back_off) {
        std::this_thread::yield();
        action = proposer.retry();
      }
    }
    won += proposer.won() ? 1 : 0;
    instance.ver = action == Action::retired ? proposer.resume_at() : instance.ver + 1;
  }
  return won;
}

Slice run_locked_slice(int acceptor_count, std::uint32_t proposers) {
  const ProposerRules rules{.quorums = Quorums::majority(acceptor_count)};
  LockedAcceptors acceptors;
  for (int i = 0; i < acceptor_count; ++i) {
    acceptors.push_back(std::make_unique<LockedAcceptor>(static_cast<AcceptorId>(i)));
  }
  std::atomic<bool> stop{false};
  std::atomic<double> won{0};
  std::vector<std::thread> threads;
  const auto start = std::chrono::steady_clock::now();
  for (ProposerId id = 1; id <= proposers; ++id) {
    threads.emplace_back([&, id] { won.fetch_add(propose_until(stop, rules, acceptors, id)); });
  }
  std::this_thread::sleep_for(std::chrono::nanoseconds(kSliceMeasured));
  stop.store(true, std::memory_order_relaxed);
  for (std::thread& thread : threads) thread.join();
  return {.decisions = won.load(),
          .seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count()};
}

void mutex_baseline(benchmark::State& state) {
  const auto acceptors = static_cast<int>(state.range(0));
  const auto proposers = static_cast<std::uint32_t>(state.range(1));
  ClusterOptions cluster = slice_cluster(acceptors, 1);
  cluster.proposers = proposers;
  const auto round_trip = measure_round_trip(cluster, {});
  if (!round_trip) return state.SkipWithError(round_trip.error().message.c_str());
  cluster.round_trip = *round_trip;
  time_side_by_side(
      state, [&] { return run_locked_slice(acceptors, proposers); }, [&] { return run_paxos_slice(cluster, {}); },
      "versus_queues");
}
BENCHMARK(mutex_baseline)
    ->Name("mutex_baseline")
    ->ArgNames({"acceptors", "proposers"})
    ->ArgsProduct({{3}, {1, 4, 16, 64}})
    ->UseManualTime();

}  // namespace
}  // namespace paxoscope
