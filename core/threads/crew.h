// The threads of one run, from seating the nodes to joining. A template for the same reason as Worker: bench runs it
// with nodes that speak no protocol.
#pragma once

#include <fmt/format.h>
#include <pthread.h>

#include <latch>
#include <memory>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "core/threads/run_trace.h"
#include "core/threads/seating.h"
#include "core/threads/thread_cluster.h"
#include "core/threads/worker.h"

namespace paxoscope {

template <class Nodes, class Recorder = NoRecorder>
class Crew {
 public:
  using W = Worker<Nodes, Recorder>;
  using Acceptor = AcceptorSeat<Nodes, Recorder>;
  using Proposer = ProposerSeat<Nodes, Recorder>;

  // make_acceptor(AcceptorId) and make_proposer(rank) give the nodes. trace: for ThreadRecorder only, and then needed.
  template <class MakeAcceptor, class MakeProposer>
  Crew(const ClusterOptions& cluster, const ThreadOptions& options, MakeAcceptor&& make_acceptor,
       MakeProposer&& make_proposer, RunTrace* trace = nullptr)
      : cluster_(cluster), options_(options), trace_(trace), seating_(seat(cluster, options)) {
    const auto acceptors = static_cast<std::size_t>(cluster.rules.quorums.acceptors());
    const std::size_t threads = seating_.threads();
    run_.measure_from = cluster.warm_up;
    run_.measure_to = cluster.warm_up + cluster.measure;
    if (cluster.audit && Nodes::kAudited) hub_.emplace(cluster.audit_options(), threads);
    const bool crowded = threads > std::thread::hardware_concurrency();
    const Idle idle(options.wait,
                    options.spins != 0 ? options.spins
                    : crowded          ? 4
                                       : 200,
                    options.yields != 0 ? options.yields : 50);
    const bool can_park = options.wait == WaitKind::park;
    if constexpr (Recorder::kTracing) trace_->prepare(threads);
    for (std::size_t i = 0; i < threads; ++i) {
      workers_.push_back(std::make_unique<W>(run_, idle, can_park, hub_ ? &*hub_ : nullptr, i));
    }
    // Requests of one proposer that one acceptor may leave unanswered: for every slot to start over twice, and for the
    // length of an OS time slice. It bounds an acceptor's queue to some 65,536 requests, or 4 windows of each proposer.
    const std::uint32_t unanswered_max = std::max(4 * cluster.window + 16, 65'536 / cluster.proposers);
    for (std::size_t i = 0; i < acceptors; ++i) {
      const std::size_t thread = seating_.of_acceptor(i);
      W& worker = *workers_[thread];
      acceptors_.push_back(std::make_unique<Acceptor>(
          Acceptor{make_acceptor(static_cast<AcceptorId>(i)),
                   Mailbox<Request>(worker.parking(), std::size_t{cluster.proposers} * cluster.window,
                                    std::min<std::size_t>({threads, cluster.proposers, kProducersPrepared})),
                   make_recorder(AgentKind::acceptor, static_cast<std::uint32_t>(i), thread)}));
      worker.seat(*acceptors_.back());
    }
    for (std::uint32_t rank = 0; rank < cluster.proposers; ++rank) {
      const std::size_t thread = seating_.of_proposer(rank);
      W& worker = *workers_[thread];
      proposers_.push_back(std::make_unique<Proposer>(Proposer{
          .node = make_proposer(rank),
          .inbox =
              Mailbox<Reply>(worker.parking(), std::size_t{cluster.window} * acceptors, std::min(threads, acceptors)),
          .unanswered = Unanswered(acceptors, unanswered_max),
          .measured = {},
          .before = {},
          .livelock = {},
          .recorder = make_recorder(AgentKind::proposer, rank + 1, thread)}));
      worker.seat(*proposers_.back());
    }
    const bool announces = cluster.rules.learning == Learning::announcement;
    for (auto& worker : workers_) worker->connect(acceptors_, proposers_, announces);
    if constexpr (CanCrash<Nodes>) plan_crashes();
  }

  Expected<Measurement> run(const RunControl& control) {
    if (auto started = start(); !started) return tl::unexpected(started.error());
    const StopReason reason = watch(control);
    stop();
    return collect(reason);
  }

 private:
  static constexpr std::size_t kProducersPrepared = 64;  // beyond, a mailbox takes memory as producers show up

  static Seating seat(const ClusterOptions& cluster, const ThreadOptions& options) {
    const auto acceptors = static_cast<std::size_t>(cluster.rules.quorums.acceptors());
    const std::size_t nodes = acceptors + cluster.proposers;
    return {acceptors, cluster.proposers, options.workers == 0 ? nodes : std::min<std::size_t>(options.workers, nodes)};
  }

  void plan_crashes() {
    Nanos from = kNever;
    for (const Crash& crash : options_.crashes) from = std::min(from, crash.at);
    if (from == kNever) return;
    std::vector<Crashes<Nodes, Recorder>*> threads;
    for (auto& worker : workers_) threads.push_back(&worker->expect_crashes(from));
    for (const Crash& crash : options_.crashes) {
      const bool acceptor = crash.kind == AgentKind::acceptor;
      const std::size_t thread = seating_.of(crash.kind, crash.id);
      acceptor ? threads[thread]->add(*acceptors_[crash.id], crash)
               : threads[thread]->add(*proposers_[crash.id - 1], crash);
      if constexpr (Recorder::kTracing) trace_->watch(thread);
    }
    for (auto* thread : threads) thread->connect(seating_, threads, acceptors_, proposers_);
  }

  Recorder make_recorder(AgentKind kind, std::uint32_t agent, std::size_t thread) {
    if constexpr (Recorder::kTracing) {
      if (kind == AgentKind::proposer) trace_->watch(thread);
      return Recorder(kind, agent, trace_->ring(thread));
    } else {
      return {};
    }
  }

  Expected<bool> start() {
    for (std::size_t i = 0; i < workers_.size(); ++i) {
      try {
        threads_.emplace_back([this, i] {
          ready_.wait();
          (*workers_[i])();
        });
      } catch (const std::system_error& error) {
        run_.stop.store(true, std::memory_order_relaxed);
        ready_.count_down();
        stop();
        return fail(fmt::format("the system refused thread {} of {} ({}): use fewer proposers, or --workers", i + 1,
                                workers_.size(), error.code().message()));
      }
      if (options_.pin) pin(threads_.back(), i);
    }
    // After the threads that it watches: on which core the system starts a thread depends on who is there already.
    if constexpr (Recorder::kTracing) trace_->start();
    run_.epoch = std::chrono::steady_clock::now();
    ready_.count_down();
    return true;
  }

  // Until one of the run's bounds is reached.
  StopReason watch(const RunControl& control) {
    while (true) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
      const Nanos now = run_.now();
      if (hub_) hub_->judge();  // also while the thread that does it sleeps
      const std::uint64_t decisions = hub_ ? hub_->chosen() : 0;
      if constexpr (Recorder::kTracing) trace_->look();
      if (control.progress) {
        control.progress({now, run_.measure_to, decisions, hub_ ? hub_->measured() : 0,
                          run_.crashed_at.load(std::memory_order_relaxed)});
      }
      if (control.interrupted && control.interrupted()) return StopReason::interrupted;
      if (const auto reason = bound_reached(now, decisions)) return *reason;
    }
  }

