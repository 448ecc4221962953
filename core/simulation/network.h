// The network between the nodes: regions, how long a message takes from one to another, and what may happen to it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "core/simulation/latency.h"

namespace paxoscope {

inline constexpr std::size_t kRegionsMax = 64;

struct NetworkOptions {
  std::vector<std::string> regions = {"rack"};
  std::vector<Latency> latency = {Latency::constant(10 * kMicrosecond)};  // regions x regions: from a row to a column
  // Node i lives in the region at place i modulo the size; empty: region i modulo the number of regions.
  std::vector<std::uint32_t> acceptors, proposers;

  double loss = 0;         // share of messages that never arrive
  double duplication = 0;  // share that arrives a second time, after a latency of its own
  double reordering = 0;   // share that is held back by up to reordering_delay on top of its latency
  Nanos reordering_delay = 0;
  Nanos processing = 0;  // an acceptor handles one message at a time, and each takes so long
  // Proposers' clocks, each drawn evenly from minus to plus this; only strategies see them.
  Nanos clock_offset = 0;
  std::int64_t clock_drift_ppm = 0;

  std::uint32_t region_of_acceptor(std::uint32_t id) const { return region_of(acceptors, id); }
  std::uint32_t region_of_proposer(std::uint32_t rank) const { return region_of(proposers, rank); }
  const Latency& between(std::uint32_t from, std::uint32_t to) const { return latency[from * regions.size() + to]; }

  // R: the mean over all pairs of the time for one request, its processing and its reply; at least 1 ns.
  Nanos round_trip(std::uint32_t acceptor_count, std::uint32_t proposer_count) const;

 private:
  std::uint32_t region_of(const std::vector<std::uint32_t>& places, std::uint32_t i) const {
    return places.empty() ? static_cast<std::uint32_t>(i % regions.size()) : places[i % places.size()];
  }
};

// A network as text: the name of a preset (rack, zones, continents); or one latency for every link, written
//   constant:10us   normal:10us,2us (mean, deviation)   lognormal:10us,0.5 (mean, sigma)   exponential:10us (mean)
// or a JSON object with any of
//   "base"          a text as above, to start from
//   "latency"       a text as above; or {"histogram": [[low_ns, count], ...]}; or, with "regions", a matrix of these
//   "regions"       names
//   "acceptors", "proposers"   where node 0, 1, ... lives, by region name; repeated from the start when it ends
//   "loss", "duplication", "reordering"                            0 .. 1
//   "reordering_us", "processing_us", "clock_offset_us"            microseconds, 0 .. 1e9
//   "clock_drift_ppm"                                              0 .. 100000
Expected<NetworkOptions> parse_network(std::string_view text);

}  // namespace paxoscope
