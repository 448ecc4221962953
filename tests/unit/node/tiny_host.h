// A host in a test's hands: nodes, a bag of messages, a clock that moves only when told, a seeded network. It steps
// nodes only through core/node/turn.h, as every host does.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/backoff/registry.h"
#include "core/node/audit.h"
#include "core/node/turn.h"

namespace paxoscope::node_test {

// What one proposer's turn left behind.
struct Probe {
  static constexpr bool kTracing = true;
  std::vector<Request> sent;
  std::vector<Reply> announced;
  std::vector<Outcome> outcomes;
  std::vector<Event> events;
  std::uint32_t yields = 0;
  void broadcast(const Request& request) { sent.push_back(request); }
  void announce(const Reply& reply) { announced.push_back(reply); }
  void finished(const Outcome& outcome) { outcomes.push_back(outcome); }
  void yield(std::uint32_t times) { yields += times; }
  void record(const Event& event) { events.push_back(event); }
};

inline std::unique_ptr<Backoff> strategy(const std::string& text) {
  return std::move(*parse_strategy(text));
}

// One proposer node with its workload and strategy, and a Probe for its host.
struct Client {
  Workload workload;
  KeyPicker picker;
  ProposerNode node;
  Probe host;

  explicit Client(const ProposerNodeOptions& options, const Workload& load = {}, const std::string& backoff = "none")
      : workload(load), picker(workload), node(options, *strategy(backoff), workload, picker) {}

  void begin(Nanos now) { begin_operations(node, now, host); }
  void reply(const Reply& reply, Nanos now) { on_reply(node, reply, now, host); }
  void deadlines(Nanos now) { on_deadlines(node, now, host); }
  Request last() const { return host.sent.back(); }
};

// What acceptor `from` answers to `request` when its state was `before`.
inline Reply answer(const Request& request, AcceptorId from, const AcceptorState& before = {}) {
  return {.instance = request.instance,
          .ballot = request.ballot,
          .last_bal = before.last_bal,
          .v_bal = before.v_bal,
          .value = before.value,
          .round = request.round,
          .slot = request.slot,
          .phase = request.phase,
          .acceptor = from};
}

// A whole cluster over a network that delays, reorders, loses and doubles.
class Cluster {
 public:
  struct Faults {
    std::uint64_t lost_of_64 = 0, doubled_of_64 = 0;
  };

  Cluster(std::uint64_t seed, const ProposerRules& rules, std::uint32_t proposers, ProposerNodeOptions options,
          const Workload& workload, const std::string& backoff, const InstanceLimits& limits, Faults faults)
      : random_(seed), faults_(faults), audit_({.quorums = rules.quorums, .lag = 16}) {
    for (int i = 0; i < rules.quorums.acceptors(); ++i) acceptors_.emplace_back(static_cast<AcceptorId>(i), limits);
    for (std::uint32_t rank = 0; rank < proposers; ++rank) {
      options.id = rank + 1;
      options.rank = rank;
      options.proposers = proposers;
      options.rules = rules;
      options.seed = seed;
      clients_.push_back(std::make_unique<Client>(options, workload, backoff));
    }
  }

  // Until every proposer is done or `steps` messages have moved; true when all are done.
  bool run(int steps) {
    for (auto& client : clients_) {
      client->begin(now_);
      collect(*client);
    }
    while (steps-- > 0) {
      if (done()) return true;
      ++now_;
      if (messages_.empty()) {
        now_ = std::max(now_, next_deadline());
      } else {
        move();
      }
      for (auto& client : clients_) {
        if (client->node.next_deadline() > now_) continue;
        client->deadlines(now_);
        client->begin(now_);
        collect(*client);
      }
    }
    return done();
  }

  std::string verdict() {
    audit_.finish();
    return audit_.violation();
  }
  const AuditReport& report() const { return audit_.report(); }
  const std::vector<std::unique_ptr<Client>>& clients() const { return clients_; }
  const std::vector<AcceptorNode>& acceptors() const { return acceptors_; }
  const std::vector<Outcome>& outcomes() const { return outcomes_; }
  Nanos now() const { return now_; }

 private:
  struct Message {
    Request request;
    Reply reply;
    std::uint32_t to = 0;
    bool is_request = false;
  };

  bool done() const {
    return std::all_of(clients_.begin(), clients_.end(), [](const auto& client) { return client->node.done(); });
  }
  Nanos next_deadline() const {
    Nanos next = kNever;
    for (const auto& client : clients_) next = std::min(next, client->node.next_deadline());
    return next == kNever ? now_ : next;
  }
  void post(const Message& message) {
    if (random_.below(64) < faults_.lost_of_64) return;
    messages_.push_back(message);
    if (random_.below(64) < faults_.doubled_of_64) messages_.push_back(message);
  }
  void move() {
    // Any of the oldest few: reordered, but nothing waits for ever.
    const std::uint64_t at = random_.below(std::min<std::uint64_t>(messages_.size(), 12));
    const Message message = messages_[at];
    messages_.erase(messages_.begin() + static_cast<std::ptrdiff_t>(at));
    if (!message.is_request) {
      clients_[message.to]->reply(message.reply, now_);
      clients_[message.to]->begin(now_);
      return collect(*clients_[message.to]);
    }
    AcceptorNode& acceptor = acceptors_[message.to];
    Probe host;
    Message back{.request = {}, .reply = {}, .to = message.request.ballot.proposer() - 1, .is_request = false};
    const AcceptorNode::Step step = on_request(acceptor, message.request, back.reply, host);
    const InstanceId id = message.request.instance;
    if (step.retired) audit_.feed(AuditRecord::retired(acceptor.id(), {acceptor.table().first(id.key), id.key}));
    if (message.request.phase == Phase::accept && step.after != nullptr &&
        step.after->v_bal == message.request.ballot) {
      audit_.feed(AuditRecord::vote(acceptor.id(), id, *step.after, now_));
    }
    post(back);
  }
  void collect(Client& client) {
    Probe& host = client.host;
    for (const Request& request : host.sent) {
      for (std::uint32_t a = 0; a < acceptors_.size(); ++a) {
        post({.request = request, .reply = {}, .to = a, .is_request = true});
      }
    }
    for (const Reply& reply : host.announced) {
      for (std::uint32_t p = 0; p < clients_.size(); ++p) {
        if (p != client.node.options().rank) post({.request = {}, .reply = reply, .to = p, .is_request = false});
      }
    }
    for (const Outcome& outcome : host.outcomes) {
      if (outcome.kind == Outcome::Kind::decided) audit_.feed(AuditRecord::result(client.node.options().id, outcome));
      outcomes_.push_back(outcome);
    }
    host = {};
  }

  Random random_;
  Faults faults_;
  Audit audit_;
  std::vector<AcceptorNode> acceptors_;
  std::vector<std::unique_ptr<Client>> clients_;
  std::vector<Message> messages_;
  std::vector<Outcome> outcomes_;
  Nanos now_ = 0;
};

}  // namespace paxoscope::node_test
