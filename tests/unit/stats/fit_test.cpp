#include "core/stats/fit.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "core/random.h"

namespace paxoscope {
namespace {

using Points = std::vector<FitPoint>;

const std::vector<double> kSizes = {1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024};

Points synthetic(double lambda, double sigma, double kappa) {
  const UniversalScalability law{lambda, sigma, kappa, {}, 1};
  Points points;
  for (const double n : kSizes) points.push_back({n, law.throughput(n)});
  return points;
}

TEST(PowerLaw, RecoversAKnownExponent) {
  for (const double exponent : {-1.5, 0.0, 0.5, 1.0, 2.0}) {
    Points points;
    for (const double n : kSizes) points.push_back({n, 3 * std::pow(n, exponent)});
    const PowerLaw law = fit_power_law(points).value();
    EXPECT_NEAR(law.exponent.value, exponent, 1e-12);
    EXPECT_NEAR(law.factor, 3.0, 1e-11);
    EXPECT_NEAR(law.standard_error, 0.0, 1e-12);
    EXPECT_GE(law.r_squared, exponent == 0 ? 0.0 : 1 - 1e-12);
  }
}

// By hand on the logarithms x = 0, 1, 2 and y = 0, 1, 1: slope 1/2, residual 1/6, standard error sqrt(1/12);
// t with one degree of freedom is 12.706.
TEST(PowerLaw, EqualsAHandComputedRegression) {
  const double e = std::exp(1.0);
  const PowerLaw law = fit_power_law(Points{{1, 1}, {e, e}, {e * e, e}}).value();
  EXPECT_NEAR(law.exponent.value, 0.5, 1e-12);
  EXPECT_NEAR(law.standard_error, std::sqrt(1.0 / 12), 1e-12);
  EXPECT_NEAR(law.exponent.high - 0.5, 12.7062 * std::sqrt(1.0 / 12), 1e-4);
  EXPECT_NEAR(0.5 - law.exponent.low, 12.7062 * std::sqrt(1.0 / 12), 1e-4);
  EXPECT_NEAR(law.r_squared, 0.75, 1e-12);
}

TEST(PowerLaw, SaysWhenThereIsTooLittleToFit) {
  EXPECT_FALSE(fit_power_law(Points{{1, 1}, {2, 2}}));
  EXPECT_FALSE(fit_power_law(Points{{2, 1}, {2, 2}, {2, 3}}));
  EXPECT_FALSE(fit_power_law(Points{{1, 1}, {2, 0}, {4, 3}}));
  EXPECT_FALSE(fit_power_law(Points{{0, 1}, {2, 1}, {4, 3}}));
  EXPECT_FALSE(fit_power_law(Points{{1, 1}, {2, NAN}, {4, 3}}));
}

TEST(UniversalScalability, RecoversKnownParameters) {
  for (const double sigma : {0.0, 0.02, 0.3}) {
    for (const double kappa : {0.0, 1e-6, 0.0005, 0.01}) {
      const UniversalScalability law = fit_universal_scalability(synthetic(1000, sigma, kappa)).value();
      EXPECT_NEAR(law.lambda, 1000, 1e-5) << sigma << ' ' << kappa;
      EXPECT_NEAR(law.sigma, sigma, 1e-8) << sigma << ' ' << kappa;
      EXPECT_NEAR(law.kappa, kappa, 1e-9) << sigma << ' ' << kappa;
      EXPECT_GT(law.r_squared, 1 - 1e-9);
      ASSERT_EQ(law.peak.has_value(), kappa > 0) << sigma << ' ' << kappa;
      if (kappa > 0) {
        EXPECT_NEAR(*law.peak, std::sqrt((1 - sigma) / kappa), 0.01) << sigma << ' ' << kappa;
      }
    }
  }
}

TEST(UniversalScalability, NoiseMovesTheParametersOnlyALittle) {
  Random random(5);
  Points points;
  for (int repeat = 0; repeat < 20; ++repeat) {
    for (FitPoint point : synthetic(1000, 0.05, 0.0005)) {
      point.y *= 0.95 + 0.1 * random.unit();
      points.push_back(point);
    }
  }
  const UniversalScalability law = fit_universal_scalability(points).value();
  EXPECT_NEAR(law.sigma, 0.05, 0.01);
  EXPECT_NEAR(law.kappa, 0.0005, 0.00005);
  EXPECT_NEAR(law.peak.value(), std::sqrt(0.95 / 0.0005), 4);
}

// Superlinear growth would need sigma below 0, throughput that never falls kappa below 0.
TEST(UniversalScalability, ParametersNeverFallBelowZero) {
  Points superlinear;
  Points flattening;
  for (const double n : kSizes) {
    superlinear.push_back({n, std::pow(n, 1.2)});
    flattening.push_back({n, std::pow(n, 0.3)});
  }
  const UniversalScalability up = fit_universal_scalability(superlinear).value();
  EXPECT_EQ(up.sigma, 0.0);
  EXPECT_EQ(up.kappa, 0.0);
  EXPECT_FALSE(up.peak.has_value());
  const UniversalScalability flat = fit_universal_scalability(flattening).value();
  EXPECT_GT(flat.sigma, 0.0);
  EXPECT_EQ(flat.kappa, 0.0);
}

TEST(UniversalScalability, ThroughputThatOnlyFallsPeaksAtOne) {
  EXPECT_EQ(fit_universal_scalability(synthetic(1000, 1.5, 0.1)).value().peak, 1.0);
  EXPECT_EQ(fit_universal_scalability(synthetic(1000, 0.0, 2.0)).value().peak, 1.0);
}

TEST(UniversalScalability, SaysWhenTheLawCannotBeFitted) {
  EXPECT_FALSE(fit_universal_scalability(Points{{1, 1}, {2, 2}, {3, 2}, {3, 2.1}}));  // three different N
  EXPECT_FALSE(fit_universal_scalability(Points{{0, 1}, {2, 2}, {3, 2}, {4, 2}}));
  EXPECT_FALSE(fit_universal_scalability(Points{{1, 1}, {2, 0}, {3, 2}, {4, 2}}));
  Points collapse;  // the law falls no faster than 1 / N
  for (const double n : {10, 11, 12, 13}) collapse.push_back({n, std::pow(n, -6.0)});
  EXPECT_FALSE(fit_universal_scalability(collapse));
}

}  // namespace
}  // namespace paxoscope
