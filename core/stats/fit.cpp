#include "core/stats/fit.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <set>
#include <string>
#include <vector>

#include "core/stats/student_t.h"

namespace paxoscope {

namespace {

using Column = std::vector<double>;

std::size_t different_x(std::span<const FitPoint> points) {
  std::set<double> seen;
  for (const FitPoint& point : points) seen.insert(point.x);
  return seen.size();
}

bool finite_from(double lowest, double value) {
  return value >= lowest && std::isfinite(value);
}

double dot(const Column& a, const Column& b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

void subtract(Column& from, double factor, const Column& column) {
  for (std::size_t i = 0; i < from.size(); ++i) from[i] -= factor * column[i];
}

struct Solution {
  std::vector<double> coefficients;
  double residual = 0;  // sum of squares
};

// The combination of the columns nearest to the target, by modified Gram-Schmidt: unlike the normal equations it
// does not square the condition number, which matters with 1 and N^2 side by side.
Solution least_squares(std::vector<Column> columns, Column target) {
  const std::size_t n = columns.size();
  std::vector<Column> upper(n, Column(n, 0.0));
  std::vector<double> solution(n);
  for (std::size_t j = 0; j < n; ++j) {
    upper[j][j] = std::sqrt(dot(columns[j], columns[j]));
    for (double& x : columns[j]) x /= upper[j][j];
    for (std::size_t k = j + 1; k < n; ++k) {
      upper[j][k] = dot(columns[j], columns[k]);
      subtract(columns[k], upper[j][k], columns[j]);
    }
    solution[j] = dot(columns[j], target);
    subtract(target, solution[j], columns[j]);
  }
  for (std::size_t j = n; j-- > 0;) {
    for (std::size_t k = j + 1; k < n; ++k) solution[j] -= upper[j][k] * solution[k];
    solution[j] /= upper[j][j];
  }
  return {solution, dot(target, target)};
}

std::optional<double> peak_of(double sigma, double kappa) {
  if (sigma >= 1) return sigma > 1 || kappa > 0 ? std::optional(1.0) : std::nullopt;
  if (kappa <= 0) return std::nullopt;
  return std::max(1.0, std::sqrt((1 - sigma) / kappa));
}

double r_squared_of(const UniversalScalability& law, std::span<const FitPoint> points) {
  Moments measured;
  double residual = 0;
  for (const FitPoint& point : points) {
    measured.record(point.y);
    residual += std::pow(point.y - law.throughput(point.x), 2);
  }
  const double spread = measured.variance() * static_cast<double>(points.size() - 1);
  return spread > 0 ? 1 - residual / spread : 1.0;
}

}  // namespace

Expected<PowerLaw> fit_power_law(std::span<const FitPoint> points) {
  const auto n = static_cast<double>(points.size());
  if (points.size() < 3 || different_x(points) < 2) {
    return fail("power law: needs at least 3 points and 2 different x, got " + std::to_string(points.size()) + " and " +
                std::to_string(different_x(points)));
  }
  Moments log_x;
  Moments log_y;
  for (const FitPoint& point : points) {
    if (!(point.x > 0 && point.y > 0) || std::isinf(point.x) || std::isinf(point.y)) {
      return fail("power law: x and y must be above 0 and finite");
    }
    log_x.record(std::log(point.x));
    log_y.record(std::log(point.y));
  }
  double together = 0;
  for (const FitPoint& point : points) {
    together += (std::log(point.x) - log_x.mean()) * (std::log(point.y) - log_y.mean());
  }
  const double spread_x = log_x.variance() * (n - 1);
  const double spread_y = log_y.variance() * (n - 1);
  const double slope = together / spread_x;
  const double offset = log_y.mean() - slope * log_x.mean();
  double residual = 0;
  for (const FitPoint& point : points) {
    residual += std::pow(std::log(point.y) - offset - slope * std::log(point.x), 2);
  }
  PowerLaw law;
  law.factor = std::exp(offset);
  law.standard_error = std::sqrt(residual / (n - 2) / spread_x);
  const double margin = student_t_quantile(kConfidence, points.size() - 2) * law.standard_error;
  law.exponent = {slope, slope - margin, slope + margin, points.size()};
  law.r_squared = spread_y > 0 ? std::clamp(1 - residual / spread_y, 0.0, 1.0) : 1.0;
  return law;
}

Expected<UniversalScalability> fit_universal_scalability(std::span<const FitPoint> points) {
  if (different_x(points) < 4) {
    return fail("scalability law: needs at least 4 different N for its 3 parameters, got " +
                std::to_string(different_x(points)));
  }
  Column one;
  Column contention;
  Column coherency;
  for (const auto& [n, throughput] : points) {
    if (!finite_from(1, n) || !(throughput > 0) || std::isinf(throughput)) {
      return fail("scalability law: N must be at least 1, throughput above 0, both finite");
    }
    const double weight = throughput / n;
    one.push_back(weight);
    contention.push_back(weight * (n - 1));
    coherency.push_back(weight * n * (n - 1));
  }
  const Column target(points.size(), 1.0);
  // With so few bounds the constrained optimum is the best of the fits without sigma, kappa or both that keeps
  // within the bounds. The simplest comes first, and a term that gains no more than rounding is left at zero.
  const double rounding = 1e-18 * static_cast<double>(points.size());
  Solution best = least_squares({one}, target);
  best.coefficients = {best.coefficients[0], 0, 0};
  const auto consider = [&](double residual, double inverse_lambda, double sigma, double kappa) {
    if (sigma < 0 || kappa < 0 || residual + rounding >= best.residual) return;
    best = {{inverse_lambda, sigma, kappa}, residual};
  };
  const Solution serial = least_squares({one, contention}, target);
  consider(serial.residual, serial.coefficients[0], serial.coefficients[1], 0);
  const Solution pairwise = least_squares({one, coherency}, target);
  consider(pairwise.residual, pairwise.coefficients[0], 0, pairwise.coefficients[1]);
  const Solution full = least_squares({one, contention, coherency}, target);
  consider(full.residual, full.coefficients[0], full.coefficients[1], full.coefficients[2]);

  const double inverse_lambda = best.coefficients[0];
  if (!(inverse_lambda > 0)) return fail("scalability law: throughput falls too fast in N for any lambda above 0");
  UniversalScalability law;
  law.lambda = 1 / inverse_lambda;
  law.sigma = best.coefficients[1] * law.lambda;
  law.kappa = best.coefficients[2] * law.lambda;
  law.peak = peak_of(law.sigma, law.kappa);
  law.r_squared = r_squared_of(law, points);
  return law;
}

}  // namespace paxoscope