  std::optional<StopReason> bound_reached(Nanos now, std::uint64_t decisions) const {
    if (hub_ && hub_->violated()) return StopReason::violation;
    if (run_.gave_up.load(std::memory_order_relaxed)) return StopReason::livelock;
    if (cluster_.decisions_max != 0 && decisions >= cluster_.decisions_max) return StopReason::decisions;
    if (run_.proposers_done.load(std::memory_order_relaxed) == cluster_.proposers) return StopReason::operations;
    if (now >= run_.measure_to) return StopReason::time;
    return std::nullopt;
  }

  void stop() {
    run_.stop.store(true, std::memory_order_relaxed);
    for (auto& worker : workers_) worker->parking().wake();
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
    if constexpr (Recorder::kTracing) {
      std::vector<AgentTotal> totals;
      for (const auto& seat : proposers_) totals.push_back(seat->recorder.total());
      for (const auto& seat : acceptors_) totals.push_back(seat->recorder.total());
      trace_->finish(totals);
    }
  }

  Measurement collect(StopReason reason) {
    Measurement result;
    result.stop = reason;
    result.warm_up = run_.measure_from;
    result.threads = static_cast<std::uint32_t>(workers_.size());
    for (const auto& worker : workers_) {
      if (worker->crashes() != nullptr) result.crashes += worker->crashes()->counts();
      result.cpu += worker->used().cpu;
      result.context_switches += worker->used().context_switches;
      result.measured = std::max(result.measured, worker->used().wall);
    }
    for (std::size_t i = 0; i < proposers_.size(); ++i) {
      Proposer& seat = *proposers_[i];
      const W& worker = *workers_[seating_.of_proposer(i)];
      seat.measured.measured = worker.used().wall;
      seat.measured.budget = budget(seat.measured.counters, worker.used(), worker.proposers());
      result.proposers.push_back(std::move(seat.measured));
      if (result.livelock.empty()) result.livelock = seat.livelock;
    }
    if constexpr (Nodes::kAudited) {
      for (const auto& seat : acceptors_) result.acceptors.push_back(seat->node.counters());
    }
    if (hub_) {
      Audit& audit = hub_->finish(result.warm_up + result.measured);
      result.audit = audit.report();
      result.violation = audit.violation();
      if (!result.violation.empty()) result.stop = StopReason::violation;
    }
    return result;
  }

