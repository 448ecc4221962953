// A Report is what a run was, and what came of it: the Experiment with every option, the Measurement, the machine, and
// the figures that are derived from them. The figures are one table (metrics.h); printing, JSON and CSV all follow it.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "core/experiment/experiment.h"

namespace paxoscope {

// Where a run was made.
struct Machine {
  std::string cpu;     // the processor's name for itself
  std::string system;  // kernel and its release
  std::string compiler;
  std::string build;        // Release, Debug, ...
  std::string version;      // of Paxoscope
  std::string commit;       // of its sources, "-dirty" if they were changed
  std::uint32_t cores = 1;  // that this process may use
};

const Machine& this_machine();

struct Report {
  Experiment experiment;
  Nanos round_trip = 1;  // R, measured or given; 0 when it was interrupted before it was known
  Measurement measurement;
  std::optional<SimulationFacts> simulation = {};  // in virtual time

  // More threads than cores: the OS scheduler is part of the result.
  bool oversubscribed() const;
};

// Schema: bench/SCHEMA.md. The histograms make a report large; leave them out where many are written.
nlohmann::json to_json(const Report& report, bool with_histograms);
nlohmann::json json_number(double value);  // null for what is not finite, which JSON cannot say
nlohmann::json to_json(const Machine& machine);
nlohmann::json to_json(const Histogram& histogram);  // nanoseconds: [[low, count], ...] and the exact min, max, total

}  // namespace paxoscope
