#include "core/stats/interval.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

#include "core/random.h"
#include "core/stats/student_t.h"

namespace paxoscope {
namespace {

using Values = std::vector<double>;

double normal(Random& random) {  // Box and Muller
  return std::sqrt(-2 * std::log(random.unit_above_zero())) * std::cos(6.283185307179586 * random.unit());
}

// Published tables, e.g. NIST/SEMATECH e-Handbook 1.3.6.7.2.
TEST(StudentT, QuantilesEqualThePublishedTable) {
  const std::vector<std::pair<std::uint64_t, double>> two_sided_95 = {
      {1, 12.706}, {2, 4.303},  {3, 3.182},  {4, 2.776},  {5, 2.571},   {9, 2.262},
      {10, 2.228}, {20, 2.086}, {30, 2.042}, {60, 2.000}, {100, 1.984}, {199, 1.972}};
  for (const auto& [degrees, t] : two_sided_95) {
    EXPECT_NEAR(student_t_quantile(0.95, degrees), t, 0.0005) << degrees;
  }
  EXPECT_NEAR(student_t_quantile(0.99, 1), 63.657, 0.0005);
  EXPECT_NEAR(student_t_quantile(0.99, 9), 3.250, 0.0005);
  EXPECT_NEAR(student_t_quantile(0.90, 30), 1.697, 0.0005);
  EXPECT_NEAR(student_t_quantile(0.95, 10'000'000), 1.959964, 0.00005);  // the normal limit
}

TEST(StudentT, QuantileInvertsTheDistributionAndFallsWithTheDegrees) {
  double previous = INFINITY;
  for (std::uint64_t degrees = 1; degrees <= 300; ++degrees) {
    const double t = student_t_quantile(0.95, degrees);
    EXPECT_NEAR(student_t_within(t, degrees), 0.95, 1e-12) << degrees;
    EXPECT_LT(t, previous) << degrees;
    previous = t;
  }
  EXPECT_EQ(student_t_within(0, 7), 0.0);
  EXPECT_DOUBLE_EQ(student_t_within(1, 1), 0.5);  // Cauchy's quartiles are -1 and 1
}

TEST(Moments, MergingEqualsRecordingEverythingInOne) {
  Random random(1);
  for (int round = 0; round < 50; ++round) {
    Moments left;
    Moments right;
    Moments all;
    const auto count = random.below(40);
    for (std::uint64_t i = 0; i < count; ++i) {
      const double value = 1e6 + normal(random);
      (random.below(3) == 0 ? left : right).record(value);
      all.record(value);
    }
    left.merge(right);
    EXPECT_EQ(left.count(), all.count());
    EXPECT_NEAR(left.mean(), all.mean(), 1e-8);
    EXPECT_NEAR(left.variance(), all.variance(), 1e-8);
  }
}

TEST(Moments, VarianceSurvivesALargeMean) {
  Moments moments;
  for (const double value : {4.0, 7.0, 13.0, 16.0}) moments.record(1e9 + value);
  EXPECT_DOUBLE_EQ(moments.mean(), 1e9 + 10);
  EXPECT_DOUBLE_EQ(moments.variance(), 30.0);
}

TEST(EstimateMean, EqualsAHandComputedInterval) {
  const Estimate estimate = estimate_mean(Values{1, 2, 3, 4, 5, 6, 7, 8, 9, 10});
  const double margin = 2.262157 * std::sqrt(55.0 / 6.0) / std::sqrt(10.0);
  EXPECT_DOUBLE_EQ(estimate.value, 5.5);
  EXPECT_NEAR(estimate.low, 5.5 - margin, 1e-5);
  EXPECT_NEAR(estimate.high, 5.5 + margin, 1e-5);
  EXPECT_EQ(estimate.count, 10U);
}

TEST(EstimateMean, TooFewValuesBoundNothing) {
  EXPECT_TRUE(std::isnan(estimate_mean(Values{}).value));
  const Estimate one = estimate_mean(Values{4});
  EXPECT_EQ(one.value, 4.0);
  EXPECT_EQ(one.low, -INFINITY);
  EXPECT_EQ(one.high, INFINITY);
  EXPECT_TRUE(overlap(one, estimate_mean(Values{1000, 1001, 1000})));
}

// 4,000 seeded trials: a true 95 % gives 3,800 with a standard deviation of 14.
TEST(EstimateMean, CoversTheTruthInNineteenOfTwentySamples) {
  Random random(2);
  int covered = 0;
  for (int trial = 0; trial < 4'000; ++trial) {
    Values values(5);
    for (double& value : values) value = 3 + 2 * normal(random);
    const Estimate estimate = estimate_mean(values);
    covered += estimate.low <= 3 && 3 <= estimate.high;
  }
  EXPECT_NEAR(covered, 3'800, 55);
}

TEST(EstimatePairedDifference, SharedNoiseCancels) {
  Random random(3);
  Values a;
  Values b;
  for (int seed = 0; seed < 20; ++seed) {
    const double noise = 100 * normal(random);
    a.push_back(10 + noise + 0.1 * normal(random));
    b.push_back(9 + noise + 0.1 * normal(random));
  }
  EXPECT_TRUE(overlap(estimate_mean(a), estimate_mean(b)));
  const Estimate difference = estimate_paired_difference(a, b).value();
  EXPECT_GT(difference.low, 0.8);
  EXPECT_LT(difference.high, 1.2);
}

TEST(EstimatePairedDifference, NeedsPairs) {
  EXPECT_FALSE(estimate_paired_difference(Values{1, 2}, Values{1}));
}

TEST(EstimateGeometricMean, IsSymmetricUnderInversion) {
  const Estimate up = estimate_geometric_mean(Values{2, 8, 4}).value();
  const Estimate down = estimate_geometric_mean(Values{0.5, 0.125, 0.25}).value();
  EXPECT_NEAR(up.value, 4.0, 1e-12);
  EXPECT_NEAR(up.value * down.value, 1.0, 1e-12);
  EXPECT_NEAR(up.low * down.high, 1.0, 1e-12);
  EXPECT_NEAR(std::log(up.high / up.value), 4.302653 * std::log(2.0) / std::sqrt(3.0), 1e-5);
}

TEST(EstimateGeometricMean, RefusesWhatHasNoLogarithm) {
  EXPECT_FALSE(estimate_geometric_mean(Values{1, 0}));
  EXPECT_FALSE(estimate_geometric_mean(Values{1, -1}));
  EXPECT_FALSE(estimate_geometric_mean(Values{1, INFINITY}));
  EXPECT_EQ(estimate_geometric_mean(Values{3}).value().low, 0.0);
}

// Ranks for a 95 % sign-test interval, as in published tables of the sign test's critical values, plus one.
TEST(EstimateMedian, TakesTheTabulatedOrderStatistics) {
  const std::vector<std::pair<int, int>> lower_ranks = {{6, 1},  {8, 1},  {9, 2},  {10, 2}, {12, 3},
                                                        {15, 4}, {20, 6}, {25, 8}, {30, 10}};
  for (const auto& [n, rank] : lower_ranks) {
    Values values;
    for (int i = n; i >= 1; --i) values.push_back(i);
    const Estimate estimate = estimate_median(values);
    EXPECT_DOUBLE_EQ(estimate.value, (n + 1) / 2.0) << n;
    EXPECT_EQ(estimate.low, rank) << n;
    EXPECT_EQ(estimate.high, n + 1 - rank) << n;
  }
}

TEST(EstimateMedian, FiveValuesOrFewerBoundNothingAndManyStillWork) {
  EXPECT_EQ(estimate_median(Values{1, 2, 3, 4, 5}).low, -INFINITY);
  EXPECT_EQ(estimate_median(Values{1, 2, 3, 4, 5}).value, 3.0);
  EXPECT_TRUE(std::isnan(estimate_median(Values{}).value));
  Values many;
  for (int i = 1; i <= 10'000; ++i) many.push_back(i);  // 2^-10000 is far below what a double holds
  EXPECT_NEAR(estimate_median(many).low, 5'000 - 1.96 * 50, 2);
}

TEST(Overlap, TouchingCountsAndGapsDoNot) {
  EXPECT_TRUE(overlap({1, 0, 2, 3}, {3, 2, 4, 3}));
  EXPECT_TRUE(overlap({1, 0, 9, 3}, {3, 2, 4, 3}));
  EXPECT_FALSE(overlap({1, 0, 2, 3}, {3, 2.1, 4, 3}));
  EXPECT_FALSE(overlap({3, 2.1, 4, 3}, {1, 0, 2, 3}));
}

}  // namespace
}  // namespace paxoscope
