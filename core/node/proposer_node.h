// A proposer for many instances: a window of slots, each one client at a time with an instance in flight, a proposer
// for it, its own memory of backing off, and one deadline (a round's timeout, or the end of a wait).
//
// The node decides what to do next and counts it; turn.h carries it out on a host. Not thread-safe.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <vector>

#include "core/backoff/backoff.h"
#include "core/nanos.h"
#include "core/node/workload.h"
#include "core/paxos/proposer.h"
#include "core/prefetch.h"
#include "core/random.h"

namespace paxoscope {

inline constexpr Nanos kNever = std::numeric_limits<Nanos>::max();

// How a proposer's own clock is wrong. Strategies see that clock; all else here is in the host's time.
struct ClockError {
  Nanos offset = 0;
  std::int64_t drift_ppm = 0;  // millionths too fast; -1'000'000 .. 1'000'000

  Nanos read(Nanos now) const {
    if (drift_ppm == 0) return now + offset;
    return now + offset + now / 1'000'000 * drift_ppm + now % 1'000'000 * drift_ppm / 1'000'000;
  }
};

struct ProposerNodeOptions {
  ProposerId id = 1;
  std::uint32_t rank = 0;  // 0 .. proposers - 1
  std::uint32_t proposers = 1;
  ProposerRules rules;
  std::uint32_t window = 1;              // instances in flight, 1 .. 65536
  Nanos round_trip = kMicrosecond;       // R
  Nanos timeout = kSecond;               // a round without a verdict for so long is lost; > 0
  std::uint64_t rounds_max = 1'000'000;  // on one instance; then it is given up, and said so; >= 1
  std::uint64_t operations_max = 0;      // how many to begin; 0: no end
  std::uint64_t first_n = 1;             // n of the first ballot on an instance
  std::uint64_t seed = 1;
  ClockError clock = {};
};

// What came of one operation.
struct Outcome {
  enum class Kind : std::uint8_t { decided, empty, retired, gave_up };
  Kind kind = Kind::decided;
  bool won = false;  // decided with our own value
  bool read = false;
  bool adopted = false;  // the last round carried a vote that phase 1 reported
  InstanceId instance = {};
  Ballot ballot = {};  // of the round in which it ended
  Value value = 0;     // decided only
  Nanos intended = 0;  // when it should have begun (open loop: its arrival), began, and ended
  Nanos began = 0;
  Nanos ended = 0;
  std::uint64_t rounds = 0;  // ballots that this proposer used on it
};

// Counted since the node was made. Messages are requests; each is answered by one reply.
struct ProposerCounters {
  std::uint64_t replies_used = 0, replies_ignored = 0;
  std::uint64_t ballots = 0;
  std::uint64_t prepares = 0, accepts = 0;  // requests sent, one per acceptor
  std::uint64_t useful_requests = 0;        // those of rounds that succeeded
  std::uint64_t preempted_prepare = 0, preempted_accept = 0, timeouts = 0;
  std::uint64_t won = 0, learned = 0, read = 0, empty = 0, adopted = 0;
  std::uint64_t told = 0;     // learned from an announcement before proposing at all
  std::uint64_t skipped = 0;  // instances retired before this proposer learned their value
  std::uint64_t gave_up = 0;
  std::uint64_t waits = 0, yields = 0;
  Nanos wait_asked = 0, wait_actual = 0;    // sums over ended waits
  Nanos waiting = 0, backing_off = 0;       // slot-time, up to the last step or settle()
  std::vector<std::uint32_t> preempted_by;  // by the rank of who did it, where there are at most 256 proposers
  void clear();                             // all zero; keeps the memory
};

class ProposerNode {
 public:
  // What every reply looks at comes first.
  struct alignas(kCacheLine) Slot {
    enum class Activity : std::uint8_t {
      free,
      starting,
      in_round,
      backing_off
    };  // starting: waits for its first round
    Activity activity = Activity::free;
    bool read = false;
    Proposer proposer;
    std::unique_ptr<Backoff> backoff;
    Nanos deadline = kNever;
    Nanos charged = 0;  // up to when its time is in the counters
    Nanos intended = 0, began = 0;
    std::uint64_t rounds = 0;
    std::uint32_t round_requests = 0;
    // Of a wait only: when it began, what was asked for, and what to add to the next ballot.
    Nanos since = 0;
    Nanos wait = 0;
    std::uint64_t skip = 0;
    bool in_wait() const { return activity == Activity::starting || activity == Activity::backing_off; }
  };

  // `strategy` is copied into every slot. `picker` is shared and must outlive the node.
  ProposerNode(const ProposerNodeOptions& options, const Backoff& strategy, const Workload& workload,
               const KeyPicker& picker);

  // The slot that sent what this answers, or null when it is free by now; the proposer knows whether it still asks.
  Slot* slot_of(const Reply& reply) {
    if (reply.slot >= options_.window) return nullptr;
    Slot& slot = slots_[reply.slot];
    return slot.activity != Slot::Activity::free ? &slot : nullptr;
  }

  // A free slot with its next operation; null when there is none now. Send its request at once, unless its strategy
  // has it wait first (activity `starting`): then wake() says when.
  Slot* begin(Nanos now);

