// How long a proposer waits after it lost a round. Each strategy of the field is one small file in
// core/backoff/strategies/ and one line in registry.cpp.
//
// A strategy is told only what a proposer can honestly know (RetryContext) and draws from a generator that is
// handed in, so the same seed gives the same waits on real threads and in virtual time.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "core/nanos.h"
#include "core/paxos/ballot.h"
#include "core/random.h"

namespace paxoscope {

// What a proposer knows when it asks. All times are on this proposer's own clock.
struct RetryContext {
  ProposerId self = 0;
  std::uint32_t rank = 0;       // this proposer's place among the proposers, 0 .. proposers - 1
  std::uint32_t proposers = 1;  // how many there are; for strategies that say they need it
  Nanos now = 0;
  Nanos round_trip = 1;  // R: one request and its reply, uncontended; >= 1
  Ballot beaten_by;      // the highest ballot that refused us; none after a timeout or before a first attempt
  Nanos elapsed = 0;     // since this instance was first proposed here
};

// No strategy waits longer, whatever its parameters and however often it lost: sums and products saturate here.
inline constexpr Nanos kLongestWait = 3'600 * kSecond;

// What to do before the next attempt.
struct Retry {
  Nanos wait = 0;                 // 0 .. kLongestWait
  std::uint32_t yields = 0;       // give the core away this often first; in virtual time there is no core to give
  std::uint64_t ballot_skip = 0;  // added to n on top of the usual 1 + highest seen
};

// One client's memory of its own successes and failures. Owned by one window slot of one proposer, so not
// thread-safe. The calls of a run (on_preempted, on_decided, before_first) never allocate.
class Backoff {
 public:
  virtual ~Backoff() = default;

  // A round of ours was preempted (or timed out): what now?
  virtual Retry on_preempted(const RetryContext& context, Random& random) = 0;

  // An instance is over for us. `won` says whether it was decided with our own value.
  virtual void on_decided(const RetryContext& context, bool won) = 0;

  // Before the first attempt at a new instance. Only strategies that respect somebody else's turn wait here, and only
  // those that say so are asked: this is on the path of every decision.
  virtual bool may_wait_first() const { return false; }
  virtual Retry before_first(const RetryContext&, Random&) { return {}; }

  // A fresh one with the same parameters and no memory.
  virtual std::unique_ptr<Backoff> fresh() const = 0;

  // Becomes what fresh() makes, without allocating.
  virtual void forget() = 0;

  // The canonical text, with every parameter, such as "full_jitter:base=1R,cap=8R,reset=win".
  // The registry parses it back to an equal strategy.
  virtual std::string to_string() const = 0;
};

}  // namespace paxoscope
