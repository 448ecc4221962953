// lease: whoever beats us holds the lease for `length` from the moment we saw it; we wait it out. Each new sign of life
// starts it anew: a ballot of somebody else that we had not seen, or an instance decided with another's value. A win of
// our own makes us the holder, who never waits. A time-out shows nobody new: only what is left of a lease is waited
// out.
//
// No stagger is needed when a lease runs out for many at once: whoever of them prepares last beats the others, who then
// wait for that one; with length above a round (2R) it is left alone to finish.
//
// Source: the leader leases of Multi-Paxos (Chandra, Griesemer, Redstone, "Paxos Made Live", PODC 2007, section 5.2)
// and etcd, without their safety role: here a lease is only politeness, Paxos alone keeps the value safe.
// How it fails: a fail-over stalls for `length`, and again for every old instance that we only learn of now.
#pragma once

#include "core/backoff/strategy.h"

namespace paxoscope {

// Parameters: length > 0.
class Lease final : public Strategy {
 public:
  explicit Lease(Parameters parameters)
      : Strategy(std::move(parameters)), length_(parameters_.positive_duration("length")) {}

  Retry on_preempted(const RetryContext& context, Random&) override {
    const Ballot ballot = context.beaten_by;
    if (!ballot.is_none() && ballot.proposer() != context.self && ballot > seen_) {
      seen_ = ballot;
      grant(context);
    }
    return wait_out(context);
  }

  bool may_wait_first() const override { return true; }
  Retry before_first(const RetryContext& context, Random&) override { return wait_out(context); }

  void on_decided(const RetryContext& context, bool won) override {
    seen_ = {};  // the next instance has ballots of its own
    if (won) {
      running_ = false;
    } else {
      grant(context);
    }
  }

  void forget() override {
    seen_ = {};
    running_ = false;
  }

 private:
  void grant(const RetryContext& context) {
    running_ = true;
    granted_at_ = context.now;
  }

  Retry wait_out(const RetryContext& context) {
    const Nanos length = length_.of(context.round_trip);
    const WideNanos left = WideNanos{granted_at_} + length - context.now;
    running_ = running_ && left > 0;
    return {.wait = running_ ? clamp_wait(std::min<WideNanos>(left, length)) : 0};
  }

  Duration length_;
  Ballot seen_;           // the last foreign ballot that refused us in this instance
  bool running_ = false;  // whether somebody else may hold a lease, granted at:
  Nanos granted_at_ = 0;
};

}  // namespace paxoscope
