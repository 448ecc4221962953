// Plays a script on a stage and tells the story, a sentence for everything that happened.
//
//   # Prose, told as it stands. Empty lines part paragraphs.
//   acceptors 3                       first, with `quorums Q1 Q2`, `learning visible`, `give_up first_nack` if needed
//   propose P10 n=0 key=i version=0 value=10 at A0 A1     a proposer begins; `read P10 …` has no value; no `at`: all
//   exchange P10 A0 A1                its open request reaches these, and each answer reaches it at once; no list: all
//   deliver P10 -> A0                 the oldest message in flight between the two; also `drop`, `duplicate`
//   timeout P10 · retry P10 skip=3 · crash A1 · restart A1
//   partition P10 A0 | P11 A1 A2      nobody reaches the other side; `heal`
//   expect P10 decided 100            or: preparing, accepting V, backing_off, backing_off (2,11), empty, idle
//   expect A1 promised (2,11)         or: voted V (2,11), voted nothing; in the instance begun last
//
// An expectation that does not hold ends the play with an error, as does a line that asks for the impossible.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "core/paxos/quorum.h"
#include "core/scenario/narrate.h"
#include "core/trace/event.h"

namespace paxoscope {

struct Story {
  std::vector<std::string> lines;  // prose as "# …", paragraphs parted by empty lines, and a sentence per event
  std::vector<Event> events;       // in the order of the sentences
  Cast cast;
  Quorums quorums = Quorums::majority(3);
  std::string violation;  // what must never happen, in words; empty when all is well
  std::string text() const;
};

// Fails with "line 7: …".
Expected<Story> play(std::string_view script);

}  // namespace paxoscope
