// The questions that many experiments together answer: where the livelock cliff is, what is worth its price, how cost
// grows with the proposers, and whether both engines rank alike. Pure functions over the points of a comparison.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/experiment/comparison.h"
#include "core/experiment/ranking.h"
#include "core/stats/fit.h"
#include "core/stats/kendall.h"

namespace paxoscope {

using Points = std::span<const ComparisonPoint* const>;

// --- The livelock cliff.

struct Cliff {
  double uncontended_us = 0;  // the mean time to the first decision of one proposer alone
  // The smallest wait from which on the mean time to the first decision stays within 5% of that, up to the longest wait
  // tried; none when even that is too short.
  std::optional<std::size_t> smallest;  // an index into the points
  std::vector<Estimate> first_decision_us;
};
inline constexpr double kCliffTolerance = 0.05;

// `by_wait`: the same experiment with ever longer waits.
Cliff find_cliff(Points by_wait, const ComparisonPoint& alone);

// --- Ballots against completion time.

struct Priced {
  const ComparisonPoint* point = nullptr;
  Estimate ballots, completion_us;
  bool on_front = false;  // no other point has both fewer ballots and an earlier completion
};

// Points without runs that were cut off, from the fewest ballots up.
std::vector<Priced> price(Points points);

// --- Growth with the number of proposers.

struct Scaling {
  const Metric* price = nullptr;  // ballots_total where each proposer has a number of operations to do, in virtual
                                  // time; ballots_per_decision elsewhere
  const Metric* speed = nullptr;  // operations_per_s, or decisions_per_s
  Expected<PowerLaw> ballots;     // in N
  Expected<UniversalScalability> throughput;
  std::uint32_t peak = 0;  // the measured N of the highest speed
};

// `by_proposers`: one strategy with several numbers of proposers, at least one; those with runs that were cut off are
// left out.
Scaling fit_scaling(Points by_proposers);

// --- Virtual time against real threads.

struct Agreement {
  struct Pair {
    const ComparisonPoint* threads = nullptr;
    const ComparisonPoint* simulation = nullptr;
    std::size_t rank_on_threads = 0, rank_in_simulation = 0;
  };
  std::vector<Pair> pairs;  // by strategy, the best in virtual time first
  Expected<RankCorrelation> correlation;
};

// Of points with one number of proposers, each strategy on both engines; others are left out.
Agreement compare_engines(Points threads, Points simulation, const RankBy& by);

}  // namespace paxoscope
