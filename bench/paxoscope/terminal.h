// The terminal: progress on stderr when a person is there to see it, and Ctrl-C.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace paxoscope::cli {

// From now on Ctrl-C and SIGTERM only set a flag; another one, later than a moment after, ends the program at once.
void catch_interrupts();
bool interrupted();
// 128 + the signal that came: 130 for Ctrl-C.
int interrupt_exit_code();

// One line that is written over again; nothing at all when stderr is not a terminal.
class ProgressLine {
 public:
  ProgressLine();
  ~ProgressLine();  // wipes the line
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  // fraction: 0 .. 1 of the whole; shows the time left, too. At most ten times a second.
  void show(double fraction, std::string_view what);
  // For work of unknown length.
  void show(std::string_view what);

 private:
  using Clock = std::chrono::steady_clock;
  bool due();
  void write(std::string line);

  bool terminal_;
  bool shown_ = false;
  Clock::time_point begin_ = Clock::now();
  Clock::time_point last_{};
};

}  // namespace paxoscope::cli
