// The discrete-event engine: takes the next event, lets the node that it concerns take its turn (core/node/turn.h), and
// turns what the node sends into events to come.
//
// Sink takes what happened (core/trace/recorder.h says what a sink is); NoSink compiles to nothing. A sink never
// influences a run. All draws belong to a message by its sender and that sender's count of broadcasts, so runs of
// different strategies under one seed have the same network for as long as they do the same.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <type_traits>
#include <vector>

#include "core/node/cluster.h"
#include "core/node/turn.h"
#include "core/prefetch.h"
#include "core/simulation/event_queue.h"
#include "core/simulation/in_flight.h"
#include "core/simulation/seats.h"
#include "core/simulation/simulation.h"
#include "core/simulation/weather.h"

namespace paxoscope {

struct NoSink {
  void push(const Event&) {}
};

// Not thread-safe; many may run at once in different threads.
template <class Sink = NoSink>
class Simulator {
 public:
  static constexpr bool kTracing = !std::is_same_v<Sink, NoSink>;

  // For checked options. All arguments must outlive it; `strategy` is copied.
  Simulator(const ClusterOptions& cluster, const Backoff& strategy, const SimulationOptions& options, Sink& sink);

  // One run under this seed; that of `cluster` does not count. May be called again and again: a run leaves nothing
  // behind but memory, so many short ones cost no more than their events. The result is valid until the next call.
  SimulationResult& run(std::uint64_t seed, const RunControl& control = {});

  // One run in parts under the seed of `cluster`, for who looks on: handles events until one at or after `until` has
  // been, or the run is over. False: it is over.
  bool advance(Nanos until);
  // What must never happen, in words; empty when all is well so far.
  const std::string& violation() const { return audit_ ? audit_->violation() : result_.measurement.violation; }

 private:
  struct AcceptorHost {
    static constexpr bool kTracing = Simulator::kTracing;
    Simulator& simulator;
    std::uint32_t id;
    void record(const Event& event) { simulator.record(event, AgentKind::acceptor, id); }
  };
  struct ProposerHost {
    static constexpr bool kTracing = Simulator::kTracing;
    Simulator& simulator;
    std::uint32_t rank;
    void broadcast(const Request& request) { simulator.broadcast(rank, request); }
    void announce(const Reply& reply) { simulator.announce(rank, reply); }
    void finished(const Outcome& outcome) { simulator.finished(rank, outcome); }
    void yield(std::uint32_t) {}
    void record(const Event& event) { simulator.record(event, AgentKind::proposer, rank + 1); }
  };

  // The run (simulator.h).
  void reset(std::uint64_t seed);
  void begin();
  void start();
  void handle(Nanos at, Due due);
  void fetch_ahead();
  void drain();
  void stop(StopReason reason) {
    if (!stopped_) ended_ = now_;
    stopped_ = true;
    result_.measurement.stop = reason;
  }

  // Messages (simulator_messages.h).
  void broadcast(std::uint32_t rank, const Request& request);
  void announce(std::uint32_t rank, const Reply& reply);
  void send(std::uint32_t from, std::uint32_t to, std::uint64_t draws, const Latency& latency, Due due);
  void send_in_storm(std::uint32_t from, std::uint32_t to, std::uint64_t draws, const Latency& latency, Due due);
  void lose(Due due, std::uint64_t MessageCounts::*why);
  void release(std::uint32_t broadcast) {
    if (--broadcasts_[broadcast].pending == 0) broadcasts_.give_back(broadcast);
  }
  MessageCounts& counts(const Due& due);
  std::uint32_t acceptor_number(std::uint32_t id) const { return id; }
  std::uint32_t proposer_number(std::uint32_t rank) const { return acceptor_count_ + rank; }

  // Turns (simulator_turns.h).
  void on_arrival(std::uint32_t acceptor, std::uint32_t broadcast);
  void on_served(std::uint32_t acceptor, std::uint32_t epoch);
  void serve(std::uint32_t acceptor, std::uint32_t broadcast, Nanos queued);
  void on_message(std::uint32_t rank, std::uint32_t message);
  void on_timer(Nanos at, std::uint32_t rank);
  void after_turn(SimulatedProposer& seat, ProposerHost& host);
  void report(const SimulatedAcceptor& seat, const Request& request, const AcceptorNode::Step& step);
  void feed(const AuditRecord& record);
  void finished(std::uint32_t rank, const Outcome& outcome);
  bool deferred(const Health& health, Due due);

  // Faults (simulator_faults.h).
  void schedule_faults();
  void begin_fault(const Fault& fault);
  void end_fault(const Fault& fault);
  void crash(const NodeName& name, bool durable);
  void restart(const NodeName& name);
  Health& health_of(const NodeName& name);
  void judge_liveness();

