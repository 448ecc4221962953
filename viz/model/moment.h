// Everything that is shown at one time: plain values, made by Decree::at().
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/trace/event.h"
#include "viz/model/lane.h"

namespace paxoscope::viz {

enum class MessageKind : std::uint8_t { prepare, promise, accept, accepted, rejected, announcement };
enum class Fate : std::uint8_t { delivered, lost, unknown };  // unknown: the history ends, or has a gap, before it ends

// A message from one agent to another. Requests and announcements come from proposers, all others from acceptors.
struct Message {
  MessageKind kind = MessageKind::prepare;
  Fate fate = Fate::unknown;
  bool ignored = false;    // a reply that answered nothing outstanding
  bool duplicate = false;  // a copy made by the network
  std::uint32_t from = 0, to = 0;
  Ballot ballot = {};    // of the round it belongs to; its proposer owns the message
  Ballot last_bal = {};  // rejected: the higher ballot that was promised
  Ballot v_bal = {};     // promise: of the vote it reports, if any
  Value value = 0;       // accept, accepted, announcement: asked or voted for; promise: the reported vote
  Nanos sent = 0;
  Nanos arrives = 0;              // delivered: when; lost: when it vanished; unknown: when it would have, as others did
  double reaches = 1;             // how much of its way it gets: 1; 0.5 when the network loses it
  std::uint32_t sent_by = 0;      // places in Decree::events(): the event that sent it,
  std::uint32_t received_by = 0;  // and the one that received or lost it; Decree::kNone: unknown
  ProposerId owner() const { return ballot.proposer(); }
  AgentKind from_kind() const {
    const bool proposers =
        kind == MessageKind::prepare || kind == MessageKind::accept || kind == MessageKind::announcement;
    return proposers ? AgentKind::proposer : AgentKind::acceptor;
  }
  AgentKind to_kind() const {
    return kind == MessageKind::prepare || kind == MessageKind::accept ? AgentKind::acceptor : AgentKind::proposer;
  }
  bool request() const { return to_kind() == AgentKind::acceptor; }
  bool refusal() const { return kind == MessageKind::rejected; }
};

// On its way.
struct Flying {
  std::uint32_t message = 0;  // place in Decree::messages()
  double progress = 0;        // where it is between the two, 0 .. 1: reaches * (now - sent) / (arrives - sent)
};

struct Vote {
  Ballot ballot = {};
  Value value = 0;
  Nanos at = 0;
};

struct AcceptorMoment {
  std::uint32_t id = 0;
  bool up = true;
  Ballot last_bal = {};
  Ballot v_bal = {};
  Value vote = 0;                       // when v_bal is not none
  std::span<const Vote> votes = {};     // all it cast so far, oldest first; in the Decree
  std::span<const Vote> promises = {};  // each time last_bal rose so far (value unused), oldest first; in the Decree
  Nanos changed = 0;                    // last_bal or vote, last; 0: never
};

// What a proposer knows of one acceptor in the current phase, and what is really so.
enum class Lamp : std::uint8_t {
  idle,            // nothing was asked
  request_flying,  // asked, and the request is on its way
  request_lost,    // asked, and the request got lost
  granted_silent,  // it has promised or voted, and the proposer does not know (yet, or for ever)
  refused_silent,  // it has refused, and the proposer does not know
  granted,         // counted
  refused,         // counted
};

enum class Why : std::uint8_t { none, timeout, refusal, own_choice };  // of a wait

struct ProposerMoment {
  enum class State : std::uint8_t {
    idle,
    waiting_to_start,
    preparing,
    accepting,
    backing_off,
    decided,
    empty,
    abandoned
  };
  std::uint32_t id = 0;
  State state = State::idle;
  bool up = true;
  Ballot ballot = {};         // current; none: no round yet
  std::uint32_t attempt = 0;  // ballots so far, this one included
  bool read = false;
  std::optional<Value> own = {};
  std::optional<Value> candidate = {};  // what it asks votes for
  bool adopted = false;                 // the candidate is another's vote that it must carry on
  Ballot adopted_from = {};
  std::optional<Value> learned = {};  // decided, as it knows
  Nanos learned_at = 0;
  // Backing off, or waiting to start.
  Why why = Why::none;
  Ballot beaten_by = {};
  Nanos wait = 0;       // asked for; 0: unknown
  Nanos wait_left = 0;  // of it
  // The quorum it collects.
  std::vector<Lamp> lamps = {};  // by acceptor id
  int granted = 0, refused = 0, needed = 0;
  // The last line about it, such as "backs off: A1 had promised (3,11)".
  std::string says = {};
  std::uint32_t last_event = 0;  // about it, by place in Decree::events(); Decree::kNone: none yet
};

// What the cluster as a whole knows of the instance.
struct Knowledge {
  enum class Kind : std::uint8_t { untouched, open, voted, chosen, learned };
  Kind kind = Kind::untouched;
  Value value = 0;                          // chosen, learned: it; voted: that of the highest vote
  Ballot ballot = {};                       // in which it was chosen, or of the highest vote
  std::uint32_t votes = 0, quorum = 0;      // voted: in that ballot
  std::uint32_t learned = 0, learners = 0;  // learned by `learned` of `learners`
  Nanos since = 0;                          // when it became chosen, or the kind began
  std::string text = {};                    // "open: nobody has voted", "chosen: 200 in (2,11); learned by 1 of 2"
};

// Whether a rule was broken by then.
struct Safety {
  bool holds = true;
  bool judged = true;  // false: it is not known to hold; `text` says why
  int rule = 0;
  Nanos at = 0;
  std::string text = {};  // "safety holds"; "R6 broken at 1.2 s: ..."
};

struct Moment {
  Nanos at = 0;
  InstanceId instance = {};
  std::string instance_name = {};
  std::vector<ProposerMoment> proposers = {};  // by id; those of the whole history
  std::vector<AcceptorMoment> acceptors = {};  // by id
  std::vector<Flying> flying = {};             // in the order they were sent
  Knowledge knowledge = {};
  Safety safety = {};
  std::string last = {};  // the sentence of the event that happened last
  Nanos last_at = 0;
  std::uint32_t last_event = 0;  // its place in Decree::events(); Decree::kNone: none yet
};

}  // namespace paxoscope::viz
