// How a threaded run is recorded: a ring for each thread, and the one collector that empties them into the sink.
#pragma once

#include <algorithm>
#include <bit>
#include <chrono>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "core/trace/collector.h"
#include "core/trace/recorder.h"
#include "core/trace/ring.h"

namespace paxoscope {

// What the recorders of one thread write to.
class ThreadRing : public TraceRing {
 public:
  // waits: when it is full, push waits for the collector instead of losing the event.
  ThreadRing(std::size_t capacity, bool waits) : TraceRing(RingMode::stream, capacity), waits_(waits) {}

  void push(const Event& event) {  // the producer only
    while (waits_ && !has_room()) std::this_thread::sleep_for(std::chrono::microseconds(100));
    TraceRing::push(event);
  }

 private:
  const bool waits_;
};

using ThreadRecorder = Recorder<ThreadRing>;

// Called from the thread that runs the crew. The sink must outlive it.
class RunTrace {
 public:
  RunTrace(TraceSink& sink, bool waits) : collector_(sink), waits_(waits) {}

  // Before start(): rings for threads 0 .. threads - 1.
  void prepare(std::size_t threads) {
    // In all 64 MiB, and of each thread at most what it records in several sweeps of the collector.
    constexpr std::size_t kRecords = (std::size_t{64} << 20) / sizeof(PackedEvent);
    const std::size_t capacity = std::clamp<std::size_t>(std::bit_floor(kRecords / threads), 1 << 8, 1 << 14);
    for (std::size_t i = 0; i < threads; ++i) {
      rings_.push_back(std::make_unique<ThreadRing>(capacity, waits_));
      collector_.add(*rings_.back());
    }
  }
  ThreadRing& ring(std::size_t thread) { return *rings_[thread]; }
  void start() { collector_.start(); }

  // Once the threads are joined. What the sink could not write, its owner knows.
  void finish(std::span<const AgentTotal> totals) { (void)collector_.stop(totals); }

 private:
  std::vector<std::unique_ptr<ThreadRing>> rings_;
  TraceCollector collector_;
  bool waits_;
};

}  // namespace paxoscope
