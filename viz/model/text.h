// How times and counts read everywhere in the window.
#pragma once

#include <cstdint>
#include <string>

#include "core/nanos.h"

namespace paxoscope::viz {

// "1.25 ms": a time or a duration with at most `digits` significant digits.
std::string time_text(Nanos time, int digits = 4);

// "1,204".
std::string count_text(std::uint64_t count);

}  // namespace paxoscope::viz