  // What was measured (simulator_report.h).
  void clear_result();
  void begin_measuring();
  void end_measuring();
  void collect();
  TimeBudget budget(std::uint32_t rank) const;
  void count_in_flight();

  void record(Event event, AgentKind kind, std::uint32_t id);
  void record_message(EventKind kind, Due due);
  void hash(std::uint64_t word) {
    hash_ = (hash_ ^ word) * 0x9e3779b97f4a7c15U;
    hash_ ^= hash_ >> 29;
  }

  const ClusterOptions& cluster_;
  const SimulationOptions& options_;
  FaultPlan plan_;
  Sink& sink_;
  KeyPicker picker_;
  std::uint32_t acceptor_count_;
  EventQueue<Due> queue_;
  Weather weather_;
  Slab<Broadcast> broadcasts_;
  Slab<Reply> replies_;
  std::vector<Nanos> reply_queued_;  // by message: how long its request stood in a queue; used only with `processing`
  std::vector<std::uint32_t> acceptor_region_, proposer_region_;
  std::vector<SimulatedAcceptor> acceptors_;
  std::vector<SimulatedProposer> proposers_;
  std::vector<const ProposerNode::Slot*> slots_;  // by rank: the first
  std::vector<ProposerCounters> before_;          // by rank: as the measured time began
  std::optional<Audit> audit_;
  SimulationResult result_;
  std::uint64_t draws_ = 0;  // where the random draws of this run begin
  std::uint64_t hash_ = 0;
  Nanos now_ = 0;
  Nanos measured_from_ = 0;
  Nanos ended_ = 0;
  std::size_t queue_max_;
  std::uint32_t done_ = 0;
  bool crowded_;  // too many proposers for the caches
  bool measuring_ = false;
  bool begun_ = false;
  bool stopped_ = false;
};

template <class Sink>
Simulator<Sink>::Simulator(const ClusterOptions& cluster, const Backoff& strategy, const SimulationOptions& options,
                           Sink& sink)
    : cluster_(cluster),
      options_(options),
      sink_(sink),
      picker_(cluster.workload),
      acceptor_count_(static_cast<std::uint32_t>(cluster.rules.quorums.acceptors())),
      weather_(options.network, acceptor_count_, cluster.proposers),
      before_(cluster.proposers),
      queue_max_(std::size_t{4} * cluster.window * cluster.proposers + 16),
      crowded_(cluster.proposers > 256) {
  acceptors_.reserve(acceptor_count_);
  for (std::uint32_t id = 0; id < acceptor_count_; ++id) {
    acceptors_.push_back({.node = AcceptorNode(static_cast<AcceptorId>(id), cluster.limits)});
    acceptor_region_.push_back(options.network.region_of_acceptor(id));
  }
  proposers_.reserve(cluster.proposers);
  for (std::uint32_t rank = 0; rank < cluster.proposers; ++rank) {
    proposers_.push_back({.node = ProposerNode(cluster.proposer(rank), strategy, cluster.workload, picker_)});
    slots_.push_back(proposers_.back().node.slots().data());
    proposer_region_.push_back(options.network.region_of_proposer(rank));
  }
  result_.measurement.proposers.resize(cluster.proposers);
}

// Everything that a run changes, as it is before one.
template <class Sink>
void Simulator<Sink>::reset(std::uint64_t seed) {
  plan_ = options_.faults;
  if (plan_.swarm) draw_swarm(plan_, seed, acceptor_count_, cluster_.proposers, cluster_.round_trip);
  queue_.clear();
  weather_ = Weather(options_.network, acceptor_count_, cluster_.proposers);
  weather_.update();
  broadcasts_.clear();
  replies_.clear();
  reply_queued_.clear();
  for (SimulatedAcceptor& seat : acceptors_) seat.reset();
  Random clocks = Random::for_stream(seed, 0x636c6f636bU);
  const auto around_zero = [&](std::int64_t most) {
    return static_cast<std::int64_t>(clocks.below(2 * static_cast<std::uint64_t>(most) + 1)) - most;
  };
  for (SimulatedProposer& seat : proposers_) {
    const Nanos offset = around_zero(options_.network.clock_offset);
    seat.reset(seed, {.offset = offset, .drift_ppm = around_zero(options_.network.clock_drift_ppm)});
  }
  if (cluster_.audit) audit_.emplace(cluster_.audit_options());
  clear_result();
  draws_ = Random::mix(seed ^ 0x6e6574776f726bU);
  hash_ = 0;
  now_ = measured_from_ = ended_ = 0;
  done_ = 0;
  measuring_ = begun_ = stopped_ = false;
}

template <class Sink>
SimulationResult& Simulator<Sink>::run(std::uint64_t seed, const RunControl& control) {
  constexpr std::uint64_t kEventsPerLook = 1 << 14;
  reset(seed);
  begin();
  while (!stopped_ && !queue_.empty()) {
    const auto [at, due] = queue_.pop();
    if (crowded_) fetch_ahead();
    handle(at, due);
    if (result_.events >= options_.events_max && !stopped_) stop(StopReason::events);
    if (result_.events % kEventsPerLook != 0) continue;
    const std::uint64_t decisions = audit_ ? audit_->chosen_ever() : 0;
    if (control.progress)
      control.progress({now_, cluster_.warm_up + cluster_.measure, decisions, audit_ ? audit_->report().chosen : 0});
    if (control.interrupted && control.interrupted()) stop(StopReason::interrupted);
  }
  if (!stopped_) stop(StopReason::time);
  if (measuring_) end_measuring();
  if (result_.measurement.stop == StopReason::operations) drain();
  collect();
  return result_;
}

template <class Sink>
bool Simulator<Sink>::advance(Nanos until) {
  if (!begun_) {
    reset(cluster_.seed);
    begin();
  }
  while (!stopped_ && !queue_.empty() && now_ < until) {
    const auto [at, due] = queue_.pop();
    handle(at, due);
  }
  if (!stopped_ && !queue_.empty()) return true;
  if (result_.measurement.stop == StopReason::operations) drain();
  return false;
}

template <class Sink>
void Simulator<Sink>::begin() {
  begun_ = true;
  if (cluster_.warm_up > 0) {
    queue_.push(cluster_.warm_up, Due::of(Due::Kind::measure));
  } else {
    begin_measuring();
  }
  schedule_faults();
  queue_.push(cluster_.warm_up + cluster_.measure, Due::of(Due::Kind::end));
  queue_.push(0, Due::of(Due::Kind::start));  // behind the faults that hold from the beginning
}

template <class Sink>
void Simulator<Sink>::start() {
  for (std::uint32_t rank = 0; rank < proposers_.size(); ++rank) {
    ProposerHost host{*this, rank};
    if (proposers_[rank].health.down == 0) after_turn(proposers_[rank], host);
  }
}

template <class Sink>
void Simulator<Sink>::handle(Nanos at, Due due) {
  now_ = at;
  switch (due.kind()) {
    case Due::Kind::request: return on_arrival(due.target(), due.index);
    case Due::Kind::served: return on_served(due.target(), due.index);
    case Due::Kind::reply: return on_message(due.target(), due.index);
    case Due::Kind::timer: return on_timer(at, due.target());
    case Due::Kind::start: return start();
    case Due::Kind::measure: return begin_measuring();
    case Due::Kind::end: return stop(StopReason::time);
    case Due::Kind::fault_begins: return begin_fault(plan_.faults[due.index]);
    case Due::Kind::fault_ends: return end_fault(plan_.faults[due.index]);
    case Due::Kind::heal: return weather_.heal();
    case Due::Kind::judge: return judge_liveness();
  }
}

// Brings what the next events will touch into the cache: the proposers of ten thousand do not fit there.
template <class Sink>
void Simulator<Sink>::fetch_ahead() {
  constexpr std::size_t kDistance = 8;
  queue_.look_ahead(
      kDistance, [&](const Due& due) __attribute__((always_inline)) {
        if (due.kind() == Due::Kind::request) prefetch(&broadcasts_[due.index], 1);
        if (due.kind() != Due::Kind::reply) return;
        prefetch(&replies_[due.index], 1);
        prefetch(&proposers_[due.target()], 4);  // what a reply looks at of a proposer and of its slot
        prefetch(slots_[due.target()], 3);
      });
}

// What is still on its way arrives; nobody sends anything new but replies.
template <class Sink>
void Simulator<Sink>::drain() {
  while (!queue_.empty()) {
    const auto [at, due] = queue_.pop();
    if (at == kNever) return queue_.push(at, due);  // held by a pause without an end
    const bool message =
        due.kind() == Due::Kind::request || due.kind() == Due::Kind::reply || due.kind() == Due::Kind::served;
    if (message) handle(at, due);
  }
}

template <class Sink>
void Simulator<Sink>::record(Event event, AgentKind kind, std::uint32_t id) {
  event.at = now_;
  event.agent_kind = kind;
  event.agent = id;
  event.sequence = (kind == AgentKind::acceptor ? acceptors_[id].sequence : proposers_[id - 1].sequence)++;
  sink_.push(event);
}

}  // namespace paxoscope

#include "core/simulation/simulator_faults.h"
#include "core/simulation/simulator_messages.h"
#include "core/simulation/simulator_report.h"
#include "core/simulation/simulator_turns.h"
