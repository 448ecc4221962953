// Estimates with 95 % confidence intervals, from repeated runs. Pure functions; values must not be NaN.
#pragma once

#include <cstdint>
#include <span>

#include "core/error.h"
#include "core/stats/moments.h"

namespace paxoscope {

inline constexpr double kConfidence = 0.95;

// Too few values bound nothing: low and high are then -infinity (0 for ratios) and +infinity. Without any value
// the estimate is NaN.
struct Estimate {
  double value = 0;
  double low = 0;  // of the 95 % interval; low <= value <= high
  double high = 0;
  std::uint64_t count = 0;  // how many values it rests on
};

// The mean and its interval by Student's t; needs two values to be bounded.
Estimate estimate_mean(const Moments& moments);
Estimate estimate_mean(std::span<const double> values);

// The mean of a[i] - b[i], where both were measured under the same seed: the noise that they share cancels.
// An error where the two differ in length.
Expected<Estimate> estimate_paired_difference(std::span<const double> a, std::span<const double> b);

// The geometric mean of ratios, with Student's interval on their logarithms. An error for a ratio that is not
// above 0 and finite.
Expected<Estimate> estimate_geometric_mean(std::span<const double> ratios);

// The median (mean of the middle two for an even count), with the tightest symmetric pair of order statistics
// that covers it with at least 95 % whatever the distribution (David, Nagaraja: "Order Statistics", 7.1).
// Bounded from six values on.
Estimate estimate_median(std::span<const double> values);

// Whether the intervals share a point. If they do, the two are not to be called ranked.
bool overlap(const Estimate& a, const Estimate& b);

}  // namespace paxoscope
