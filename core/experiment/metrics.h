// Every figure that a run reports, as one table: name, unit, meaning and how it is derived (contention.md's "What a run
// reports"). A new figure is one line in metrics.cpp.
#pragma once

#include <span>
#include <string_view>

#include "core/experiment/report.h"

namespace paxoscope {

struct Metric {
  std::string_view name;  // a JSON key and a CSV column
  std::string_view unit;  // as printed; empty for a plain number
  std::string_view meaning;
  double (*of)(const Report&);  // NaN when there is nothing to say, such as a percentile of no decisions
};

std::span<const Metric> metrics();

// Null if there is none of that name.
const Metric* find_metric(std::string_view name);

}  // namespace paxoscope
