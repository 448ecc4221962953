// paxoscope: what happens when many proposers fight over Paxos, from a terminal.
#include <exception>

#include "bench/paxoscope/command_line.h"

int main(int argc, char** argv) {
  using namespace paxoscope::cli;
  try {
    const auto job = parse_command_line({argv + 1, argv + argc});
    return job ? (*job)() : complain(job.error().message);
  } catch (const std::exception& error) {
    return complain(error.what(), kFailed);
  }
}
