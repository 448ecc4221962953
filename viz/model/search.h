// Search: a few words find an event, an instance or a time.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "viz/model/decree.h"

namespace paxoscope::viz {

struct Found {
  Nanos at = 0;
  InstanceId instance = {};
  std::uint32_t event = 0;  // in the instance's Decree::events(); Decree::kNone: a time or an instance was asked for
  std::string text;         // the event's sentence, or what was found
};

// `query`: a time ("1.2s", "340us") moves there; "version 17" or "key 2 version 17" goes to the instance; anything else
// finds the next event of this instance, after `from` (or before it), whose sentence has all the words, in any case:
// "a1 rejects", "(2,11)", "decided". Wraps around at the end. Nothing: there is none.
std::optional<Found> search(const Decree& decree, std::string_view query, Nanos from, bool forward = true);

}  // namespace paxoscope::viz
