// Nodes for many instances under a network of chance, by the turn functions that every host uses. Random delivery,
// loss, duplication and time, all from one seed; every event goes to a sink as it happens. For the checker's own tests
// and benchmarks: quick, and nothing is kept.
#pragma once

#include <memory>
#include <vector>

#include "core/backoff/registry.h"
#include "core/node/turn.h"
#include "core/random.h"

namespace paxoscope {

struct RandomClusterOptions {
  std::uint32_t acceptors = 3;
  std::uint32_t proposers = 3;
  std::uint32_t window = 2;
  std::uint32_t keys = 2;
  double read_share = 0.1;
  ProposerRules rules = {};
  Nanos timeout = 400;  // in steps of the schedule, which are its nanoseconds
  // Of a thousand deliveries, how many are lost, or done twice.
  std::uint32_t drops = 5, duplicates = 5;
  std::uint64_t operations_max = 0;  // of each proposer; 0: no end
  std::uint64_t seed = 1;
};

// Sink: called with every Event.
template <class Sink>
class RandomCluster {
 public:
  RandomCluster(const RandomClusterOptions& options, const Backoff& strategy, Sink& sink)
      : options_(options),
        workload_{.choice = KeyChoice::uniform, .keys = options.keys, .read_share = options.read_share},
        picker_(workload_),
        random_(options.seed),
        sink_(sink),
        sequence_{std::vector<std::uint32_t>(options.proposers + 1), std::vector<std::uint32_t>(options.acceptors)} {
    for (std::uint32_t a = 0; a < options.acceptors; ++a) {
      acceptors_.emplace_back(static_cast<AcceptorId>(a), InstanceLimits());
    }
    for (std::uint32_t p = 0; p < options.proposers; ++p) {
      proposers_.push_back(std::make_unique<ProposerNode>(ProposerNodeOptions{.id = p + 1,
                                                                              .rank = p,
                                                                              .proposers = options.proposers,
                                                                              .rules = options.rules,
                                                                              .window = options.window,
                                                                              .round_trip = 8,
                                                                              .timeout = options.timeout,
                                                                              .operations_max = options.operations_max,
                                                                              .seed = options.seed},
                                                          strategy, workload_, picker_));
    }
  }

  // One step: a delivery, or a deadline. False when every proposer is done and nothing is in flight.
  bool step() {
    ++now_;
    if (bag_.empty() || now_ % 16 == 0) {
      bool done = bag_.empty();
      for (auto& node : proposers_) {
        Host host{*this, AgentKind::proposer, node->options().id};
        on_deadlines(*node, now_, host);
        begin_operations(*node, now_, host);
        done = done && node->done();
      }
      if (done) return false;
      if (bag_.empty()) return true;
    }
    deliver();
    return true;
  }

  // Everything each agent recorded: count(agent kind, agent, events).
  template <class Count>
  void totals(Count count) const {
    for (std::uint32_t p = 1; p <= options_.proposers; ++p) count(AgentKind::proposer, p, sequence_[0][p]);
    for (std::uint32_t a = 0; a < options_.acceptors; ++a) count(AgentKind::acceptor, a, sequence_[1][a]);
  }

 private:
  struct Message {
    bool is_reply = false;
    std::uint32_t to = 0;  // acceptor, or proposer id
    Request request;
    Reply reply;
  };

  struct Host {
    static constexpr bool kTracing = true;
    RandomCluster& cluster;
    AgentKind kind;
    std::uint32_t agent;
    void broadcast(const Request& request) {
      for (std::uint32_t a = 0; a < cluster.options_.acceptors; ++a) cluster.bag_.push_back({false, a, request, {}});
    }
    void announce(const Reply& reply) {
      for (std::uint32_t p = 1; p <= cluster.options_.proposers; ++p) {
        if (p != agent) cluster.bag_.push_back({true, p, {}, reply});
      }
    }
    void finished(const Outcome&) {}
    void yield(std::uint32_t) {}
    void record(Event event) {
      event.at = cluster.now_;
      event.agent = agent;
      event.agent_kind = kind;
      event.sequence = cluster.sequence_[kind == AgentKind::proposer ? 0 : 1][agent]++;
      cluster.sink_(event);
    }
  };

  void deliver() {
    const auto at = random_.below(bag_.size());
    const Message message = bag_[at];
    const std::uint64_t fate = random_.below(1000);
    Host host{*this, message.is_reply ? AgentKind::proposer : AgentKind::acceptor, message.to};
    if (fate < options_.duplicates) {
      note(EventKind::duplicated, message, host);
    } else {
      bag_[at] = bag_.back();
      bag_.pop_back();
      if (fate < options_.duplicates + options_.drops) return note(EventKind::dropped, message, host);
    }
    if (message.is_reply) {
      ProposerNode& node = *proposers_[message.to - 1];
      on_reply(node, message.reply, now_, host);
      begin_operations(node, now_, host);
    } else {
      Reply reply;
      on_request(acceptors_[message.to], message.request, reply, host);
      bag_.push_back({true, message.request.ballot.proposer(), {}, reply});
    }
  }

  void note(EventKind kind, const Message& message, Host& host) {
    host.record({.instance = message.is_reply ? message.reply.instance : message.request.instance,
                 .ballot = message.is_reply ? message.reply.ballot : message.request.ballot,
                 .peer = message.is_reply ? message.reply.acceptor : message.request.ballot.proposer(),
                 .round = message.is_reply ? message.reply.round : message.request.round,
                 .kind = kind,
                 .phase = message.is_reply ? message.reply.phase : message.request.phase});
  }

  RandomClusterOptions options_;
  Workload workload_;
  KeyPicker picker_;
  Random random_;
  Sink& sink_;
  std::vector<std::uint32_t> sequence_[2];
  std::vector<AcceptorNode> acceptors_;
  std::vector<std::unique_ptr<ProposerNode>> proposers_;
  std::vector<Message> bag_;
  Nanos now_ = 0;
};

}  // namespace paxoscope
