// What the header of a trace says of the run that it is of: enough to judge it by the rules, and to run it again.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/error.h"
#include "core/experiment/experiment.h"

namespace paxoscope {

struct TraceSetting {
  std::string engine;  // "threads", "simulation", "explorer", ...
  ProposerRules rules;
  std::uint32_t proposers = 0;  // 0: not said
  std::uint64_t seed = 0;
  std::string command;                   // that makes such a run again
  std::optional<Experiment> experiment;  // where there was one

  static TraceSetting of(const Experiment& experiment);
};

// The metadata of a trace file, a JSON object in text. Keys: engine, acceptors, quorums ([phase 1, phase 2]), give_up,
// learning, proposers, seed, command, and experiment with every member of it.
std::string trace_metadata(const TraceSetting& setting);

// The inverse, without `experiment`. Only `acceptors` must be there: quorums are majorities unless said otherwise.
// The Error says what is missing or out of range.
Expected<TraceSetting> parse_trace_metadata(std::string_view metadata);

}  // namespace paxoscope
