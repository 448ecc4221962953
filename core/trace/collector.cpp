#include "core/trace/collector.h"

#include <algorithm>

namespace paxoscope {

namespace {
// How old an event gets at most, about, before somebody who reads along can see it.
constexpr std::chrono::milliseconds kFlushEvery{100};
constexpr Nanos kIntervalsMax = 8;  // that it sleeps at once when there is little to do
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
  auto flushed = std::chrono::steady_clock::now();
  while (true) {
    const unsigned fullest = sweep();
    // Each time that it wakes up it takes a core from somebody: not more often than needed.
    rest = fullest > 12 ? std::max(rest / 2, interval_) : std::min(2 * rest, kIntervalsMax * interval_);
    if (const auto now = std::chrono::steady_clock::now(); now - flushed >= kFlushEvery) {
      flushed = now;
      // A failure stays with the sink, and stop() tells.
      (void)sink_->flush();
    }
    std::unique_lock lock(mutex_);
    const auto wait = std::chrono::nanoseconds(fullest >= 50 ? 0 : rest);
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
