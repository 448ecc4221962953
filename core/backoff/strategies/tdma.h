// tdma: time is cut into slots of `slot`, given to the proposers in turn; wait to the start of one's own next slot, not
// at all when it starts now. Slot 0 of proposer 0 starts at time 0 of the common clock.
// first=now: only a retry waits, as in the source. first=slot: the first attempt at an instance waits too.
// Source: time-slice CAS; Dice, Hendler, Mirsky, arXiv 1305.5800.
// How it fails: needs a common clock; the slots of the idle stay empty; a slot below 2R is shorter than a round.
#pragma once

#include "core/backoff/strategy.h"

namespace paxoscope {

// Parameters: slot > 0, first = now or slot.
class Tdma final : public Strategy {
 public:
  explicit Tdma(Parameters parameters)
      : Strategy(std::move(parameters)),
        slot_(parameters_.positive_duration("slot")),
        first_waits_(parameters_.choice("first", {"now", "slot"}) == 1) {}

  Retry on_preempted(const RetryContext& context, Random&) override { return {.wait = to_own_slot(context)}; }

  bool may_wait_first() const override { return first_waits_; }
  Retry before_first(const RetryContext& context, Random&) override {
    return {.wait = first_waits_ ? to_own_slot(context) : 0};
  }

 private:
  Nanos to_own_slot(const RetryContext& context) const {
    const WideNanos slot = slot_.of(context.round_trip);
    const WideNanos turn = slot * context.proposers;
    if (turn == 0) {
      return 0;
    }
    const WideNanos since_own_slot = (context.now - slot * context.rank) % turn;  // above -turn, below turn
    return clamp_wait(since_own_slot > 0 ? turn - since_own_slot : -since_own_slot);
  }

  Duration slot_;
  bool first_waits_;
};

}  // namespace paxoscope
