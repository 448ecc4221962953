#include "core/stats/kendall.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <map>
#include <numbers>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

namespace paxoscope {

namespace {

constexpr std::size_t kExactPairs = 50;

// Sums over the groups of equal values; t is the size of a group.
struct Ties {
  double pairs = 0;    // sum t (t - 1)
  double triples = 0;  // sum t (t - 1) (t - 2)
  double spread = 0;   // sum t (t - 1) (2 t + 5)
};

Ties ties_of(std::span<const double> values) {
  std::map<double, double> sizes;
  for (const double value : values) sizes[value] += 1;
  Ties ties;
  for (const auto& [value, t] : sizes) {
    ties.pairs += t * (t - 1);
    ties.triples += t * (t - 1) * (t - 2);
    ties.spread += t * (t - 1) * (2 * t + 5);
  }
  return ties;
}

int sign(double x) {
  return (x > 0) - (x < 0);
}

// P(a random permutation of n has at most `limit` inversions). The i-th element inserted adds 0 .. i - 1
// inversions, each equally likely.
double at_most_inversions(std::size_t n, std::size_t limit) {
  std::vector<double> probability(limit + 1, 0.0);
  probability[0] = 1;
  for (std::size_t i = 2; i <= n; ++i) {
    std::vector<double> next(limit + 1, 0.0);
    for (std::size_t k = 0; k <= limit; ++k) {
      for (std::size_t added = 0; added < i && added <= k; ++added) next[k] += probability[k - added];
      next[k] /= static_cast<double>(i);
    }
    probability = std::move(next);
  }
  return std::accumulate(probability.begin(), probability.end(), 0.0);
}

// The variance of S = concordant - discordant pairs when the rankings are unrelated (Kendall, chapter 4).
double variance_of_s(double n, const Ties& a, const Ties& b) {
  double variance = (n * (n - 1) * (2 * n + 5) - a.spread - b.spread) / 18;
  variance += a.pairs * b.pairs / (2 * n * (n - 1));
  if (n > 2) variance += a.triples * b.triples / (9 * n * (n - 1) * (n - 2));
  return variance;
}

}  // namespace

Expected<RankCorrelation> kendall_tau(std::span<const double> a, std::span<const double> b) {
  if (a.size() != b.size() || a.size() < 2) {
    return fail("Kendall's tau of " + std::to_string(a.size()) + " and " + std::to_string(b.size()) +
                " values: needs two rankings of the same 2 or more");
  }
  long long s = 0;
  std::size_t discordant = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      const int agreement = sign(a[i] - a[j]) * sign(b[i] - b[j]);
      s += agreement;
      discordant += agreement < 0;
    }
  }
  const auto n = static_cast<double>(a.size());
  const Ties ties_a = ties_of(a);
  const Ties ties_b = ties_of(b);
  const double untied_a = n * (n - 1) - ties_a.pairs;
  const double untied_b = n * (n - 1) - ties_b.pairs;
  if (untied_a <= 0 || untied_b <= 0) return fail("Kendall's tau: all values of one side are equal, so no ranking");

  RankCorrelation result;
  result.tau = 2 * static_cast<double>(s) / std::sqrt(untied_a * untied_b);
  result.exact = ties_a.pairs == 0 && ties_b.pairs == 0 && a.size() <= kExactPairs;
  if (result.exact) {
    const std::size_t fewer = std::min(discordant, a.size() * (a.size() - 1) / 2 - discordant);
    result.p_value = std::min(1.0, 2 * at_most_inversions(a.size(), fewer));
  } else {
    const double z = static_cast<double>(s) / std::sqrt(variance_of_s(n, ties_a, ties_b));
    result.p_value = std::erfc(std::abs(z) / std::numbers::sqrt2);
  }
  return result;
}

}  // namespace paxoscope
