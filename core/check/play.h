// A play: the agents of one instance on a table, moved by hand, every step recorded as the engines record it. The
// explorer replays its counterexamples here, scripts and random schedules run here; none of them has a network of its
// own in the agents: who plays holds the messages.
#pragma once

#include <optional>
#include <vector>

#include "core/check/model.h"
#include "core/trace/event.h"

namespace paxoscope {

// One step from outside.
struct Move {
  enum class Kind : std::uint8_t {
    propose,         // proposer begins
    request,         // acceptor gets request
    reply,           // proposer gets reply
    time_out,        // proposer's round is given up
    retry,           // proposer begins its next round
    crash_acceptor,  // and restart
    crash_proposer,  // and restart, with a round of a new incarnation
  };
  Kind kind = Kind::propose;
  int proposer = 0;  // number from 0
  int acceptor = 0;
  Request request;
  Reply reply;
};

// The n-th event of an agent comes from this table's clock: one step, one nanosecond. Not thread-safe.
template <class Model>
class Play {
 public:
  using Proposer = typename Model::Proposer;

  // readers: how many of the last proposers only read.
  Play(int acceptors, int proposers, const ProposerRules& rules, int readers = 0)
      : rules_(Model::rules(rules)),
        acceptors_(static_cast<std::size_t>(acceptors)),
        proposers_(static_cast<std::size_t>(proposers)),
        sequence_{std::vector<std::uint32_t>(proposers_.size() + 1), std::vector<std::uint32_t>(acceptors_.size())},
        readers_(readers) {}

  // The request that a move broadcasts, if it does.
  std::optional<Request> propose(int p) {
    const bool reads = p >= static_cast<int>(proposers_.size()) - readers_;
    return begin(p, reads ? std::nullopt : std::optional(play_value(p)), Model::first_ballot(play_id(p)));
  }

  Reply deliver(int a, const Request& request) {
    auto& acceptor = acceptors_[static_cast<std::size_t>(a)];
    const Reply reply = play_request(acceptor, static_cast<AcceptorId>(a), request);
    const AcceptorState& after = acceptor.state();
    record({.instance = request.instance,
            .ballot = request.ballot,
            .value = request.value,
            .last_bal = after.last_bal,
            .v_bal = after.v_bal,
            .vote = after.value,
            .agent = static_cast<std::uint32_t>(a),
            .peer = request.ballot.proposer(),
            .round = request.round,
            .kind = EventKind::answered,
            .agent_kind = AgentKind::acceptor,
            .phase = request.phase,
            .granted = reply.granted()});
    return reply;
  }

  std::optional<Request> deliver(int p, const Reply& reply) {
    Proposer& target = proposer(p);
    const Action action = target.on_reply(rules_, reply);
    record({.instance = reply.instance,
            .ballot = reply.ballot,
            .value = reply.value,
            .last_bal = reply.last_bal,
            .v_bal = reply.v_bal,
            .vote = reply.value,
            .agent = play_id(p),
            .peer = reply.acceptor,
            .round = reply.round,
            .kind = action == Action::ignored ? EventKind::ignored : EventKind::used,
            .agent_kind = AgentKind::proposer,
            .phase = reply.phase,
            .granted = reply.granted()});
    return perform(p, action);
  }

  void time_out(int p) { perform(p, proposer(p).on_timeout()); }
  std::optional<Request> retry(int p) { return perform(p, proposer(p).retry()); }

  void crash_acceptor(int a) {
    auto& acceptor = acceptors_[static_cast<std::size_t>(a)];
    for (const EventKind kind : {EventKind::crashed, EventKind::restarted}) {
      record({.instance = kPlayInstance,
              .agent = static_cast<std::uint32_t>(a),
              .kind = kind,
              .agent_kind = AgentKind::acceptor});
    }
    acceptor = Model::recovered(acceptor);
  }

  std::optional<Request> crash_proposer(int p) {
    for (const EventKind kind : {EventKind::crashed, EventKind::restarted}) {
      record({.instance = kPlayInstance, .agent = play_id(p), .kind = kind});
    }
    const auto own = proposer(p).own();
    return begin(p, own ? std::optional(Model::value_after_crash(*own)) : own,
                 Model::ballot_after_crash(proposer(p).ballot()));
  }

  std::optional<Request> apply(const Move& move) {
    switch (move.kind) {
      case Move::Kind::propose: return propose(move.proposer);
      case Move::Kind::request: deliver(move.acceptor, move.request); return std::nullopt;
      case Move::Kind::reply: return deliver(move.proposer, move.reply);
      case Move::Kind::time_out: time_out(move.proposer); return std::nullopt;
      case Move::Kind::retry: return retry(move.proposer);
      case Move::Kind::crash_acceptor: crash_acceptor(move.acceptor); return std::nullopt;
      case Move::Kind::crash_proposer: return crash_proposer(move.proposer);
    }
    return std::nullopt;
  }

  Proposer& proposer(int p) { return proposers_[static_cast<std::size_t>(p)]; }
  const AcceptorState& acceptor(int a) const { return acceptors_[static_cast<std::size_t>(a)].state(); }
  int acceptors() const { return static_cast<int>(acceptors_.size()); }
  int proposers() const { return static_cast<int>(proposers_.size()); }
  const std::vector<Event>& events() const { return events_; }
  void record(Event event) {
    event.at = static_cast<Nanos>(events_.size());
    event.sequence = sequence_[event.agent_kind == AgentKind::acceptor ? 1 : 0][event.agent]++;
    events_.push_back(event);
  }

 private:
  Event event_of(EventKind kind, int p) {
    const Proposer& source = proposer(p);
    return {.instance = source.instance(),
            .ballot = source.ballot(),
            .value = source.value(),
            .agent = play_id(p),
            .round = source.request().round,
            .kind = kind,
            .agent_kind = AgentKind::proposer,
            .phase = source.phase()};
  }

  std::optional<Request> begin(int p, std::optional<Value> own, Ballot first) {
    const Action action = proposer(p).propose(kPlayInstance, own, first);
    Event event = event_of(EventKind::proposed, p);
    event.value = own.value_or(0);
    event.read = !own.has_value();
    record(event);
    return perform(p, action);
  }

  std::optional<Request> perform(int p, Action action) {
    switch (action) {
      case Action::none:
      case Action::ignored: break;
      case Action::broadcast: record(event_of(EventKind::sent, p)); return proposer(p).request();
      case Action::back_off: {
        Event event = event_of(EventKind::backed_off, p);
        event.last_bal = proposer(p).beaten_by();
        event.value = 0;
        record(event);
        break;
      }
      case Action::decided: record(event_of(EventKind::decided, p)); break;
      case Action::empty: record(event_of(EventKind::empty, p)); break;
      case Action::retired:
      case Action::exhausted: record(event_of(EventKind::abandoned, p)); break;
    }
    return std::nullopt;
  }

  ProposerRules rules_;
  std::vector<typename Model::Acceptor> acceptors_;
  std::vector<Proposer> proposers_;
  std::vector<std::uint32_t> sequence_[2];
  int readers_;
  std::vector<Event> events_;
};

}  // namespace paxoscope
