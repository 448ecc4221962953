// Runs that must be the same to the last bit everywhere: on every compiler, level of optimisation and sanitizer, today
// and next year. Without a test library, so that a bare program can be built of them.
#pragma once

#include <cstdint>

#include "core/backoff/registry.h"
#include "core/simulation/simulation.h"

namespace paxoscope::testing {

struct Golden {
  const char* strategy;
  const char* network;
  std::uint64_t hash;  // SimulationFacts::trace_hash
};

inline constexpr Golden kGolden[] = {
    {"none", "constant:10us", 0xa72d6364ca1b9df9},
    {"full_jitter", "rack", 0x47afa1abcdc1cb02},
    {"percentile", "zones", 0x797b68faede35c71},
    {"lease", "continents", 0x01c90ab910f3bc71},
    {"tdma", R"({"base": "rack", "clock_offset_us": 50, "clock_drift_ppm": 100})", 0x84ece97725e92e2b},
    {"rebackoff", "normal:10us,2us", 0xb1e05fdc3057ba71},
    {"aimd", "exponential:10us", 0x37657cb9a0b1189c},
    {"random_rank", R"({"latency": {"histogram": [[9000, 5], [12000, 3], [70000, 1]]}, "processing_us": 2})",
     0x4badc17994fbc226},
};

struct GoldenSetting {
  ClusterOptions cluster;
  SimulationOptions options;
  std::unique_ptr<Backoff> strategy;
};

// Faults, several keys by Zipf, reads, arrivals and a window: everything that draws a random number.
inline GoldenSetting setting_of(const Golden& golden) {
  constexpr std::uint32_t kNodes = 5;  // acceptors, and proposers
  GoldenSetting setting;
  setting.options.network = parse_network(golden.network).value();
  setting.options.faults.swarm = true;
  setting.strategy = parse_strategy(golden.strategy).value();
  ClusterOptions& cluster = setting.cluster;
  cluster.proposers = kNodes;
  cluster.rules.quorums = Quorums::majority(kNodes);
  cluster.round_trip = setting.options.network.round_trip(kNodes, kNodes);
  cluster.timeout = 20 * cluster.round_trip;
  cluster.operations_max = 40;
  cluster.measure = 3'600 * kSecond;
  cluster.window = 3;
  cluster.seed = 2026;
  cluster.workload = {.choice = KeyChoice::zipf,
                      .keys = 4,
                      .zipf_theta = 0.99,
                      .read_share = 0.2,
                      .arrivals_per_second = 0.05 * 1e9 / static_cast<double>(cluster.round_trip)};
  return setting;
}

}  // namespace paxoscope::testing
