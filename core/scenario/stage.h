// A stage for short plays: the shipped proposers and acceptors, and a bag of the messages in flight. Nothing moves by
// itself; each call is one step of the play, and what happens is recorded as Events.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/error.h"
#include "core/node/acceptor_node.h"
#include "core/node/audit.h"
#include "core/paxos/proposer.h"
#include "core/trace/event.h"

namespace paxoscope {

// Who is on stage.
struct Role {
  AgentKind kind = AgentKind::proposer;
  std::uint32_t id = 0;
  friend auto operator<=>(const Role&, const Role&) = default;
};

// Not thread-safe. Steps fail, and then have done nothing, when the play asks for something that cannot be.
class Stage {
 public:
  using Done = tl::expected<void, Error>;

  explicit Stage(const ProposerRules& rules);

  // Starts a proposer on an instance; without `own` it reads. It will talk to the acceptors in `to`, none: to all.
  Done propose(ProposerId proposer, const InstanceId& instance, std::optional<Value> own, std::uint64_t n,
               const std::vector<AcceptorId>& to = {});
  // The oldest message in flight from one to the other arrives, is lost, or is doubled. A message to somebody who is
  // down or cut off is lost when it should arrive.
  Done deliver(Role from, Role to);
  Done drop(Role from, Role to);
  Done duplicate(Role from, Role to);
  // The proposer's open request arrives at each of the acceptors, and the answer to it at once at the proposer.
  // None: at all it talks to.
  Done exchange(ProposerId proposer, const std::vector<AcceptorId>& with = {});
  Done timeout(ProposerId proposer);
  Done retry(ProposerId proposer, std::uint64_t skip = 0);
  // An acceptor's promises and votes are durable: it comes back with them. A proposer has nothing to come back with.
  Done crash(Role role);
  Done restart(Role role);
  // From now on only members of `side` reach each other, and all others each other. Empty: the cut is healed.
  void partition(const std::set<Role>& side) { side_ = side; }

  const Proposer* proposer(ProposerId id) const;
  // An acceptor's state in an instance; nothing when there is no such acceptor.
  std::optional<AcceptorState> acceptor(AcceptorId id, const InstanceId& instance) const;
  std::size_t in_flight() const { return requests_.size() + replies_.size(); }

  const std::vector<Event>& events() const { return events_; }
  void forget_events() { events_.clear(); }
  // What the acceptors' votes and the proposers' results broke, in words; empty when all is well. Ends the play.
  std::string verdict();

  // For the functions of core/node/turn.h.
  static constexpr bool kTracing = true;
  void record(const Event& event);

 private:
  struct Actor {
    Proposer proposer;
    std::vector<AcceptorId> to;
    bool down = false;
  };
  struct RequestInFlight {
    Request request;
    AcceptorId to = 0;
  };

  // Where the oldest message from one to the other is; nothing: none is in flight.
  std::optional<std::size_t> find_request(Role from, Role to) const;
  std::optional<std::size_t> find_reply(Role from, Role to) const;
  Done arrive(const RequestInFlight& message);
  void arrive(const Reply& reply);
  void perform(ProposerId id, Action action);
  bool connected(Role a, Role b) const { return side_.empty() || side_.contains(a) == side_.contains(b); }
  void record_of(Role agent, Event event);
  void record_loss(EventKind kind, const RequestInFlight& message);
  void record_loss(EventKind kind, const Reply& reply);

  ProposerRules rules_;
  std::vector<AcceptorNode> acceptors_;
  std::vector<bool> down_;                                             // by acceptor
  std::map<std::pair<AcceptorId, InstanceId>, AcceptorState> states_;  // as its last step left it
  std::map<ProposerId, Actor> actors_;
  std::vector<RequestInFlight> requests_;
  std::vector<Reply> replies_;  // to the proposer of the ballot
  std::set<Role> side_;
  std::vector<Event> events_;
  std::map<Role, std::uint32_t> sequence_;
  Role acting_;
  Nanos step_ = 0;
  Audit audit_;
};

}  // namespace paxoscope
