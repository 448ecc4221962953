// A comparison as people read it.
#pragma once

#include <optional>
#include <string>

#include "core/experiment/comparison.h"
#include "core/experiment/ranking.h"

namespace paxoscope::cli {

// For each group (labels.h) a table of the strategies, best first by `by`, or by what is usual for the group. Those
// that share a rank are not to be called ranked.
std::string compare_table(const Comparison& comparison, const std::optional<RankBy>& by = std::nullopt);

// Above the tables: what was run (the effective configuration), how often, where, and how to read the ranks.
std::string comparison_header(const Comparison& comparison);

}  // namespace paxoscope::cli
