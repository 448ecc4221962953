// Whether two measurements rank the same strategies alike.
#pragma once

#include <span>

#include "core/error.h"

namespace paxoscope {

struct RankCorrelation {
  double tau = 0;      // -1 (one order is the other reversed) .. 1 (the same order)
  double p_value = 1;  // two-sided: how often unrelated rankings agree or disagree at least this much
  bool exact = false;  // p_value counts permutations; otherwise it is the normal approximation with ties
};

// Kendall's tau-b, which corrects for ties, of pairs (a[i], b[i]); O(n^2). The p-value is exact without ties up to
// 50 pairs. Kendall: "Rank Correlation Methods", 4th edition, 1970, chapters 3 to 5.
// An error where the lengths differ, for fewer than two pairs, or where all of one side are tied.
Expected<RankCorrelation> kendall_tau(std::span<const double> a, std::span<const double> b);

}  // namespace paxoscope
