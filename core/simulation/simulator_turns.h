// Part of simulator.h: a node takes its turn.
#pragma once

#include "core/simulation/simulator.h"
#include "core/simulation/simulator_messages.h"

namespace paxoscope {

// Whether the node is paused: then the event waits until the end of the pause, behind those that came before it.
template <class Sink>
bool Simulator<Sink>::deferred(const Health& health, Due due) {
  if (now_ >= health.paused_until) return false;
  queue_.push(health.paused_until, due);
  return true;
}

template <class Sink>
void Simulator<Sink>::on_arrival(std::uint32_t acceptor, std::uint32_t broadcast) {
  SimulatedAcceptor& seat = acceptors_[acceptor];
  const Due due = Due::of(Due::Kind::request, acceptor, broadcast);
  if (seat.health.down > 0) return lose(due, &MessageCounts::to_crashed);
  if (deferred(seat.health, due)) return;
  const Nanos processing = options_.network.processing;
  if (processing == 0) return serve(acceptor, broadcast, 0);
  if (seat.waiting() >= queue_max_) return lose(due, &MessageCounts::held_back);
  seat.queue.push_back({now_, broadcast});
  if (seat.waiting() == 1) queue_.push(now_ + processing, Due::of(Due::Kind::served, acceptor, seat.epoch));
}

template <class Sink>
void Simulator<Sink>::on_served(std::uint32_t acceptor, std::uint32_t epoch) {
  SimulatedAcceptor& seat = acceptors_[acceptor];
  const Due due = Due::of(Due::Kind::served, acceptor, epoch);
  if (epoch != seat.epoch || deferred(seat.health, due)) return;
  const auto [since, broadcast] = seat.queue[seat.first++];
  if (seat.first * 2 > seat.queue.size()) {  // half of it is done with: move the rest to the front
    seat.queue.erase(seat.queue.begin(), seat.queue.begin() + static_cast<std::ptrdiff_t>(seat.first));
    seat.first = 0;
  }
  if (seat.waiting() > 0) queue_.push(now_ + options_.network.processing, due);
  serve(acceptor, broadcast, now_ - since - options_.network.processing);
}

template <class Sink>
void Simulator<Sink>::serve(std::uint32_t acceptor, std::uint32_t index, Nanos queued) {
  SimulatedAcceptor& seat = acceptors_[acceptor];
  const Broadcast& broadcast = broadcasts_[index];
  const Request& request = broadcast.request;
  ++result_.events;
  ++counts(Due::of(Due::Kind::request, acceptor, index)).delivered;
  hash(static_cast<std::uint64_t>(now_) ^ std::uint64_t{acceptor} << 56);
  hash(request.ballot.word() ^ std::uint64_t{request.round} << 48 ^ static_cast<std::uint64_t>(request.value) ^
       static_cast<std::uint64_t>(request.phase));
  AcceptorHost host{*this, acceptor};
  const std::uint32_t reply = replies_.take();
  const AcceptorNode::Step step = on_request(seat.node, request, replies_[reply], host);
  if (audit_) report(seat, request, step);
  if (options_.network.processing > 0) {
    reply_queued_.resize(std::max<std::size_t>(reply_queued_.size(), reply + 1));
    reply_queued_[reply] = queued;
  }
  const std::uint32_t rank = request.ballot.proposer() - 1;
  send(acceptor_number(acceptor), proposer_number(rank),
       broadcast.draws + simulator_detail::kOfReplies + acceptor * simulator_detail::kPerReceiver,
       options_.network.between(acceptor_region_[acceptor], proposer_region_[rank]),
       Due::of(Due::Kind::reply, rank, reply));
  release(index);
}

template <class Sink>
void Simulator<Sink>::on_message(std::uint32_t rank, std::uint32_t message) {
  SimulatedProposer& seat = proposers_[rank];
  const Due due = Due::of(Due::Kind::reply, rank, message);
  if (seat.health.down > 0) return lose(due, &MessageCounts::to_crashed);
  if (deferred(seat.health, due)) return;
  ++result_.events;
  ++counts(due).delivered;
  const Reply reply = replies_[message];  // by value: what follows may move the slab
  replies_.give_back(message);
  hash(static_cast<std::uint64_t>(now_) ^ std::uint64_t{rank} << 40);
  hash(reply.ballot.word() ^ std::uint64_t{reply.round} << 48 ^ reply.last_bal.word() << 1 ^
       static_cast<std::uint64_t>(reply.value) ^ static_cast<std::uint64_t>(reply.kind) << 8 ^ reply.acceptor);
  ProposerHost host{*this, rank};
  const bool queues = options_.network.processing > 0;
  const Nanos waited_before = queues ? seat.node.counters().waiting : 0;
  on_reply(seat.node, reply, now_, host);
  if (queues) {
    // A phase that ends with this reply has just been booked as waiting; part of that its request stood in a queue.
    seat.queued += std::min(seat.node.counters().waiting - waited_before, reply_queued_[message]);
  }
  after_turn(seat, host);
}

template <class Sink>
void Simulator<Sink>::on_timer(Nanos at, std::uint32_t rank) {
  SimulatedProposer& seat = proposers_[rank];
  if (at != seat.timer_at) return;  // stale
  if (deferred(seat.health, Due::of(Due::Kind::timer, rank))) {
    seat.timer_at = seat.health.paused_until;
    return;
  }
  ++result_.events;
  hash(static_cast<std::uint64_t>(now_) ^ std::uint64_t{rank} << 40 ^ 1);
  seat.timer_at = kNever;
  ProposerHost host{*this, rank};
  on_deadlines(seat.node, now_, host);
  after_turn(seat, host);
}

template <class Sink>
void Simulator<Sink>::after_turn(SimulatedProposer& seat, ProposerHost& host) {
  begin_operations(seat.node, now_, host);
  const Nanos next = seat.node.next_deadline();
  if (next < seat.timer_at) {
    seat.timer_at = std::max(next, now_);
    queue_.push(seat.timer_at, Due::of(Due::Kind::timer, host.rank));
  }
  if (seat.done || !seat.node.done()) return;
  seat.done = true;
  if (++done_ < proposers_.size()) return;
  result_.all_done = now_;
  if (!stopped_) stop(StopReason::operations);
}

template <class Sink>
void Simulator<Sink>::report(const SimulatedAcceptor& seat, const Request& request, const AcceptorNode::Step& step) {
  const AcceptorId id = seat.node.id();
  if (step.retired) {
    feed(AuditRecord::retired(id, {seat.node.table().first(request.instance.key), request.instance.key}));
  }
  // The vote is read from the acceptor's state: a reply can lie.
  if (request.phase == Phase::accept && step.after != nullptr && step.after->v_bal == request.ballot) {
    feed(AuditRecord::vote(id, request.instance, *step.after, now_));
  }
}

template <class Sink>
void Simulator<Sink>::feed(const AuditRecord& record) {
  audit_->feed(record);
  const std::uint64_t chosen = audit_->chosen_ever();
  if (chosen > 0 && result_.first_chosen == kNever) result_.first_chosen = now_;
  if (stopped_) return;
  if (!audit_->violation().empty()) return stop(StopReason::violation);
  if (cluster_.decisions_max != 0 && chosen >= cluster_.decisions_max) stop(StopReason::decisions);
}

template <class Sink>
void Simulator<Sink>::finished(std::uint32_t rank, const Outcome& outcome) {
  SimulatedProposer& seat = proposers_[rank];
  if (outcome.kind == Outcome::Kind::decided) {
    result_.first_learned = std::min(result_.first_learned, now_);
    if (audit_) feed(AuditRecord::result(rank + 1, outcome));
  }
  if (outcome.kind == Outcome::Kind::gave_up && !stopped_) {
    result_.measurement.livelock = describe_livelock(seat.node, outcome);
    stop(StopReason::livelock);
  }
  if (!measuring_) return;
  ProposerMeasurement& measured = result_.measurement.proposers[rank];
  if (outcome.intended >= cluster_.warm_up) measured.to_end.record(outcome.ended - outcome.intended);
  if (outcome.read) return;
  seat.streak = outcome.won ? 0 : seat.streak + 1;
  measured.longest_losing_streak = std::max(measured.longest_losing_streak, seat.streak);
}

}  // namespace paxoscope
