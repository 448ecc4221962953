// Lamport's abstract Paxos (module Paxos of the TLA+ examples): no proposers, only acceptors and the set of messages
// ever sent. It tests the search itself, against the number of states that TLC reports for the same model.
#pragma once

#include "core/check/search.h"

namespace paxoscope {

struct AbstractPaxosOptions {
  int acceptors = 3;  // 1 .. 5; quorums are majorities
  int ballots = 2;    // 1 .. 4
  int values = 2;     // 1 .. 4
};

// Searches all states; checks that at most one value is chosen.
SearchReport explore_abstract_paxos(const AbstractPaxosOptions& options);

}  // namespace paxoscope
