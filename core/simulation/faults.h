// What goes wrong in a run, and when: a list of faults, each with a beginning and an end of its own, so that any part
// of the list is a schedule too (that is what shrinking needs). Up to `heal_at` anything may happen and only safety is
// asked for; then everything is mended, and every operation must end within `liveness_within`.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "core/nanos.h"
#include "core/node/proposer_node.h"
#include "core/trace/event.h"

namespace paxoscope {

// A node by name: A0, A1, ... the acceptors; P1, P2, ... the proposers, by id.
struct NodeName {
  AgentKind kind = AgentKind::acceptor;
  std::uint32_t id = 0;
  bool operator==(const NodeName&) const = default;
  std::string to_string() const;
};

struct Fault {
  enum class Kind : std::uint8_t {
    crash,        // nodes a stop, lose what was sent to them, and start again at the end
    pause,        // nodes a do nothing, and find all their messages at the end
    partition,    // nothing sent from a to b arrives, nor from b to a unless one_way
    loss,         // this share of all messages is lost
    duplication,  // this share arrives twice
    reordering,   // this share is held back by up to `delay`
  };
  Kind kind = Kind::crash;
  Nanos at = 0;
  Nanos lasts = kNever;  // kNever: until heal_at
  std::vector<NodeName> a = {}, b = {};
  bool one_way = false;
  bool durable = true;  // crash: state survives. false is a bug to plant
  double rate = 0;      // loss, duplication, reordering; 0 .. 1
  Nanos delay = 0;
  // When it is over: its own end or the healing, whichever comes first.
  Nanos end(Nanos heal_at) const { return lasts >= heal_at - std::min(at, heal_at) ? heal_at : at + lasts; }
  bool operator==(const Fault&) const = default;
};

struct FaultPlan {
  std::vector<Fault> faults;
  Nanos heal_at = kNever;          // the faults end, and those of the network itself too; kNever: never
  Nanos liveness_within = kNever;  // after heal_at every operation must be over by then; needs operations_max
  bool swarm = false;              // draw `faults` from the run's seed: see draw_swarm
  bool durable = true;             // whether state survives the swarm's crashes. false is a bug to plant
  bool operator==(const FaultPlan&) const = default;
};

// "none"; "swarm"; "forgetful" (a swarm whose crashes lose all state, to see it caught); or a JSON object:
//   "faults": [{"kind": "crash", "at_us": 50, "for_us": 100, "nodes": ["A0", "P1"], "durable": true},
//              {"kind": "pause", "at_us": 50, "for_us": 100, "nodes": ["A0"]},
//              {"kind": "partition", "at_us": 50, "for_us": 100, "from": ["A0"], "to": ["P1"], "one_way": true},
//              {"kind": "loss" or "duplication" or "reordering", "at_us": 0, "for_us": 9, "rate": 0.5, "delay_us": 7}]
//   "heal_at_us", "liveness_us"
//   "swarm": true   random faults from the run's seed besides; with "durable": false its crashes lose all state
// Times are microseconds; without "for_us" a fault lasts until the healing. The nodes are checked against the sizes.
Expected<FaultPlan> parse_faults(std::string_view text, std::uint32_t acceptors, std::uint32_t proposers);
// The name of what `plan` has besides crashes, for who knows of nothing else; empty when it has nothing.
std::string other_than_crashes(const FaultPlan& plan);
std::string to_text(const FaultPlan& plan);  // parses back to an equal plan, to the nanosecond

// A swarm (Groce et al.: "Swarm testing", ISSTA 2012): each seed leaves some kinds of fault out altogether and has more
// of the others. All of it happens within `horizon`, and then it heals; plan.liveness_within stays as it was. Times are
// drawn in the order of R, where they hit something.
void draw_swarm(FaultPlan& plan, std::uint64_t seed, std::uint32_t acceptors, std::uint32_t proposers,
                Nanos round_trip);

}  // namespace paxoscope
