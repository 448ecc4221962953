// A report as people read it.
#pragma once

#include <string>

#include "core/experiment/report.h"

namespace paxoscope::cli {

// The effective configuration, how the run ended, what was checked, every figure, and in virtual time what became of
// the messages.
std::string report_table(const Report& report);

}  // namespace paxoscope::cli
