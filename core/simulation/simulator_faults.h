// Part of simulator.h: faults begin and end.
#pragma once

#include "core/simulation/simulator.h"

namespace paxoscope {

template <class Sink>
void Simulator<Sink>::schedule_faults() {
  for (std::uint32_t i = 0; i < plan_.faults.size(); ++i) {
    Fault& fault = plan_.faults[i];
    if (fault.at >= plan_.heal_at) continue;
    const Nanos end = fault.end(plan_.heal_at);
    fault.lasts = end == kNever ? kNever : end - fault.at;
    queue_.push(fault.at, Due::of(Due::Kind::fault_begins, 0, i));
    if (end != kNever) queue_.push(end, Due::of(Due::Kind::fault_ends, 0, i));
  }
  if (plan_.heal_at == kNever) return;
  queue_.push(plan_.heal_at, Due::of(Due::Kind::heal));
  if (plan_.liveness_within == kNever) return;
  queue_.push(plan_.heal_at + plan_.liveness_within, Due::of(Due::Kind::judge));
}

template <class Sink>
Health& Simulator<Sink>::health_of(const NodeName& name) {
  return name.kind == AgentKind::acceptor ? acceptors_[name.id].health : proposers_[name.id - 1].health;
}

template <class Sink>
void Simulator<Sink>::begin_fault(const Fault& fault) {
  ++result_.events;
  hash(static_cast<std::uint64_t>(now_) ^ 2);
  switch (fault.kind) {
    case Fault::Kind::crash:
      for (const NodeName& name : fault.a) crash(name, fault.durable);
      return;
    case Fault::Kind::pause:
      for (const NodeName& name : fault.a) {
        ++result_.faults.pauses;
        Health& health = health_of(name);
        const Nanos end = fault.lasts == kNever ? kNever : now_ + fault.lasts;
        health.paused_until = std::max(health.paused_until, end);
      }
      return;
    default: result_.faults.partitions += fault.kind == Fault::Kind::partition ? 1 : 0; return weather_.begin(fault);
  }
}

template <class Sink>
void Simulator<Sink>::end_fault(const Fault& fault) {
  ++result_.events;
  hash(static_cast<std::uint64_t>(now_) ^ 3);
  if (fault.kind == Fault::Kind::pause) return;  // its end was known when it began
  if (fault.kind != Fault::Kind::crash) return weather_.end(fault);
  for (const NodeName& name : fault.a) restart(name);
}

// What the node loses, it loses now; until restart() the host keeps everything away from it.
template <class Sink>
void Simulator<Sink>::crash(const NodeName& name, bool durable) {
  if (++health_of(name).down == 1) {
    ++(name.kind == AgentKind::acceptor ? result_.faults.acceptor_crashes : result_.faults.proposer_crashes);
    if constexpr (kTracing) record({.kind = EventKind::crashed}, name.kind, name.id);
  }
  if (name.kind == AgentKind::proposer) {
    SimulatedProposer& seat = proposers_[name.id - 1];
    seat.node.restart(now_, durable);
    seat.timer_at = kNever;
    return;
  }
  SimulatedAcceptor& seat = acceptors_[name.id];
  if (!durable) seat.node.forget();
  for (; seat.first < seat.queue.size(); ++seat.first) {
    lose(Due::of(Due::Kind::request, name.id, seat.queue[seat.first].broadcast), &MessageCounts::to_crashed);
  }
  seat.queue.clear();
  seat.first = 0;
  ++seat.epoch;
}

template <class Sink>
void Simulator<Sink>::restart(const NodeName& name) {
  if (--health_of(name).down > 0) return;
  if constexpr (kTracing) record({.kind = EventKind::restarted}, name.kind, name.id);
  if (name.kind == AgentKind::acceptor) return;
  ProposerHost host{*this, name.id - 1};
  after_turn(proposers_[name.id - 1], host);
}

template <class Sink>
void Simulator<Sink>::judge_liveness() {
  std::string open;
  for (const SimulatedProposer& seat : proposers_) {
    if (!seat.done) open += fmt::format("{}P{}", open.empty() ? "" : ", ", seat.node.options().id);
  }
  result_.liveness = fmt::format("liveness: {} ns after the faults ended, there is still work open at {}",
                                 plan_.liveness_within, open);
  stop(StopReason::time);
}

}  // namespace paxoscope
