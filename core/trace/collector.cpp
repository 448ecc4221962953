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
  return sink_->finish(totals);
}

void TraceCollector::run() {
  auto flushed = std::chrono::steady_clock::now();
  while (true) {
    const bool pressed = sweep();
    if (const auto now = std::chrono::steady_clock::now(); now - flushed >= kFlushEvery) {
      flushed = now;
      // A failure stays with the sink, and stop() tells.
      (void)sink_->flush();
    }
    std::unique_lock lock(mutex_);
    const auto wait = std::chrono::nanoseconds(pressed ? 0 : interval_);
    if (wake_.wait_for(lock, wait, [this] { return stopping_; })) return;
  }
}

// Once over all rings, of each at most one fill. Whether one of them was half full: then there is no time to sleep.
bool TraceCollector::sweep() {
  bool pressed = false;
  for (TraceRing* ring : rings_) {
    const std::size_t most = ring->capacity();
    const std::size_t count = ring->drain(most, [this](const PackedEvent& event) { sink_->push(event); });
    pressed |= count >= most / 2;
  }
  return pressed;
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
