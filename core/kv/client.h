// A proposer that is called: it settles instances, many at once, and returns when all are settled or time is up.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "core/backoff/backoff.h"
#include "core/kv/link.h"
#include "core/nanos.h"
#include "core/paxos/proposer.h"
#include "core/random.h"

namespace paxoscope::kv {

struct ClientOptions {
  ProposerId id = 1;          // no other client of the cluster may have it: claim_id()
  std::uint64_t first_n = 1;  // above every n that an earlier client of this id used; below Ballot::kMaxN
  ProposerRules rules = {};
  Nanos round_trip = 100 * kMicrosecond;  // R, for the strategy
  Nanos timeout = 100 * kMillisecond;     // a round without a verdict for so long is lost
  std::uint64_t rounds_max = 1'000;       // on one instance: the retry budget
  std::uint32_t window = 128;             // instances in flight, 1 .. 65536
  std::uint64_t seed = 1;
};

// An instance to be settled: with the value to propose, or by a read.
struct Wish {
  InstanceId instance;
  std::optional<Value> own;
};

struct Fate {
  enum class Kind : std::uint8_t {
    decided,  // `value` is; `won`: it is our own
    empty,    // a read that found no vote at a quorum
    retired,  // decided, and its value is no longer kept
    late,     // the deadline passed: our own value may or may not be decided, now or later
    spent,    // so did the retry budget, or the ballots: the same
  };
  Kind kind = Kind::late;
  bool won = false;
  Value value = 0;
};

// Not thread-safe. The link must outlive it; the strategy is copied.
class Client {
 public:
  Client(Link& link, const Backoff& strategy, const ClientOptions& options);

  // The fates in the order of the wishes, which name different instances. deadline: of link.now().
  std::vector<Fate> settle(std::span<const Wish> wishes, Nanos deadline);
  Link& link() { return link_; }

 private:
  struct Slot {
    Proposer proposer;
    std::unique_ptr<Backoff> backoff;
    std::size_t wish = 0;
    Nanos until = 0;  // the round's timeout, or the end of a wait
    Nanos began = 0;
    std::uint64_t rounds = 0, skip = 0;
    bool busy = false, waiting = false;
  };

  void begin(Slot& slot, const Wish& wish, std::size_t number);
  void perform(Slot& slot, Action action);
  void back_off(Slot& slot);
  void end(Slot& slot, Fate::Kind kind);
  void wait_for_something(Nanos deadline);
  RetryContext context(const Slot& slot) const;

  Link& link_;
  ClientOptions options_;
  Random random_;
  std::vector<Slot> slots_;
  std::vector<Fate> fates_;
  std::size_t settled_ = 0;
  std::uint64_t highest_n_ = 0;  // used so far: no ballot is ever used twice
  Nanos now_ = 0;
};

// A proposer id for a client of acceptors that outlive it: nobody else who asked this way has it, had it or will get
// it, on whatever machine and with whatever clock, so no ballot is ever used twice. Nothing when no majority of the
// acceptors gave one until the deadline (of link.now()).
//
// A Prepare is a test-and-set that outlives the acceptor's crash: only the first in an instance is answered "nothing
// promised". Whoever gets that from a majority in the instance of an id has the id; an answer that is lost costs the
// id. Ids below kFirstClaimed are left to clients that choose their own.
inline constexpr ProposerId kFirstClaimed = 1'024;
std::optional<ProposerId> claim_id(Link& link, int acceptors, Random random, Nanos deadline);

}  // namespace paxoscope::kv
