// The members of an Experiment as a table: name, meaning and range. Validation, JSON, the command line's options and
// their help all follow from it, so a new member is one line here.
#pragma once

#include <limits>

#include "core/experiment/experiment.h"
#include "core/experiment/names.h"

namespace paxoscope {

// visit(name, help, member, low, high) for numbers (both ends included), with an open low end for `above`.
// visit(name, help, member) for names, switches and text.
template <class Subject, class Visitor>
void visit_fields(Subject& e, Visitor&& visit) {
  constexpr std::uint64_t kBig = std::uint64_t{1} << 62;
  visit("engine", "what runs it", e.engine);
  visit("strategy", "how long to wait after losing a round", e.strategy);
  visit("acceptors", "acceptors", e.acceptors, 1U, static_cast<std::uint32_t>(kMaxAcceptors));
  visit("proposers", "proposers that contend", e.proposers, 1U, 100'000U);
  visit("quorum1", "phase 1 quorum, 0: a majority", e.quorum1, 0U, static_cast<std::uint32_t>(kMaxAcceptors));
  visit("quorum2", "phase 2 quorum, 0: a majority", e.quorum2, 0U, static_cast<std::uint32_t>(kMaxAcceptors));
  visit("give_up", "when a refused round is given up", e.give_up);
  visit("learning", "how a loser learns what was decided", e.learning);
  visit("window", "instances in flight per proposer", e.window, 1U, 65'536U);
  visit("keys", "which key an operation goes to", e.keys);
  visit("key_count", "keys, for uniform and zipf", e.key_count, 1U, 1'000'000U);
  visit("zipf_theta", "skew of zipf", e.zipf_theta, 0.0, 10.0);
  visit("read_share", "share of operations that only read", e.read_share, 0.0, 1.0);
  visit("arrivals_per_second", "operations per second and proposer (open loop), 0: closed loop", e.arrivals_per_second,
        0.0, 1e9);
  visit("warm_up_s", "seconds before anything is measured", e.warm_up_s, 0.0, 3'600.0);
  visit("duration_s", "seconds measured", e.duration_s, 1e-6, 86'400.0);
  visit("decisions_max", "end soon after so many decisions, warm-up included, 0: no such bound", e.decisions_max,
        std::uint64_t{0}, kBig);
  visit("operations_max", "end when each proposer has done so many operations, 0: no such bound", e.operations_max,
        std::uint64_t{0}, kBig);
  visit("rounds_max", "ballots of one proposer on one instance before that is called a livelock", e.rounds_max,
        std::uint64_t{1}, std::uint64_t{1} << 40);
  visit("round_trip_us", "R in microseconds, 0: measured", e.round_trip_us, 0.0, 1e9);
  visit("timeout_us", "microseconds until a round without a verdict is lost, 0: chosen by the engine", e.timeout_us,
        0.0, 1e10);
  visit("retain", "decided versions kept for who still wants to learn them", e.retain, std::uint64_t{0},
        std::uint64_t{1} << 16);
  visit("seed", "seed of every random draw", e.seed, std::uint64_t{0}, std::numeric_limits<std::uint64_t>::max());
  visit("audit", "check agreement and validity over the votes", e.audit);
  visit("workers", "OS threads, 0: one for each acceptor and proposer", e.workers, 0U, 1'024U);
  visit("wait", "what a thread does when it has nothing to do", e.wait);
  visit("pin", "pin threads to cores", e.pin);
  visit("network", "latencies in virtual time: rack, zones, continents, normal:10us,2us and the like, or JSON",
        e.network);
  visit("faults",
        "what goes wrong: none, or JSON (on threads: crashes); in virtual time also swarm, forgetful (crashes lose all "
        "state)",
        e.faults);
  visit("peers", "acceptors behind gRPC in place of threads: HOST:PORT,HOST:PORT,...", e.peers);
}

}  // namespace paxoscope
