#include "bench/paxoscope/terminal.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <ctime>

namespace paxoscope::cli {

namespace {

// Written by the signal handler, which has nothing but globals; lock-free, and relaxed is enough for flags.
// NOLINTBEGIN(cppcoreguidelines-avoid-non-const-global-variables)
std::atomic<int> caught{0};
std::atomic<std::int64_t> caught_at{0};  // milliseconds of the monotonic clock
// NOLINTEND(cppcoreguidelines-avoid-non-const-global-variables)
static_assert(std::atomic<int>::is_always_lock_free && std::atomic<std::int64_t>::is_always_lock_free);

// Signals of one moment are one: timeout(1), for one, signals its child and then its child's whole group.
constexpr std::int64_t kOneMoment = 300;  // milliseconds

extern "C" void on_signal(int signal) {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  const std::int64_t now = std::int64_t{time.tv_sec} * 1'000 + time.tv_nsec / 1'000'000;
  if (caught.load(std::memory_order_relaxed) == 0) {
    caught_at.store(now, std::memory_order_relaxed);
    caught.store(signal, std::memory_order_relaxed);
  } else if (now - caught_at.load(std::memory_order_relaxed) > kOneMoment) {
    _exit(128 + signal);
  }
}

int columns() {
  winsize size{};
  return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

}  // namespace

void catch_interrupts() {
  std::signal(SIGINT, on_signal);
  std::signal(SIGTERM, on_signal);
}

bool interrupted() {
  return caught.load(std::memory_order_relaxed) != 0;
}

int interrupt_exit_code() {
  return 128 + caught.load(std::memory_order_relaxed);
}

ProgressLine::ProgressLine() : terminal_(isatty(STDERR_FILENO) == 1) {}

ProgressLine::~ProgressLine() {
  if (shown_) fmt::print(stderr, "\r\033[K");
}

bool ProgressLine::due() {
  const Clock::time_point now = Clock::now();
  if (!terminal_ || (shown_ && now - last_ < std::chrono::milliseconds(100))) return false;
  last_ = now;
  return shown_ = true;
}

void ProgressLine::show(double fraction, std::string_view what) {
  if (!due()) return;
  const double passed = std::chrono::duration<double>(last_ - begin_).count();
  const double left = fraction > 0.01 ? passed / fraction - passed : 0;
  std::string line = fmt::format("{:3.0f}%  {}", 100 * fraction, what);
  if (fraction > 0.01) line += fmt::format("  {}:{:02} left", static_cast<int>(left) / 60, static_cast<int>(left) % 60);
  write(std::move(line));
}

void ProgressLine::show(std::string_view what) {
  if (due()) write(std::string(what));
}

void ProgressLine::write(std::string line) {
  line.resize(std::min(line.size(), static_cast<std::size_t>(columns() - 1)));
  fmt::print(stderr, "\r\033[K{}", line);
  std::fflush(stderr);
}

}  // namespace paxoscope::cli
