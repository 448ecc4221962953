// The story of a run, message by message: what every agent did, in sentences. When a rule is broken, only of the
// instance where that shows last, which is what ends a run, with every crash in between.
#pragma once

#include <span>
#include <vector>

#include "core/check/rules.h"
#include "core/trace/event.h"
#include "core/trace/sink.h"

namespace paxoscope::cli {

// Keeps a run in memory, to tell it afterwards: 88 bytes an event.
class Memory : public TraceSink {
 public:
  using TraceSink::push;
  void push(const PackedEvent& event) override { events.push_back(unpack(event)); }
  Expected<void> finish(std::span<const AgentTotal>) override { return {}; }

  std::vector<Event> events;
};

// Prints it. events: in the order of time.
void tell_story(const std::vector<Event>& events, RuleOptions rules);

}  // namespace paxoscope::cli