  // The slot's request as it must be sent now, to every acceptor. Counts it, and sets the round's deadline. Valid until
  // the slot's next input.
  const Request& send(Slot& slot, Nanos now) {
    const Request& request = slot.proposer.request();
    slot.proposer.fill_in(decided_below(keys_[request.instance.key]));
    const auto count = static_cast<std::uint32_t>(options_.rules.quorums.acceptors());
    (request.phase == Phase::prepare ? counters_.prepares : counters_.accepts) += count;
    slot.round_requests += count;
    if (slot.in_wait()) leave(slot, now);
    slot.activity = Slot::Activity::in_round;
    set_deadline(slot, now + options_.timeout);
    return request;
  }

  // The slot's round is lost: asks the strategy, and sets the deadline of the wait, which may be now. Nothing when the
  // instance has used up its rounds and must be given up.
  std::optional<Retry> lose(Slot& slot, Nanos now);

  // The slot's deadline has passed: what to do. back_off: a round timed out; broadcast: a wait is over.
  Action wake(Slot& slot, Nanos now);

  // The slot's operation is over; the slot is free again.
  Outcome finish(Slot& slot, Outcome::Kind kind, Nanos now);

  // Somebody announced a decision that we are not working on: never begin that instance.
  void hear(const Reply& announcement);

  // A slot whose deadline has passed, or null; each call finds the next.
  Slot* due(Nanos now);
  // No deadline is before it, and unless the last due() found something one may be at it. kNever: nothing to wait for.
  Nanos next_deadline() const { return next_deadline_; }

  // The slot that works on the instance, for announcements; null when none does.
  Slot* working_on(const InstanceId& instance);

  // A crash, and the start of the next incarnation: whatever was in flight is forgotten, and its operations are begun
  // anew. What a careful proposer keeps on disk survives: the highest n it used, so that ballots are never used twice,
  // and below which version of each key everything is decided. Not durable is a bug to plant: it starts from nothing.
  void restart(Nanos now, bool durable);

  // Another run under another seed: as if new, but keeps its memory.
  void reset(std::uint64_t seed, const ClockError& clock);

  // Counts the time of what is going on up to now, so that counters() is complete at this moment.
  void settle(Nanos now);

  bool done() const { return busy_ == 0 && exhausted_operations(); }
  std::uint32_t busy() const { return busy_; }
  std::uint32_t backing_off() const { return backing_off_; }
  const ProposerNodeOptions& options() const { return options_; }
  const ProposerCounters& counters() const { return counters_; }
  ProposerCounters& counters() { return counters_; }
  const std::vector<Slot>& slots() const { return slots_; }

 private:
  static constexpr std::uint32_t kNone = ~std::uint32_t{0};
  struct Neighbours {
    std::uint32_t before = kNone, after = kNone;
  };
  struct Key {
    std::uint64_t next = 0;    // the first version never begun here
    std::uint64_t read_n = 0;  // the highest n used on version next - 1, so that no ballot is used twice
    std::uint64_t given_up = ~std::uint64_t{0};  // the lowest version given up undecided: no watermark may pass it
    std::uint32_t first = kNone, last = kNone;   // slots in flight, by version
  };

  bool exhausted_operations() const { return options_.operations_max != 0 && begun_ >= options_.operations_max; }
  std::uint64_t decided_below(const Key& key) const {
    return std::min(key.given_up, key.first == kNone ? key.next : slots_[key.first].proposer.instance().ver);
  }
  std::uint32_t index_of(const Slot& slot) const { return static_cast<std::uint32_t>(&slot - slots_.data()); }
  void count(const Slot& slot, const Outcome& outcome);
  const RetryContext& context(const Slot& slot, Nanos now);
  void start(std::uint64_t seed);
  void clear_slots();
  Key& key_at(std::uint32_t number) {
    if (number >= keys_.size()) [[unlikely]]
      keys_.resize(std::size_t{number} + 1);
    return keys_[number];
  }
  void link(Key& key, Slot& slot);
  void unlink(Key& key, Slot& slot);
  void set_deadline(Slot& slot, Nanos deadline) {
    slot.deadline = deadline;
    next_deadline_ = std::min(next_deadline_, deadline);
  }
  void enter_wait(Slot& slot, Slot::Activity activity, Nanos wait, Nanos now);
  void leave(Slot& slot, Nanos now);
  void charge(Slot& slot, Nanos now);

  // What every reply looks at comes first: with ten thousand proposers each line of memory counts.
  Nanos next_deadline_ = kNever;
  std::vector<Slot> slots_;
  std::vector<Neighbours> neighbours_;  // of each slot in its key's list; apart, so that it takes few lines of memory
  std::vector<std::uint32_t> free_;
  std::uint64_t begun_ = 0;
  std::uint32_t busy_ = 0;
  std::uint32_t backing_off_ = 0;
  ProposerNodeOptions options_;
  bool may_wait_first_;  // its strategy
  ProposerCounters counters_;
  RetryContext context_;  // what of it changes is filled in by context()
  Workload workload_;
  const KeyPicker* picker_;
  Random arrivals_{0};  // which key, when, read or not: apart, so that two strategies meet the same load under one seed
  Random random_{0};    // the strategies' draws
  std::vector<Key> keys_;
  Nanos next_arrival_ = 0;
  std::uint64_t first_n_ = 1;    // of this incarnation
  std::uint64_t highest_n_ = 0;  // of all ballots sent
  std::uint32_t scan_ = 0;
};

// What was counted between two moments.
ProposerCounters& operator-=(ProposerCounters& later, const ProposerCounters& earlier);
inline ProposerCounters operator-(ProposerCounters later, const ProposerCounters& earlier) {
  return later -= earlier;
}

}  // namespace paxoscope

#include "core/node/proposer_hot_path.h"
