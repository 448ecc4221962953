// What happened, one fixed-size plain record per step of an agent. An acceptor's event shows its *state* after the
// step, not only its reply: a checker that trusts replies would miss a broken vote rule.
#pragma once

#include <cstdint>
#include <type_traits>

#include "core/nanos.h"
#include "core/paxos/acceptor.h"
#include "core/paxos/message.h"

namespace paxoscope {

// The numbers are the trace file's: a new kind goes last.
enum class EventKind : std::uint8_t {
  // Proposers.
  proposed,    // began an instance; value: its own value, or none for a read (flag `read`)
  sent,        // broadcast request (ballot, phase, round, value)
  used,        // counted a reply of `peer`: last_bal, v_bal and vote as replied
  ignored,     // a reply of `peer` that answers nothing outstanding
  backed_off,  // lost the round; last_bal: the ballot that beat it (none: timeout); value: the wait asked for, in ns
  decided,     // value is decided, as this proposer learned in `ballot`
  empty,       // a read found no vote
  abandoned,   // gave the instance up: retired, out of ballots or out of rounds
  // Acceptors.
  answered,  // handled a request of `peer`; last_bal, v_bal and vote are the state *after* the step
  refused,   // answered retired or refused, without a step
  // The network and the faults, where a host has any.
  dropped,
  duplicated,
  crashed,
  restarted,
  // An acceptor, of a key: it has forgotten all versions below the instance's, each of which is decided.
  retired,
};
inline constexpr unsigned kEventKinds = static_cast<unsigned>(EventKind::retired) + 1;

// Whether it happened to one instance.
constexpr bool is_of_an_instance(EventKind kind) {
  return kind < EventKind::crashed;
}

enum class AgentKind : std::uint8_t { proposer, acceptor };

struct Event {
  Nanos at = 0;  // when the step was taken
  InstanceId instance = {};
  Ballot ballot = {};    // of the request, the reply or the round
  Value value = 0;       // of the request or the outcome; see EventKind
  Ballot last_bal = {};  // see EventKind
  Ballot v_bal = {};
  Value vote = 0;              // what v_bal voted for
  std::uint32_t agent = 0;     // proposer id or acceptor id
  std::uint32_t peer = 0;      // the other end
  std::uint32_t sequence = 0;  // per agent, from 0, without gaps
  std::uint32_t round = 0;
  EventKind kind = EventKind::proposed;
  AgentKind agent_kind = AgentKind::proposer;
  Phase phase = Phase::prepare;
  bool read = false;     // proposed: there is no own value
  bool granted = false;  // used: it was a grant; answered: the step was granted
};

static_assert(sizeof(Event) <= 96 && std::is_trivially_copyable_v<Event>);

// An event that is still in its message: make() reads it there. A host that wants the Event converts it; a ring asks
// once for each word and so copies word by word, without a whole Event in between.
template <class Make>
struct UnmadeEvent {
  explicit constexpr UnmadeEvent(Make how) : make(how) {}
  Make make;
  // NOLINTNEXTLINE(google-explicit-constructor): whoever takes an Event takes this
  [[gnu::always_inline]] constexpr operator Event() const { return make(); }
};

}  // namespace paxoscope
