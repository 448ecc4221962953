// The scripts of tests/scenario and the traces of viz/scenarios, built in, so that the window needs no files.
#pragma once

#include <span>
#include <string_view>
#include <utility>

namespace paxoscope::viz {

// The text of tests/scenario/<name>.txt; empty when there is none.
std::string_view script_of(std::string_view name);

// The traces of viz/scenarios, a planted bug's counterexample each: by name, the bytes of the file.
std::span<const std::pair<std::string_view, std::string_view>> planted_traces();

}  // namespace paxoscope::viz
