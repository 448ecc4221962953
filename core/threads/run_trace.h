// How a threaded run is recorded: a ring for each thread, and the one collector that empties them into the sink; or, of
// the newest events only, the rings alone until the run is over.
#pragma once

#include <algorithm>
#include <bit>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "core/node/cluster.h"
#include "core/trace/collector.h"
#include "core/trace/recorder.h"
#include "core/trace/ring.h"

namespace paxoscope {

// What the recorders of one thread write to.
class ThreadRing : public TraceRing {
 public:
  ThreadRing(std::size_t capacity, TraceMode mode)
      : TraceRing(mode == TraceMode::newest ? RingMode::flight : RingMode::stream, capacity),
        waits_(mode == TraceMode::whole) {}

  // The producer only.
  template <class Make, class MakeStamp>
  [[gnu::always_inline]] void push_line(Make&& make, MakeStamp&& stamp) {
    TraceRing::push_line(make, stamp, [this] {
      if (waits_) std::this_thread::sleep_for(std::chrono::microseconds(100));
      return waits_;
    });
  }

 private:
  const bool waits_;
};

using ThreadRecorder = Recorder<ThreadRing>;

// Called from the thread that runs the crew. The sink must outlive it.
class RunTrace {
 public:
  explicit RunTrace(const RunControl& control)
      : sink_(*control.trace),
        collector_(sink_),
        mode_(control.trace_mode),
        kept_(control.trace_kept),
        look_(control.trace_look) {}

  // Before start(): rings for threads 0 .. threads - 1.
  void prepare(std::size_t threads) {
    // In all 64 MiB, and of each thread at most what it records in several sweeps of the collector.
    constexpr std::size_t kRecords = (std::size_t{64} << 20) / sizeof(Line);
    const std::size_t capacity = mode_ == TraceMode::newest && kept_ != 0
                                     ? kept_
                                     : std::clamp<std::size_t>(std::bit_floor(kRecords / threads), 1 << 8, 1 << 14);
    for (std::size_t i = 0; i < threads; ++i) {
      rings_.push_back(std::make_unique<ThreadRing>(capacity, mode_));
      collector_.add(*rings_.back());
    }
  }
  ThreadRing& ring(std::size_t thread) { return *rings_[thread]; }
  // Before start(): this thread's events are among those that look() shows.
  void watch(std::size_t thread) { watched_.try_emplace(thread); }
  void start() {
    if (mode_ != TraceMode::newest) collector_.start();
  }

  // Shows what the watched threads have recorded since the last time.
  void look() {
    if (mode_ != TraceMode::newest || !look_) return;
    for (auto& [thread, followed] : watched_) rings_[thread]->follow(followed, look_);
  }

  // Once the threads are joined. What the sink could not write, its owner knows.
  void finish(std::span<const AgentTotal> totals) {
    if (mode_ != TraceMode::newest) return (void)collector_.stop(totals);
    look();
    for (const auto& ring : rings_) {
      for (const PackedEvent& event : ring->snapshot()) sink_.push(event);
    }
    (void)sink_.finish(totals);
  }

 private:
  std::vector<std::unique_ptr<ThreadRing>> rings_;
  TraceSink& sink_;
  TraceCollector collector_;
  const TraceMode mode_;
  const std::size_t kept_;
  const std::function<void(const PackedEvent&)> look_;
  std::map<std::size_t, TraceRing::Followed> watched_;  // threads, and how far each has been seen
};

}  // namespace paxoscope
