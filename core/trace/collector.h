// The thread that hands the events of a threaded run to a sink while it goes on: drains every ring, one after the
// other.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

#include "core/error.h"
#include "core/nanos.h"
#include "core/trace/ring.h"
#include "core/trace/sink.h"

namespace paxoscope {

// Called from one thread. Sink and rings (in stream mode) must outlive it. A write that fails does not disturb the run:
// the rings are drained all the same, and stop() tells.
class TraceCollector {
 public:
  // interval: how long it sleeps when a ring was more than an eighth full; more than half: not at all; less: up to 8
  // times as long. So a ring still holds 8 times what its thread recorded in the last sleep.
  explicit TraceCollector(TraceSink& sink, Nanos interval = kMillisecond) : sink_(&sink), interval_(interval) {}
  TraceCollector(const TraceCollector&) = delete;
  TraceCollector& operator=(const TraceCollector&) = delete;
  ~TraceCollector();  // stops the thread; without stop() the file has no end

  void add(TraceRing& ring) { rings_.push_back(&ring); }  // before start()
  void start();

  // Once the producers are done: drains what is left, ends the file, joins. It takes as long as writing at most two
  // fills of every ring, whatever the producers do. totals: as for TraceSink::finish.
  Expected<void> stop(std::span<const AgentTotal> totals);

 private:
  void run();
  unsigned sweep();
  void join();

  TraceSink* sink_;
  Nanos interval_;
  std::vector<TraceRing*> rings_;
  std::thread thread_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;  // guarded by mutex_
};

}  // namespace paxoscope