  // Slot-time, per slot: what was not waiting or backing off was idle. Of the waiting, the thread's share of handling
  // messages was work, and the share in which it had no core was queueing.
  TimeBudget budget(const ProposerCounters& counters, const ThreadUsage& used, std::size_t sharing) const {
    const auto window = static_cast<Nanos>(cluster_.window);
    TimeBudget budget;
    const Nanos wall = used.wall;
    budget.backing_off = std::min(counters.backing_off / window, wall);
    Nanos open = std::min(counters.waiting / window, wall - budget.backing_off);
    budget.idle = wall - budget.backing_off - open;
    budget.working = std::min(used.working / static_cast<Nanos>(std::max<std::size_t>(sharing, 1)), open);
    open -= budget.working;
    const double off_core = wall == 0 ? 0 : static_cast<double>(used.queued()) / static_cast<double>(wall);
    budget.queued = std::min(static_cast<Nanos>(off_core * static_cast<double>(open + budget.working)), open);
    budget.waiting = open - budget.queued;
    return budget;
  }

  static void pin(std::thread& thread, std::size_t index) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(index % std::max(1U, std::thread::hardware_concurrency()), &set);
    pthread_setaffinity_np(thread.native_handle(), sizeof set, &set);
  }

  const ClusterOptions& cluster_;
  ThreadOptions options_;
  RunTrace* trace_;
  const Seating seating_;
  SharedRun run_;
  std::latch ready_{1};  // outlives the threads: one that wakes late still looks at it
  std::optional<AuditHub> hub_;
  std::vector<std::unique_ptr<W>> workers_;
  std::vector<std::unique_ptr<Acceptor>> acceptors_;
  std::vector<std::unique_ptr<Proposer>> proposers_;
  std::vector<std::thread> threads_;
};

// run_threads (thread_cluster.h) with these nodes.
template <class Nodes>
Expected<Measurement> run_nodes(const ClusterOptions& cluster, const Backoff& strategy, const ThreadOptions& threads,
                                const RunControl& control) {
  const KeyPicker picker(cluster.workload);
  const auto acceptor = [&](AcceptorId id) { return typename Nodes::Acceptor(id, cluster.limits); };
  const auto proposer = [&](std::uint32_t rank) {
    return typename Nodes::Proposer(cluster.proposer(rank), strategy, cluster.workload, picker);
  };
  if (control.trace == nullptr) return Crew<Nodes>(cluster, threads, acceptor, proposer).run(control);
  RunTrace trace(control);
  return Crew<Nodes, ThreadRecorder>(cluster, threads, acceptor, proposer, &trace).run(control);
}

}  // namespace paxoscope
