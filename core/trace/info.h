// What is in a trace, as numbers: for `trace info` and for the window's title bar.
#pragma once

#include <array>
#include <cstdint>
#include <istream>
#include <string>
#include <vector>

#include "core/error.h"
#include "core/trace/reader.h"

namespace paxoscope {

struct AgentInfo {
  AgentKind kind = AgentKind::proposer;
  std::uint32_t agent = 0;
  std::uint64_t events = 0;
  Nanos first = 0, last = 0;  // when
};

struct TraceInfo {
  std::string metadata;  // JSON
  TraceStatus status;
  std::array<std::uint64_t, kEventKinds> by_kind = {};
  std::vector<AgentInfo> agents;  // proposers, then acceptors, by id
  Nanos first = 0, last = 0;      // of all events; 0 when there are none
  std::uint64_t instances = 0;    // different ones that events name
  std::uint64_t decided = 0;      // those of them that some proposer learned
};

// Reads the stream to its end; memory grows with the number of instances. Errors: as TraceReader::open. Damage
// further on is in `status`.
Expected<TraceInfo> summarise_trace(std::istream& in);

}  // namespace paxoscope
