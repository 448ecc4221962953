#include "core/stats/kendall.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>
#include <vector>

#include "core/random.h"

namespace paxoscope {
namespace {

using Values = std::vector<double>;

Values ascending(std::size_t n) {
  Values values(n);
  std::iota(values.begin(), values.end(), 1.0);
  return values;
}

TEST(Kendall, TheSameOrderIsOneAndTheReverseMinusOne) {
  const Values up = ascending(5);
  const Values down(up.rbegin(), up.rend());
  EXPECT_DOUBLE_EQ(kendall_tau(up, up).value().tau, 1.0);
  EXPECT_DOUBLE_EQ(kendall_tau(up, down).value().tau, -1.0);
  EXPECT_DOUBLE_EQ(kendall_tau(up, up).value().p_value, 2.0 / 120);  // 2 of 5! orders
  EXPECT_DOUBLE_EQ(kendall_tau(up, down).value().p_value, 2.0 / 120);
  EXPECT_TRUE(kendall_tau(up, up).value().exact);
}

// The worked example of SciPy's documentation of kendalltau.
TEST(Kendall, TiesAreCorrectedForAsPublished) {
  const RankCorrelation result = kendall_tau(Values{12, 2, 1, 12, 2}, Values{1, 4, 7, 1, 0}).value();
  EXPECT_NEAR(result.tau, -0.47140452079103173, 1e-12);
  EXPECT_NEAR(result.p_value, 0.2827454599327748, 1e-12);
  EXPECT_FALSE(result.exact);
}

// The approximation is normal with the variance that S = concordant - discordant really has, over all orders of one
// side, when there are ties of two and of three on both.
TEST(Kendall, TheNormalApproximationHasTheTrueVarianceUnderTies) {
  const Values a = {1, 1, 1, 2, 2, 3, 4};
  Values b = {1, 2, 2, 2, 3, 3, 4};
  const double untied = std::sqrt((21.0 - 4) * (21 - 4));  // tau = S / this: 3 + 1 tied pairs of 21 on each side
  double squares = 0;
  double orders = 0;
  do {  // every distinct order of b, each as likely as any other
    squares += std::pow(kendall_tau(a, b).value().tau * untied, 2);
    ++orders;
  } while (std::next_permutation(b.begin(), b.end()));
  const RankCorrelation result = kendall_tau(a, b).value();
  const double z = result.tau * untied / std::sqrt(squares / orders);
  EXPECT_NEAR(result.p_value, std::erfc(std::abs(z) / std::sqrt(2.0)), 1e-12);
  EXPECT_FALSE(result.exact);
}

TEST(Kendall, ExactPValueEqualsCountingAllPermutations) {
  const Values order = ascending(6);
  std::vector<double> taus;
  Values permuted = order;
  do {
    taus.push_back(kendall_tau(order, permuted).value().tau);
  } while (std::next_permutation(permuted.begin(), permuted.end()));
  ASSERT_EQ(taus.size(), 720U);
  permuted = order;
  for (std::size_t i = 0; i < taus.size(); ++i) {
    const auto as_extreme =
        std::count_if(taus.begin(), taus.end(), [&](double tau) { return std::abs(tau) >= std::abs(taus[i]) - 1e-9; });
    ASSERT_NEAR(kendall_tau(order, permuted).value().p_value, static_cast<double>(as_extreme) / 720, 1e-12);
    std::next_permutation(permuted.begin(), permuted.end());
  }
}

TEST(Kendall, TheNormalApproximationMeetsTheExactValueWhereItTakesOver) {
  Random random(6);
  Values shuffled = ascending(51);
  for (int swap = 0; swap < 40; ++swap) std::swap(shuffled[random.below(51)], shuffled[random.below(51)]);
  const RankCorrelation approximate = kendall_tau(ascending(51), shuffled).value();
  EXPECT_FALSE(approximate.exact);
  shuffled.erase(std::max_element(shuffled.begin(), shuffled.end()));
  const RankCorrelation exact = kendall_tau(ascending(50), shuffled).value();
  EXPECT_TRUE(exact.exact);
  EXPECT_GT(exact.p_value, 0.01);
  EXPECT_NEAR(approximate.p_value, exact.p_value, 0.1);
}

TEST(Kendall, SwappingTheSidesChangesNothingAndNegatingOneTurnsTheSign) {
  Random random(7);
  for (int round = 0; round < 100; ++round) {
    Values a(2 + random.below(10));
    Values b(a.size());
    for (double& value : a) value = static_cast<double>(random.below(5));
    for (double& value : b) value = static_cast<double>(random.below(5));
    const auto result = kendall_tau(a, b);
    const auto swapped = kendall_tau(b, a);
    ASSERT_EQ(result.has_value(), swapped.has_value());
    if (!result) continue;
    EXPECT_DOUBLE_EQ(result->tau, swapped->tau);
    EXPECT_DOUBLE_EQ(result->p_value, swapped->p_value);
    for (double& value : a) value = -value;
    EXPECT_DOUBLE_EQ(kendall_tau(a, b).value().tau, -result->tau);
    EXPECT_LE(std::abs(result->tau), 1.0 + 1e-12);
  }
}

TEST(Kendall, SaysWhenThereIsNoRanking) {
  EXPECT_FALSE(kendall_tau(Values{1, 2}, Values{1}));
  EXPECT_FALSE(kendall_tau(Values{1}, Values{1}));
  EXPECT_FALSE(kendall_tau(Values{1, 1, 1}, Values{1, 2, 3}));
}

}  // namespace
}  // namespace paxoscope
