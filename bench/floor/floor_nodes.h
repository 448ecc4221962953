// Nodes that speak no protocol, for the same threads and queues: acceptors that echo, proposers that count replies.
// They exchange the same messages in the same pattern as an uncontended decree (two broadcasts, a quorum of replies
// each), so what they reach is the floor below which no protocol on these queues can get.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/node/cluster.h"
#include "core/threads/crew.h"

namespace paxoscope {

class FloorAcceptor {
 public:
  explicit FloorAcceptor(AcceptorId id) : id_(id) {}
  AcceptorId id() const { return id_; }

 private:
  AcceptorId id_;
};

// Keeps a window of pretended instances in flight. Not thread-safe.
class FloorProposer {
 public:
  explicit FloorProposer(const ProposerNodeOptions& options) : options_(options), slots_(options.window) {
    for (std::uint32_t i = options.window; i-- > 0;) free_.push_back(static_cast<std::uint16_t>(i));
  }

  // True when this reply made a quorum.
  bool count(const Reply& reply) {
    Slot& slot = slots_[reply.slot];
    return reply.round == slot.request.round && ++slot.replies == options_.rules.quorums.size(reply.phase);
  }

  // The next broadcast of a slot; null after the second.
  const Request* second(std::uint16_t index) {
    Slot& slot = slots_[index];
    slot.replies = 0;
    ++slot.request.round;
    if (slot.request.phase == Phase::accept) return nullptr;
    slot.request.phase = Phase::accept;
    counters_.accepts += static_cast<std::uint64_t>(options_.rules.quorums.acceptors());
    return &slot.request;
  }

  // The first broadcast of a free slot; null when there is none.
  const Request* begin(Nanos now) {
    if (free_.empty()) return nullptr;
    const std::uint16_t index = free_.back();
    free_.pop_back();
    Slot& slot = slots_[index];
    slot.began = now;
    slot.request.instance.ver = next_++;
    slot.request.ballot = Ballot(1, options_.id);
    slot.request.slot = index;
    slot.request.phase = Phase::prepare;
    counters_.prepares += static_cast<std::uint64_t>(options_.rules.quorums.acceptors());
    return &slot.request;
  }

  Outcome finish(std::uint16_t index, Nanos now) {
    const Slot& slot = slots_[index];
    free_.push_back(index);
    ++counters_.won;
    return {.won = true, .instance = slot.request.instance, .intended = slot.began, .began = slot.began, .ended = now};
  }

  // What a thread asks of any proposer.
  Nanos next_deadline() const { return kNever; }
  bool done() const { return false; }
  void settle(Nanos) {}
  std::uint64_t busy() const { return slots_.size() - free_.size(); }
  const ProposerNodeOptions& options() const { return options_; }
  const ProposerCounters& counters() const { return counters_; }

 private:
  struct Slot {
    Request request;
    Nanos began = 0;
    int replies = 0;
  };
  ProposerNodeOptions options_;
  std::vector<Slot> slots_;
  std::vector<std::uint16_t> free_;
  ProposerCounters counters_;
  std::uint64_t next_ = 0;
};

struct FloorNodes {
  using Acceptor = FloorAcceptor;
  using Proposer = FloorProposer;
  static constexpr bool kAudited = false;
};

struct FloorStep {};

template <class Host>
FloorStep on_request(const FloorAcceptor& acceptor, const Request& request, Reply& reply, Host&) {
  reply.instance = request.instance;
  reply.ballot = request.ballot;
  reply.round = request.round;
  reply.slot = request.slot;
  reply.phase = request.phase;
  reply.kind = ReplyKind::state;
  reply.acceptor = acceptor.id();
  return {};
}

template <class Host>
void on_reply(FloorProposer& proposer, const Reply& reply, Nanos now, Host& host) {
  if (!proposer.count(reply)) return;
  if (const Request* request = proposer.second(reply.slot)) return host.broadcast(*request);
  host.finished(proposer.finish(reply.slot, now));
}

template <class Host>
void begin_operations(FloorProposer& proposer, Nanos now, Host& host) {
  while (const Request* request = proposer.begin(now)) host.broadcast(*request);
}

template <class Host>
void on_deadlines(FloorProposer&, Nanos, Host&) {}

inline std::string describe_livelock(const FloorProposer&, const Outcome&) {
  return {};
}

// run_threads without a protocol. `won` counts the decisions that it would have been.
inline Expected<Measurement> run_floor(const ClusterOptions& cluster, const ThreadOptions& threads) {
  Crew<FloorNodes> crew(
      cluster, threads, [](AcceptorId id) { return FloorAcceptor(id); },
      [&](std::uint32_t rank) { return FloorProposer(cluster.proposer(rank)); });
  return crew.run({});
}

}  // namespace paxoscope
