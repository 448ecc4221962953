// Which of several experiments is best by one figure, and how sure that is.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "core/experiment/comparison.h"

namespace paxoscope {

// The figure that decides, and which way.
struct RankBy {
  const Metric* metric = nullptr;
  bool more_is_better = false;

  // What decides unless somebody says otherwise: completion time where every proposer has a number of operations to do
  // in virtual time, decisions per second elsewhere.
  static RankBy usual(const Experiment& experiment);
};

// An error names the figures that can decide.
Expected<RankBy> parse_rank_by(std::string_view metric);

struct RankedPoint {
  const ComparisonPoint* point = nullptr;
  std::size_t rank = 0;  // from 1
  Estimate figure;
  Estimate behind;  // this figure minus the best one's; under the same seeds (paired) in virtual time
};

// Best first; points without samples are left out. Points share a rank as long as they cannot be told from the best of
// their rank: on threads when the 95% intervals overlap, in virtual time when that of the paired difference holds 0.
// Points with runs that were cut off come last and share a rank: a mean over the runs that did end would flatter them.
std::vector<RankedPoint> rank(std::span<const ComparisonPoint* const> points, const RankBy& by);

}  // namespace paxoscope
