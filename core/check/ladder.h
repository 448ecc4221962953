// Events as a ladder diagram in text: a column per agent, time downward, one line per event.
#pragma once

#include <string>
#include <vector>

#include "core/trace/event_names.h"

namespace paxoscope {

std::string ladder(const std::vector<Event>& events);

// One event in a few words, such as "A1 answers Accept (2,1) 100: promised (2,1), voted 100 in (2,1)".
std::string in_words(const Event& event);

}  // namespace paxoscope
