// Who takes the events of a whole run, whichever engine runs it: a file, the rule checker, a list.
#pragma once

#include <span>

#include "core/error.h"
#include "core/trace/packed_event.h"
#include "core/trace/recorder.h"

namespace paxoscope {

// Called from one thread at a time. A sink cannot influence the run: what goes wrong it keeps to itself, for its owner
// to ask about when the run is over.
class TraceSink {
 public:
  TraceSink() = default;
  virtual ~TraceSink() = default;

  // Each agent's events come in their order; how those of different agents mix is up to the engine.
  virtual void push(const PackedEvent& event) = 0;
  void push(const Event& event) { push(pack(event)); }

  // Now and then, so that who reads along sees what there is.
  virtual Expected<void> flush() { return {}; }

  // Once, at the end. totals: of every agent that had a Recorder.
  virtual Expected<void> finish(std::span<const AgentTotal> totals) = 0;

 protected:
  TraceSink(const TraceSink&) = default;
  TraceSink& operator=(const TraceSink&) = default;
  TraceSink(TraceSink&&) = default;
  TraceSink& operator=(TraceSink&&) = default;
};

}  // namespace paxoscope
