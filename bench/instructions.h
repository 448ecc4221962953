// Instructions retired by this thread in user mode, where the kernel and the machine let us count them (virtual
// machines often do not). Where they do not, the counter is absent from the results rather than zero.
#pragma once

#include <benchmark/benchmark.h>
#include <linux/perf_event.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>
#include <cstring>

namespace paxoscope {

// Counts from construction to report(). Not thread-safe; counts its own thread only.
class InstructionCounter {
 public:
  InstructionCounter() {
    perf_event_attr what{};
    what.size = sizeof what;
    what.type = PERF_TYPE_HARDWARE;
    what.config = PERF_COUNT_HW_INSTRUCTIONS;
    what.exclude_kernel = 1;
    what.exclude_hv = 1;
    descriptor_ = static_cast<int>(syscall(SYS_perf_event_open, &what, 0, -1, -1, 0UL));
  }
  ~InstructionCounter() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  InstructionCounter(const InstructionCounter&) = delete;
  InstructionCounter& operator=(const InstructionCounter&) = delete;

  // Adds the counter "instructions", per iteration. `items`: how many things an iteration did, to count per thing.
  void report(benchmark::State& state, double items = 1) const {
    std::uint64_t count = 0;
    if (descriptor_ < 0 || read(descriptor_, &count, sizeof count) != sizeof count) return;
    state.counters["instructions"] =
        benchmark::Counter(static_cast<double>(count) / items, benchmark::Counter::kAvgIterations);
  }

 private:
  int descriptor_ = -1;
};

}  // namespace paxoscope
