// What of ProposerNode every decision runs through, defined where it can be inlined: as calls these cost some 60 of the
// 1,900 instructions that a decision takes on threads. Included by proposer_node.h only.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

#include "core/node/proposer_node.h"
#include "core/node/write_id.h"

namespace paxoscope {

inline void ProposerNode::count(const Slot& slot, const Outcome& outcome) {
  switch (outcome.kind) {
    case Outcome::Kind::decided:
      ++(outcome.read ? counters_.read : outcome.won ? counters_.won : counters_.learned);
      counters_.adopted += static_cast<std::uint64_t>(outcome.adopted);
      counters_.useful_requests += slot.round_requests;
      break;
    case Outcome::Kind::empty:
      ++counters_.empty;
      counters_.useful_requests += slot.round_requests;
      break;
    case Outcome::Kind::retired: ++counters_.skipped; break;
    case Outcome::Kind::gave_up: ++counters_.gave_up; break;
  }
}

// What a strategy is told. Valid until the next call.
inline const RetryContext& ProposerNode::context(const Slot& slot, Nanos now) {
  context_.now = options_.clock.read(now);
  context_.beaten_by = slot.proposer.beaten_by();
  context_.elapsed = now - slot.began;
  return context_;
}

// The slot's activity ends now: its time goes into the budget.
inline void ProposerNode::leave(Slot& slot, Nanos now) {
  charge(slot, now);
  if (slot.in_wait()) --backing_off_;
}

inline void ProposerNode::charge(Slot& slot, Nanos now) {
  (slot.in_wait() ? counters_.backing_off : counters_.waiting) += now - slot.charged;
  slot.charged = now;
}

inline void ProposerNode::link(Key& key, Slot& slot) {
  const std::uint32_t index = index_of(slot);
  neighbours_[index] = {.before = key.last, .after = kNone};
  (key.last == kNone ? key.first : neighbours_[key.last].after) = index;
  key.last = index;
}

inline void ProposerNode::unlink(Key& key, Slot& slot) {
  const auto [before, after] = neighbours_[index_of(slot)];
  (before == kNone ? key.first : neighbours_[before].after) = after;
  (after == kNone ? key.last : neighbours_[after].before) = before;
}

[[gnu::always_inline]] inline ProposerNode::Slot* ProposerNode::begin(Nanos now) {
  if (free_.empty() || exhausted_operations()) return nullptr;
  Nanos intended = now;
  if (workload_.arrivals_per_second > 0) {
    if (now < next_arrival_) {
      next_deadline_ = std::min(next_deadline_, next_arrival_);
      return nullptr;
    }
    intended = next_arrival_;
    next_arrival_ += exponential_gap(arrivals_, workload_.arrivals_per_second);
  }
  const std::uint32_t number = picker_->pick(arrivals_, options_.rank);
  Key& key = key_at(number);
  Slot& slot = slots_[free_.back()];
  free_.pop_back();

  // A read goes to the latest version this proposer knows to be decided, if it is not busy there itself.
  slot.read = workload_.read_share > 0 && arrivals_.unit() < workload_.read_share && key.next > 0 &&
              key.first == kNone && key.read_n < Ballot::kMaxN;
  const InstanceId instance{slot.read ? key.next - 1 : key.next, number};
  std::uint64_t n = first_n_;
  if (slot.read) {
    n = std::max(n, key.read_n + 1);
  } else {
    ++key.next;
    key.read_n = 0;
  }
  const auto own = slot.read ? std::nullopt : std::optional(write_id(instance, options_.id));
  highest_n_ = std::max(highest_n_, n);
  slot.proposer.propose(instance, own, Ballot(n, options_.id), static_cast<std::uint16_t>(index_of(slot)));
  slot.intended = intended;
  slot.began = slot.charged = now;
  slot.rounds = 1;
  slot.round_requests = 0;
  slot.activity = Slot::Activity::in_round;
  link(key, slot);
  ++begun_;
  ++busy_;
  ++counters_.ballots;

  if (may_wait_first_) [[unlikely]] {
    const Retry first = slot.backoff->before_first(context(slot, now), random_);
    if (first.wait > 0) enter_wait(slot, Slot::Activity::starting, first.wait, now);
  }
  return &slot;
}

[[gnu::always_inline]] inline Outcome ProposerNode::finish(Slot& slot, Outcome::Kind kind, Nanos now) {
  const Proposer& proposer = slot.proposer;
  const bool decided = kind == Outcome::Kind::decided;
  const Outcome outcome{.kind = kind,
                        .won = decided && proposer.won(),
                        .read = slot.read,
                        .adopted = decided && proposer.adopted(),
                        .instance = proposer.instance(),
                        .ballot = proposer.ballot(),
                        .value = decided ? proposer.value() : 0,
                        .intended = slot.intended,
                        .began = slot.began,
                        .ended = now,
                        .rounds = slot.rounds};
  count(slot, outcome);
  // Who is told, or finds the instance retired, while it waits ends that wait here.
  leave(slot, now);
  slot.backoff->on_decided(context(slot, now), outcome.won);

  Key& key = keys_[outcome.instance.key];
  unlink(key, slot);
  if (kind == Outcome::Kind::gave_up && !slot.read) key.given_up = std::min(key.given_up, outcome.instance.ver);
  // Somebody else saw it through after all.
  if (kind == Outcome::Kind::retired && proposer.resume_at() > key.given_up) key.given_up = ~std::uint64_t{0};
  if (kind == Outcome::Kind::retired && proposer.resume_at() > key.next) {
    counters_.skipped += proposer.resume_at() - key.next;
    key.next = proposer.resume_at();
    key.read_n = 0;
  } else if (outcome.instance.ver + 1 == key.next) {
    key.read_n = proposer.ballot().n();
  }
  slot.activity = Slot::Activity::free;
  slot.deadline = kNever;
  free_.push_back(index_of(slot));
  --busy_;
  return outcome;
}

}  // namespace paxoscope
