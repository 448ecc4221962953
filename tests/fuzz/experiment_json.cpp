// Any text as the JSON of an experiment: refused in one line, or valid, and the same again after it was written. The
// same text also as what it may hold: a network, a fault plan, and the metadata of a trace.
#include <nlohmann/json.hpp>

#include "core/experiment/trace_setting.h"
#include "core/simulation/faults.h"
#include "core/simulation/network.h"
#include "tests/fuzz/fuzz.h"

namespace paxoscope::fuzz {

int experiment_json(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  if (const auto experiment = parse_experiment(text)) {
    require(experiment->validated().has_value());
    const auto again = parse_experiment(to_json(*experiment).dump());
    require(again.has_value());
    require(*again == *experiment);
    if (experiment->engine == Engine::simulation) (void)experiment->simulation();
    (void)experiment->cluster(kMicrosecond);
  } else {
    require_line(experiment.error());
  }
  if (const auto network = parse_network(text); !network) require_line(network.error());
  if (const auto faults = parse_faults(text, 3, 3); !faults) require_line(faults.error());
  if (const auto setting = parse_trace_metadata(text)) {
    const auto again = parse_trace_metadata(trace_metadata(*setting));
    require(again.has_value());
    require(again->rules.quorums == setting->rules.quorums && again->seed == setting->seed);
  } else {
    require_line(setting.error());
  }
  return 0;
}

}  // namespace paxoscope::fuzz
