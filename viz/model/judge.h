// Judges a history by the rules of a trace (core/check/rules.h).
#pragma once

#include <atomic>
#include <string>
#include <vector>

#include "viz/model/take.h"

namespace paxoscope::viz {

struct Judgement {
  std::vector<Finding> findings;  // by time
  std::string doubt;              // why nothing broken does not mean that all is well; empty: it does
};

// Takes about a microsecond an event. Another thread may set `stop` (relaxed) to have it end early, with a doubt.
Judgement judgement_of(const Take& take, const std::atomic<bool>* stop = nullptr);

// The same, into the take.
void judge(Take& take);

}  // namespace paxoscope::viz
