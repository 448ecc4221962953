// An Experiment describes one run completely, as a plain value with JSON. The command line, a benchmark's name and the
// window's controls are three editors of it; each host runs it; every result carries it.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "core/error.h"
#include "core/node/cluster.h"
#include "core/simulation/simulation.h"
#include "core/threads/thread_cluster.h"
#include "core/wire/wire_cluster.h"

namespace paxoscope {

enum class Engine : std::uint8_t { threads, simulation, wire };

struct Experiment {
  Engine engine = Engine::threads;
  std::string strategy = "full_jitter";  // any text that core/backoff/registry.h parses
  // The cluster.
  std::uint32_t acceptors = 3;  // 1 .. 128
  std::uint32_t proposers = 1;  // 1 .. 100000
  std::uint32_t quorum1 = 0;    // phase 1 quorum; 0: a majority
  std::uint32_t quorum2 = 0;    // phase 2 quorum; 0: a majority. quorum1 + quorum2 > acceptors
  GiveUp give_up = GiveUp::majority_out_of_reach;
  Learning learning = Learning::own_round;
  // The load.
  std::uint32_t window = 1;  // instances in flight per proposer, 1 .. 65536
  KeyChoice keys = KeyChoice::hot;
  std::uint32_t key_count = 1;     // 1 .. 1000000; above 1 only for uniform and zipf
  double zipf_theta = 0.99;        // 0 .. 10
  double read_share = 0;           // 0 .. 1
  double arrivals_per_second = 0;  // per proposer, Poisson (open loop); 0: closed loop
  // The bounds. Whatever happens, a run ends at the first that is reached.
  double warm_up_s = 0.1;                // before anything is measured; 0 .. 3600
  double duration_s = 1.0;               // measured; above 0, at most 86400
  std::uint64_t decisions_max = 0;       // of all proposers, warm-up included; 0: no such bound
  std::uint64_t operations_max = 0;      // of each proposer; 0: no such bound
  std::uint64_t rounds_max = 1'000'000;  // ballots of one proposer on one instance: beyond, it is called a livelock
  // Times.
  double round_trip_us = 0;   // R; 0: measured at the start (threads), or the network's mean (simulation)
  double timeout_us = 0;      // a round without a verdict is lost; 0: 1 s (threads), 20 R (simulation)
  std::uint64_t retain = 64;  // decided versions kept for who still wants to learn them
  std::uint64_t seed = 1;
  bool audit = true;  // check agreement and validity over the votes
  // Threads only.
  std::uint32_t workers = 0;  // OS threads; 0: one for each acceptor and proposer
  WaitKind wait = WaitKind::park;
  bool pin = false;
  // A name or a JSON object, as text; as JSON they are the object itself.
  std::string network = "rack";  // simulation only: any text that core/simulation/network.h parses
  std::string faults = "none";   // any text that core/simulation/faults.h parses; of it threads take crashes
  // Wire only: where the acceptors are, as core/wire/address.h parses it. Given, it is the engine, and they are
  // counted.
  std::string peers;

  bool operator==(const Experiment&) const = default;

  // The defaults in virtual time: a duel. All proposers want the same instance at the same moment, and the run ends
  // when each of them has learned what was decided.
  static Experiment duel();

  // Everything out of range is one clear Error: what it is, and what is allowed.
  Expected<Experiment> validated() const;

  // The parts that the hosts run. Only for a validated experiment; `round_trip` is R.
  ClusterOptions cluster(Nanos round_trip) const;
  ThreadOptions threads() const;
  SimulationOptions simulation() const;
  wire::WireOptions wire_options() const;  // with keys that no run used before

 private:
  Expected<Experiment> validated_alone() const;
};

// JSON in both directions. Every member above is a key of the same name; the enumerations are their names. Reading
// takes missing keys from the defaults and refuses unknown keys, wrong types and values out of range.
nlohmann::json to_json(const Experiment& experiment);
Expected<Experiment> experiment_from_json(const nlohmann::json& json);
Expected<Experiment> parse_experiment(std::string_view text);  // the text of a JSON document

// The names of the enumerations, for options and JSON; the inverse names what is allowed when it fails.
std::string_view name_of(Engine engine);
std::string_view name_of(GiveUp give_up);
std::string_view name_of(Learning learning);
std::string_view name_of(KeyChoice choice);
std::string_view name_of(WaitKind wait);
std::string_view name_of(StopReason reason);

}  // namespace paxoscope
