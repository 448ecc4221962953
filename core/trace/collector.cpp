#include "core/trace/collector.h"

namespace paxoscope {

namespace {
// How old an event gets at most, about, before somebody who reads along can see it.
constexpr std::chrono::milliseconds kFlushEvery{100};
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
  return writer_->finish(totals);
}

void TraceCollector::run() {
  auto flushed = std::chrono::steady_clock::now();
  while (true) {
    const bool idle = sweep() == 0;
    if (const auto now = std::chrono::steady_clock::now(); now - flushed >= kFlushEvery) {
      flushed = now;
      // A failure stays with the writer, and stop() tells.
      (void)writer_->flush();
    }
    std::unique_lock lock(mutex_);
    const auto wait = idle ? std::chrono::nanoseconds(interval_) : std::chrono::nanoseconds(0);
    if (wake_.wait_for(lock, wait, [this] { return stopping_; })) return;
  }
}

// Once over all rings, of each at most one fill. Returns how many events there were.
std::size_t TraceCollector::sweep() {
  std::size_t count = 0;
  for (TraceRing* ring : rings_) {
    count += ring->drain(ring->capacity(), [this](const PackedEvent& event) { writer_->push(event); });
  }
  return count;
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
