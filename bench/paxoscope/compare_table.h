// A comparison as people read it.
#pragma once

#include <string>

#include "core/experiment/comparison.h"

namespace paxoscope::cli {

// For each number of proposers a table of the strategies, best first. Strategies whose intervals overlap that of the
// best of their group share its rank: they are not to be called ranked.
std::string compare_table(const Comparison& comparison);

}  // namespace paxoscope::cli
