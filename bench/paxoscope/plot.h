// Draws a comparison, by matplotlib in a Python of its own (Debian: python3-matplotlib).
#pragma once

#include <string>

#include "core/error.h"

namespace paxoscope::cli {

// `json` is the text of a comparison; `path` ends in .svg, .png or .pdf, which choose the format. Fails with one line
// when Python or matplotlib is missing (and says what to install), or when it cannot draw.
Expected<bool> plot(const std::string& json, const std::string& format, const std::string& path);

// "svg", "png" or "pdf" from the file's name.
Expected<std::string> plot_format(const std::string& path);

}  // namespace paxoscope::cli
