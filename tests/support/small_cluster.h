// The smallest host there is: a cluster in one thread whose messages are delivered in a seeded random order, and
// sometimes twice. For tests that need real events of a real run, nothing more.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "core/backoff/backoff.h"
#include "core/node/turn.h"
#include "core/trace/recorder.h"

namespace paxoscope::test {

// Never waits more than a random moment.
class ShortWait : public Backoff {
 public:
  Retry on_preempted(const RetryContext&, Random& random) override {
    return {.wait = static_cast<Nanos>(random.below(20'000))};
  }
  void on_decided(const RetryContext&, bool) override {}
  void forget() override {}
  std::unique_ptr<Backoff> fresh() const override { return std::make_unique<ShortWait>(); }
  std::string to_string() const override { return "short_wait"; }
};

struct SmallClusterOptions {
  int acceptors = 3;
  std::uint32_t proposers = 2;
  std::uint64_t operations = 5;  // of each proposer
  std::uint32_t window = 1;
  Learning learning = Learning::own_round;
  std::uint64_t duplicate_one_in = 0;  // requests; 0: never
  std::uint64_t seed = 1;
};

// Proposers have the ids 1, 2, ... Every event goes to `sink`.
template <class Sink>
class SmallCluster {
 public:
  SmallCluster(const SmallClusterOptions& options, Sink& sink)
      : options_(options), picker_(Workload{}), random_(options.seed) {
    for (int a = 0; a < options.acceptors; ++a) {
      const auto id = static_cast<AcceptorId>(a);
      acceptors_.push_back({AcceptorNode(id, {}), Recorder<Sink>(AgentKind::acceptor, id, sink)});
    }
    for (std::uint32_t i = 0; i < options.proposers; ++i) {
      const ProposerNodeOptions node{
          .id = i + 1,
          .rank = i,
          .proposers = options.proposers,
          .rules = {.quorums = Quorums::majority(options.acceptors), .learning = options.learning},
          .window = options.window,
          .operations_max = options.operations,
          .seed = options.seed};
      proposers_.push_back(
          {ProposerNode(node, ShortWait(), Workload{}, picker_), Recorder<Sink>(AgentKind::proposer, i + 1, sink)});
    }
  }

  // To the end of every operation.
  void run() {
    for (std::uint32_t p = 0; p < proposers_.size(); ++p) wake(p);
    while (!messages_.empty() || next_deadline() != kNever) {
      now_ += 1 + static_cast<Nanos>(random_.below(1000));
      if (messages_.empty()) now_ = std::max(now_, next_deadline());
      if (!messages_.empty()) deliver(random_.below(messages_.size()));
      for (std::uint32_t p = 0; p < proposers_.size(); ++p) wake(p);
    }
  }

  std::vector<AgentTotal> totals() const {
    std::vector<AgentTotal> totals;
    for (const auto& proposer : proposers_) totals.push_back(proposer.recorder.total());
    for (const auto& acceptor : acceptors_) totals.push_back(acceptor.recorder.total());
    return totals;
  }

 private:
  struct ProposerAgent {
    ProposerNode node;
    Recorder<Sink> recorder;
  };
  struct AcceptorAgent {
    AcceptorNode node;
    Recorder<Sink> recorder;
  };
  struct Message {
    bool is_request = false;
    std::uint32_t to = 0;  // index of the receiver
    Request request;
    Reply reply;
  };

  // What turn.h asks of a host, for one agent.
  struct Host {
    static constexpr bool kTracing = true;
    SmallCluster& cluster;
    Recorder<Sink>& recorder;
    std::uint32_t self = 0;

    void broadcast(const Request& request) {
      for (std::uint32_t a = 0; a < cluster.acceptors_.size(); ++a) {
        const std::uint64_t one_in = cluster.options_.duplicate_one_in;
        const int copies = one_in > 0 && cluster.random_.below(one_in) == 0 ? 2 : 1;
        for (int i = 0; i < copies; ++i) cluster.messages_.push_back({true, a, request, {}});
      }
    }
    void announce(const Reply& reply) {
      for (std::uint32_t p = 0; p < cluster.proposers_.size(); ++p) {
        if (p != self) cluster.messages_.push_back({false, p, {}, reply});
      }
    }
    void finished(const Outcome&) {}
    void yield(std::uint32_t) {}
    void record(const Event& event) { recorder.record(event, cluster.now_); }
  };

  void wake(std::uint32_t p) {
    Host host{*this, proposers_[p].recorder, p};
    on_deadlines(proposers_[p].node, now_, host);
    begin_operations(proposers_[p].node, now_, host);
  }

  void deliver(std::size_t index) {
    const Message message = messages_[index];
    messages_.erase(messages_.begin() + static_cast<std::ptrdiff_t>(index));
    if (!message.is_request) {
      Host host{*this, proposers_[message.to].recorder, message.to};
      return on_reply(proposers_[message.to].node, message.reply, now_, host);
    }
    AcceptorAgent& acceptor = acceptors_[message.to];
    Host host{*this, acceptor.recorder};
    Reply reply;
    on_request(acceptor.node, message.request, reply, host);
    messages_.push_back({false, message.request.ballot.proposer() - 1, {}, reply});
  }

  Nanos next_deadline() const {
    Nanos next = kNever;
    for (const auto& proposer : proposers_) next = std::min(next, proposer.node.next_deadline());
    return next;
  }

  SmallClusterOptions options_;
  KeyPicker picker_;
  Random random_;
  Nanos now_ = 0;
  std::vector<AcceptorAgent> acceptors_;
  std::vector<ProposerAgent> proposers_;
  std::deque<Message> messages_;
};

inline std::vector<Event> events_of(const SmallClusterOptions& options) {
  EventList list;
  SmallCluster<EventList> cluster(options, list);
  cluster.run();
  return list.events;
}

}  // namespace paxoscope::test
