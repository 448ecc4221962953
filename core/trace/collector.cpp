#include "core/trace/collector.h"

#include <algorithm>

namespace paxoscope {

namespace {
// How old an event gets at most, about, before somebody who reads along can see it.
constexpr std::chrono::milliseconds kFlushEvery{100};
// How full the fullest ring is when there is no time to sleep, and when it can sleep longer after so many sweeps.
constexpr unsigned kPressedPercent = 50, kCalmPercent = 12;
constexpr int kCalmSweeps = 5;
constexpr Nanos kIntervalsMax = 8;
}  // namespace

TraceCollector::~TraceCollector() {
  join();
}

void TraceCollector::start() {
  thread_ = std::thread([this] { run(); });
}

Expected<void> TraceCollector::stop(std::span<const AgentTotal> totals) {
  join();
  sweep();
  return sink_->finish(totals);
}

void TraceCollector::run() {
  Nanos rest = interval_;
  int calm = 0;  // sweeps in a row
  auto flushed = std::chrono::steady_clock::now();
  while (true) {
    const unsigned fullest = sweep();
    // Each time that it wakes up it takes a core from somebody: not more often than needed.
    calm = fullest <= kCalmPercent ? calm + 1 : 0;
    if (calm == 0) rest = interval_;
    if (calm == kCalmSweeps) {
      rest = std::min(2 * rest, kIntervalsMax * interval_);
      calm = 1;
    }
    if (const auto now = std::chrono::steady_clock::now(); now - flushed >= kFlushEvery) {
      flushed = now;
      // A failure stays with the sink, and stop() tells.
      (void)sink_->flush();
    }
    std::unique_lock lock(mutex_);
    const auto wait = std::chrono::nanoseconds(fullest >= kPressedPercent ? 0 : rest);
    if (wake_.wait_for(lock, wait, [this] { return stopping_; })) return;
  }
}

// Once over all rings, of each at most one fill. How full the fullest was, in percent.
unsigned TraceCollector::sweep() {
  std::size_t fullest = 0;
  for (TraceRing* ring : rings_) {
    const std::size_t most = ring->capacity();
    const std::size_t count = ring->drain(most, [this](const PackedEvent& event) { sink_->push(event); });
    fullest = std::max(fullest, 100 * count / most);
  }
  return static_cast<unsigned>(fullest);
}

void TraceCollector::join() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

}  // namespace paxoscope
