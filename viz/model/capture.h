// Capture: real threads at full speed, and a trigger that freezes what was recorded around the moment that matters.
//
// Every thread records into a ring of its own all the time (core/threads), over the oldest events in it, and never
// waits: what was overwritten before the end shows as a gap. The thread that started them looks into the rings of
// proposers, and of acceptors that are to crash, a few hundred times a second, for the trigger; but for that moment
// nothing is copied before the run is over.
#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

#include "core/error.h"
#include "core/experiment/experiment.h"
#include "viz/model/take.h"

namespace paxoscope::viz {

struct Trigger {
  enum class Kind : std::uint8_t {
    now,                  // at once
    preempted_in_accept,  // a proposer loses a ballot in phase 2
    ballots,              // one proposer uses `count` ballots on one instance
    slow_decision,        // an operation takes longer than `time` to its decision
    livelock,             // nobody has decided anything for `time`
    rule_broken,          // the run's audit finds a broken rule
    first_crash,          // a node crashes; the experiment says which, and when
  };
  Kind kind = Kind::preempted_in_accept;
  std::uint64_t count = 5;          // >= 2
  Nanos time = 100 * kMicrosecond;  // > 0
};

struct TriggerInfo {
  Trigger::Kind kind;
  std::string_view name;   // "preempted in phase 2"
  std::string_view takes;  // "", "ballots" or "time": which parameter it has
};
// In the order of the menu.
const std::array<TriggerInfo, 7>& all_triggers();

struct CaptureOptions {
  Experiment experiment;  // engine: threads; duration_s is how long it waits for the trigger
  Trigger trigger;
  Nanos before = 2 * kMillisecond;      // kept before the trigger,
  Nanos after = 1 * kMillisecond;       // and recorded after it
  std::uint32_t events_max = 1U << 20;  // kept in all, shared evenly by the threads; 1 << 10 .. 1 << 24
};

// Not thread-safe: called from the window's thread.
class Capture {
 public:
  enum class State : std::uint8_t { waiting, triggered, done };

  // Starts the cluster. Fails when the experiment is not valid or not of threads, or nobody is to crash though that is
  // the trigger.
  static Expected<std::unique_ptr<Capture>> start(const CaptureOptions& options);
  ~Capture();  // stops it

  State state() const;
  std::uint64_t seen() const;       // events looked at so far
  std::uint64_t decisions() const;  // so far, roughly
  void trigger_now();
  void stop();  // without a trigger, what is in memory is kept all the same

  // Once it is done: what was caught. `triggered_at`: the time of the trigger; -1: there was none. Fails when the
  // machine refused a thread.
  struct Caught {
    std::unique_ptr<Source> source = {};
    Nanos triggered_at = -1;
    std::uint64_t decisions = 0;  // of the whole run
    std::string text = {};        // "P2 was preempted in phase 2 at 1.234 ms", "no trigger within 10 s"
  };
  Expected<Caught> take();

 private:
  class Memory;
  struct Work;
  explicit Capture(std::unique_ptr<Work> work);
  std::unique_ptr<Work> work_;
};

}  // namespace paxoscope::viz
