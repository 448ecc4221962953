// The scripts of tests/scenario, built in, so that the window needs no files.
#pragma once

#include <string_view>

namespace paxoscope::viz {

// The text of tests/scenario/<name>.txt; empty when there is none.
std::string_view script_of(std::string_view name);

}  // namespace paxoscope::viz
