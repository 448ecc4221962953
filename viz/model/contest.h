// Who is fighting, who is winning, and why: one sentence about a moment, for the line above everything else.
#pragma once

#include <optional>
#include <string>

#include "viz/model/moment.h"

namespace paxoscope::viz {

struct Contest {
  std::optional<std::uint32_t> leader;  // the proposer of the highest promised ballot, or of the chosen one
  std::string text;                     // "P1 and P2 are fighting. P2 is ahead with (4,2): promised by A0, A1 and A2"
};

Contest contest_of(const Moment& moment);

}  // namespace paxoscope::viz
