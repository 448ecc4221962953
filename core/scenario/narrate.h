// The rule just applied, in one sentence: what an Event says to a person. Scenario plays print it, the window shows it.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "core/trace/event_names.h"

namespace paxoscope {

// "100"; of a value that is a write id of the instance (core/node/write_id.h), "v3": the value that P3 wrote.
std::string text_of(const InstanceId& instance, Value value);

struct Cast {
  std::vector<std::string> keys;  // names by key number; a key without one is "key 7"
  std::string instance(const InstanceId& id) const;
};

// One line without a full stop, such as "A1 rejects (2,10): it has promised (3,11)".
// `earlier`: what is known of the events before it, in order; the sentence gives its reasons from there (which vote is
// carried on, what was counted before), and is shorter when nothing is given. A few hundred events are plenty.
std::string narrate(const Event& event, std::span<const Event> earlier = {}, const Cast& cast = {});

}  // namespace paxoscope
