// What a picture would show, as text, for golden values.
#pragma once

#include <string>

#include "viz/model/decree.h"
#include "viz/model/ladder.h"

namespace paxoscope::viz {

std::string show(const Moment& moment, const Decree& decree);
std::string show(const Ladder& ladder);

}  // namespace paxoscope::viz
