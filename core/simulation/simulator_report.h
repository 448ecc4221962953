// Part of simulator.h: what a run measured.
#pragma once

#include "core/simulation/simulator.h"

namespace paxoscope {

// Keeps the memory. What collect() fills in whatever happens is not cleared.
template <class Sink>
void Simulator<Sink>::clear_result() {
  static_cast<SimulationFacts&>(result_) = {};
  result_.recorded.clear();
  Measurement& measurement = result_.measurement;
  for (ProposerMeasurement& proposer : measurement.proposers) {
    proposer.counters.clear();
    proposer.budget = {};
    proposer.to_end.clear();
    proposer.longest_losing_streak = proposer.open_at_end = proposer.held_back = 0;
  }
  measurement.acceptors.clear();
  measurement.violation.clear();
  measurement.livelock.clear();
  measurement.stop = StopReason::time;
  measurement.measured = 0;
}

template <class Sink>
void Simulator<Sink>::begin_measuring() {
  measuring_ = true;
  measured_from_ = now_;
  for (std::uint32_t rank = 0; rank < proposers_.size(); ++rank) {
    SimulatedProposer& seat = proposers_[rank];
    seat.node.settle(now_);
    before_[rank] = seat.node.counters();
    seat.queued_before = seat.queued;
  }
}

template <class Sink>
void Simulator<Sink>::end_measuring() {
  measuring_ = false;
  result_.measurement.measured = now_ - measured_from_;
  for (std::uint32_t rank = 0; rank < proposers_.size(); ++rank) {
    SimulatedProposer& seat = proposers_[rank];
    seat.node.settle(now_);
    ProposerMeasurement& measured = result_.measurement.proposers[rank];
    measured.counters = seat.node.counters();
    measured.counters -= before_[rank];
    measured.open_at_end = seat.node.busy();
    measured.measured = result_.measurement.measured;
    measured.budget = budget(rank);
  }
}

// Per slot, so that the parts sum to the measured time: what was not waiting or backing off was idle.
template <class Sink>
TimeBudget Simulator<Sink>::budget(std::uint32_t rank) const {
  const ProposerCounters& counters = result_.measurement.proposers[rank].counters;
  const auto window = static_cast<Nanos>(cluster_.window);
  const Nanos open = counters.waiting / window;
  TimeBudget budget;
  budget.queued = std::min((proposers_[rank].queued - proposers_[rank].queued_before) / window, open);
  budget.waiting = open - budget.queued;
  budget.backing_off = counters.backing_off / window;
  budget.idle = result_.measurement.measured - open - budget.backing_off;
  return budget;
}

template <class Sink>
void Simulator<Sink>::count_in_flight() {
  while (!queue_.empty()) {
    const Due due = queue_.pop().payload;
    if (due.kind() == Due::Kind::request || due.kind() == Due::Kind::reply) ++counts(due).in_flight;
  }
  for (std::uint32_t id = 0; id < acceptor_count_; ++id) {
    const SimulatedAcceptor& seat = acceptors_[id];
    for (std::size_t i = seat.first; i < seat.queue.size(); ++i) {
      ++counts(Due::of(Due::Kind::request, id, seat.queue[i].broadcast)).in_flight;
    }
  }
}

template <class Sink>
void Simulator<Sink>::collect() {
  Measurement& measurement = result_.measurement;
  measurement.warm_up = cluster_.warm_up;
  result_.ended = ended_;
  result_.trace_hash = Random::mix(hash_ ^ result_.events);
  count_in_flight();
  for (const SimulatedProposer& seat : proposers_) result_.ballots += seat.node.counters().ballots;
  for (const SimulatedAcceptor& seat : acceptors_) measurement.acceptors.push_back(seat.node.counters());
  if constexpr (kTracing) {
    for (const SimulatedProposer& seat : proposers_) {
      result_.recorded.push_back({AgentKind::proposer, seat.node.options().id, seat.sequence});
    }
    for (const SimulatedAcceptor& seat : acceptors_) {
      result_.recorded.push_back({AgentKind::acceptor, seat.node.id(), seat.sequence});
    }
  }
  if (audit_) {
    audit_->finish(ended_);
    measurement.audit = audit_->report();
    measurement.violation = audit_->violation();
    result_.chosen = audit_->chosen_ever();
  }
  // What this engine promises about its own books.
  for (const ProposerMeasurement& proposer : measurement.proposers) {
    if (proposer.budget.total() == measurement.measured && proposer.budget.idle >= 0) continue;
    if (measurement.violation.empty()) measurement.violation = "a proposer's time does not sum to the measured time";
  }
  for (const MessageCounts& counts : result_.messages) {
    const std::uint64_t accounted =
        counts.delivered + counts.lost + counts.cut_off + counts.to_crashed + counts.held_back + counts.in_flight;
    if (counts.sent + counts.duplicated == accounted) continue;
    if (measurement.violation.empty()) measurement.violation = "messages do not add up: some are missing";
  }
  if (!measurement.violation.empty()) measurement.stop = StopReason::violation;
}

}  // namespace paxoscope
