// An acceptor for many instances: looks the instance up, takes the step, answers. Not thread-safe.
#pragma once

#include <cstdint>

#include "core/node/instance_table.h"
#include "core/paxos/acceptor.h"
#include "core/paxos/message.h"

namespace paxoscope {

struct AcceptorCounters {
  std::uint64_t prepares = 0;
  std::uint64_t accepts = 0;
  std::uint64_t rejected_prepares = 0;
  std::uint64_t votes = 0;    // accepts that were granted
  std::uint64_t retired = 0;  // requests for a retired instance
  std::uint64_t refused = 0;  // requests for which there was no room
};

class AcceptorNode {
 public:
  AcceptorNode(AcceptorId id, const InstanceLimits& limits) : id_(id), table_(limits) {}

  struct Step {
    const AcceptorState* after = nullptr;  // null when no step was taken; valid until the next call
    bool retired = false;                  // instances of this key were retired: see table().first()
  };

  // Writes the answer into `reply`, which may be where it will be sent from: a copy less on the hot path.
  Step on_request(const Request& request, Reply& reply) {
    reply.instance = request.instance;
    reply.ballot = request.ballot;
    reply.round = request.round;
    reply.slot = request.slot;
    reply.phase = request.phase;
    reply.kind = ReplyKind::state;
    reply.acceptor = id_;
    const auto [acceptor, retired] = table_.find(request.instance, request.decided_below);
    Step step{.retired = retired};
    if (acceptor == nullptr || request.ballot.is_none()) [[unlikely]] {
      refuse(reply);
      return step;
    }
    const bool prepare = request.phase == Phase::prepare;
    const AcceptorState before =
        prepare ? acceptor->on_prepare(request.ballot) : acceptor->on_accept(request.ballot, request.value);
    reply.last_bal = before.last_bal;
    reply.v_bal = before.v_bal;
    reply.value = before.value;
    step.after = &acceptor->state();
    const bool granted = request.ballot >= before.last_bal;
    if (prepare) {
      ++counters_.prepares;
      counters_.rejected_prepares += granted ? 0 : 1;
    } else {
      ++counters_.accepts;
      counters_.votes += granted ? 1 : 0;
    }
    return step;
  }

  // A bug to plant: it comes back under its old identity and has lost every promise and vote.
  void forget() { table_.clear(); }

  // As if new, for another run; keeps the memory.
  void reset() {
    table_.clear();
    counters_ = {};
  }

  AcceptorId id() const { return id_; }
  const InstanceTable& table() const { return table_; }
  const AcceptorCounters& counters() const { return counters_; }

 private:
  void refuse(Reply& reply) {
    const bool retired = table_.is_retired(reply.instance);
    reply.kind = retired ? ReplyKind::retired : ReplyKind::refused;
    reply.last_bal = reply.v_bal = Ballot();
    reply.value = retired ? static_cast<Value>(table_.decided_below(reply.instance.key)) : 0;
    ++(retired ? counters_.retired : counters_.refused);
  }

  AcceptorId id_;
  InstanceTable table_;
  AcceptorCounters counters_;
};

}  // namespace paxoscope
