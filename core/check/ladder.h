// Events as a ladder diagram in text: a column per agent, time downward, one line per event.
#pragma once

#include <string>
#include <vector>

#include "core/paxos/acceptor.h"
#include "core/trace/event_names.h"

namespace paxoscope {

std::string ladder(const std::vector<Event>& events);

// One event in a few words, such as "A1 grants Prepare (2,1): it has promised (2,1), and not voted".
std::string in_words(const Event& event);
// What an acceptor has done: "promised (1,2), and voted for 100 in (1,2)", "promised nothing, and not voted".
std::string in_words(const AcceptorState& state);

}  // namespace paxoscope
