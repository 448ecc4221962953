// The explorer: every interleaving of a small world, over the shipped Acceptor and Proposer. It copies them, gives them
// each input that could arrive, and checks every state that comes of it.
//
// The network is a bag: a message may be delivered at any time after it was sent, in any order, or never; with
// `duplicates` also more than once. A proposer may time out at any time while a round is open.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/check/play.h"
#include "core/check/search.h"
#include "core/error.h"

namespace paxoscope {

struct ExplorerOptions {
  int acceptors = 3;          // 1 .. 5
  int proposers = 2;          // 1 .. 4
  int rounds = 1;             // ballots that each proposer may use, 1 .. 8
  int readers = 0;            // how many of the proposers only read
  int crashes = 0;            // crashes with restart, of any agent, in all; 0 .. 8
  bool duplicates = false;    // a message can be delivered again and again
  bool misrouted = false;     // a reply can also reach a proposer that it is not for
  bool symmetry = true;       // acceptors that could change places are one state
  bool dead_messages = true;  // what can no longer matter is dropped: stale messages, and what a proposer will not use
  std::uint64_t states_max = 200'000'000;
  std::optional<Quorums> quorums = {};  // by default majorities
  GiveUp give_up = GiveUp::majority_out_of_reach;
  Learning learning = Learning::own_round;

  ProposerRules rules() const { return {quorums.value_or(Quorums::majority(acceptors)), give_up, learning}; }
};

struct ExplorerReport : SearchProgress {
  bool exhausted = false;             // every state was seen; if not, and nothing was violated, states_max was reached
  std::uint64_t acceptor_states = 0;  // distinct (last_bal, v_bal, value) of all acceptors; all orders counted
  double collision_probability = 0;   // that a state was missed, at most
  std::string rule;                   // such as "R6"; "client"; "limit": the world did not fit; empty: no violation
  std::string violation;              // one sentence
  std::vector<Move> moves;            // a shortest way to it
  std::vector<Event> events;          // the same as a trace
  bool ok() const { return exhausted && violation.empty(); }
};

// An error when the options are out of range.
Expected<ExplorerReport> explore(const ExplorerOptions& options, const ProgressCallback& progress = {});

// What is wrong with the options; empty: nothing.
std::string explorer_options_error(const ExplorerOptions& options);

// The report as text, the counterexample as a ladder diagram. Ends with a newline.
std::string to_string(const ExplorerReport& report, const ExplorerOptions& options);

}  // namespace paxoscope
