// Draws a comparison, by matplotlib in a Python of its own (Debian: python3-matplotlib).
#pragma once

#include <string>

#include "core/error.h"

namespace paxoscope::cli {

// `json` is the text of a comparison; `path` ends in .svg, .png or .pdf, which choose the format. Fails with one line
// when it cannot draw, or Ctrl-C ends it.
Expected<bool> plot(const std::string& json, const std::string& format, const std::string& path);

// "svg", "png" or "pdf" from the file's name. Fails, too, when there is nothing to draw with: better now than after the
// runs.
Expected<std::string> plot_format(const std::string& path);

}  // namespace paxoscope::cli
