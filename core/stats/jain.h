// Fairness of shares among participants. Pure functions over any range of numbers >= 0.
#pragma once

#include <algorithm>
#include <ranges>

namespace paxoscope {

// Jain, Chiu, Hawe: "A quantitative measure of fairness and discrimination for resource allocation in shared
// computer systems", DEC TR-301, 1984: (sum x)^2 / (n * sum x^2). From 1/n (one has all) to 1 (all have the
// same). Where there is nothing to share out (no participants, or all zeros) nobody is favoured: 1.
double jain_index(const std::ranges::input_range auto& shares) {
  double n = 0;
  double sum = 0;
  double squares = 0;
  for (const auto& share : shares) {
    const auto x = static_cast<double>(share);
    n += 1;
    sum += x;
    squares += x * x;
  }
  return squares > 0 ? sum * sum / (n * squares) : 1.0;
}

// The largest share as a part of all, 1/n .. 1. 0 where there is nothing to share out.
double top_share(const std::ranges::input_range auto& shares) {
  double top = 0;
  double sum = 0;
  for (const auto& share : shares) {
    const auto x = static_cast<double>(share);
    top = std::max(top, x);
    sum += x;
  }
  return sum > 0 ? top / sum : 0.0;
}

}  // namespace paxoscope
