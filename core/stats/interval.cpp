#include "core/stats/interval.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numeric>
#include <string>
#include <vector>

#include "core/stats/student_t.h"

namespace paxoscope {

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

// The largest k for which the k-th smallest and k-th largest of n values enclose the median with 95 %; 0 if none.
// They miss it when fewer than k of the n values fall on one side: 2 * P(Binomial(n, 1/2) < k).
std::size_t enclosing_rank(std::size_t n) {
  double log_choose = 0;
  double missed = 0;
  for (std::size_t k = 0; k < n; ++k) {
    missed += 2 * std::exp(log_choose - static_cast<double>(n) * std::log(2.0));
    if (missed > 1 - kConfidence) return k;
    log_choose += std::log(static_cast<double>(n - k) / static_cast<double>(k + 1));
  }
  return 0;
}

}  // namespace

Estimate estimate_mean(const Moments& moments) {
  const std::uint64_t n = moments.count();
  if (n < 2) return {n == 0 ? kNan : moments.mean(), -kInfinity, kInfinity, n};
  const double margin =
      student_t_quantile(kConfidence, n - 1) * moments.standard_deviation() / std::sqrt(static_cast<double>(n));
  return {moments.mean(), moments.mean() - margin, moments.mean() + margin, n};
}

Estimate estimate_mean(std::span<const double> values) {
  Moments moments;
  for (const double value : values) moments.record(value);
  return estimate_mean(moments);
}

Expected<Estimate> estimate_paired_difference(std::span<const double> a, std::span<const double> b) {
  if (a.size() != b.size()) {
    return fail("paired difference of " + std::to_string(a.size()) + " and " + std::to_string(b.size()) +
                " values: both must come from the same seeds");
  }
  Moments differences;
  for (std::size_t i = 0; i < a.size(); ++i) differences.record(a[i] - b[i]);
  return estimate_mean(differences);
}

Expected<Estimate> estimate_geometric_mean(std::span<const double> ratios) {
  Moments logs;
  for (const double ratio : ratios) {
    if (!(ratio > 0) || std::isinf(ratio)) {
      return fail("geometric mean of " + std::to_string(ratio) + ": ratios must be above 0 and finite");
    }
    logs.record(std::log(ratio));
  }
  const Estimate log = estimate_mean(logs);
  return Estimate{std::exp(log.value), std::exp(log.low), std::exp(log.high), log.count};
}

Estimate estimate_median(std::span<const double> values) {
  if (values.empty()) return {kNan, -kInfinity, kInfinity, 0};
  std::vector<double> sorted(values.begin(), values.end());
  std::sort(sorted.begin(), sorted.end());
  const std::size_t n = sorted.size();
  const double median = n % 2 == 1 ? sorted[n / 2] : std::midpoint(sorted[n / 2 - 1], sorted[n / 2]);
  const std::size_t k = enclosing_rank(n);
  if (k == 0) return {median, -kInfinity, kInfinity, n};
  return {median, sorted[k - 1], sorted[n - k], n};
}

bool overlap(const Estimate& a, const Estimate& b) {
  return a.low <= b.high && b.low <= a.high;
}

}  // namespace paxoscope
