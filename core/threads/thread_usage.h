// What a thread used of the machine.
#pragma once

#include <sys/resource.h>

#include <cstdint>
#include <ctime>

#include "core/nanos.h"

namespace paxoscope {

struct ThreadUsage {
  Nanos wall = 0;
  Nanos cpu = 0;
  Nanos working = 0;  // handling messages
  Nanos parked = 0;
  std::uint64_t context_switches = 0;

  // Runnable, but without a core: neither on the processor nor parked.
  Nanos queued() const {
    const Nanos rest = wall - cpu - parked;
    return rest > 0 ? rest : 0;
  }

  // Totals since the thread began; working and parked are the caller's to know.
  static ThreadUsage of_this_thread(Nanos now) {
    timespec cpu{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &cpu);
    rusage usage{};
    getrusage(RUSAGE_THREAD, &usage);
    return {.wall = now,
            .cpu = cpu.tv_sec * kSecond + cpu.tv_nsec,
            .context_switches = static_cast<std::uint64_t>(usage.ru_nvcsw + usage.ru_nivcsw)};
  }

  ThreadUsage since(const ThreadUsage& begin, Nanos working_since, Nanos parked_since) const {
    return {.wall = wall - begin.wall,
            .cpu = cpu - begin.cpu,
            .working = working_since,
            .parked = parked_since,
            .context_switches = context_switches - begin.context_switches};
  }
};

}  // namespace paxoscope
