// What travels: a Request to an acceptor, a Reply to a proposer. Two types, so that a wrong message cannot reach the
// wrong inbox; plain values of at most one cache line, copied and never shared.
#pragma once

#include <type_traits>

#include "core/paxos/ballot.h"

namespace paxoscope {

// Which decree: version `ver` of the key with number `key`. One version of one key is one Paxos instance.
struct InstanceId {
  std::uint64_t ver = 0;
  std::uint32_t key = 0;
  friend constexpr auto operator<=>(const InstanceId&, const InstanceId&) = default;
};

using Value = std::int64_t;
using AcceptorId = std::uint8_t;  // 0 .. kMaxAcceptors - 1
inline constexpr int kMaxAcceptors = 128;

enum class Phase : std::uint8_t { prepare = 1, accept = 2 };

struct Request {
  InstanceId instance = {};
  Ballot ballot = {};               // its owner, ballot.proposer(), gets the reply
  Value value = 0;                  // Accept only
  std::uint64_t decided_below = 0;  // the sender knows that every version of this key below it is decided
  std::uint32_t round = 0;          // the sender's count of broadcasts on this instance; echoed
  std::uint16_t slot = 0;           // the sender's bookkeeping; echoed
  Phase phase = Phase::prepare;
  friend constexpr bool operator==(const Request&, const Request&) = default;
};

enum class ReplyKind : std::uint8_t {
  state,    // the acceptor's state before the step
  retired,  // the instance is decided and gone; `value` is the first version of the key that may be open
  refused,  // the acceptor cannot take on another instance, or the request was malformed
  decided,  // from a proposer, not from an acceptor: `value` was decided in `ballot`
};

struct Reply {
  InstanceId instance = {};  // echoed, as are ballot, round, slot and phase
  Ballot ballot = {};
  Ballot last_bal = {};  // the state before the step
  Ballot v_bal = {};
  Value value = 0;  // the vote's value, meaningful when v_bal is not none
  std::uint32_t round = 0;
  std::uint16_t slot = 0;
  Phase phase = Phase::prepare;
  ReplyKind kind = ReplyKind::state;
  AcceptorId acceptor = 0;

  // The rule of the paper, on both sides of the wire: granted iff the ballot was not below the promise.
  constexpr bool granted() const { return kind == ReplyKind::state && ballot >= last_bal; }
};

static_assert(sizeof(Request) <= 64 && std::is_trivially_copyable_v<Request>);
static_assert(sizeof(Reply) <= 64 && std::is_trivially_copyable_v<Reply>);

}  // namespace paxoscope
