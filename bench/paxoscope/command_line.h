// The whole command line, from its words to what it asks for.
#pragma once

#include <string>
#include <vector>

#include "bench/paxoscope/command.h"
#include "core/error.h"

namespace paxoscope::cli {

// The job that the words after the program's name ask for, and nothing has been done yet: run it for the exit code.
// Help and version are jobs too. An Error is one line for stderr; the exit code is then kBadInput.
Expected<Job> parse_command_line(const std::vector<std::string>& arguments);

}  // namespace paxoscope::cli
