// How a measure grows with the number of proposers: laws fitted by least squares. Pure functions.
#pragma once

#include <optional>
#include <span>

#include "core/error.h"
#include "core/stats/interval.h"

namespace paxoscope {

struct FitPoint {
  double x = 0;
  double y = 0;
};

// y = factor * x^exponent.
struct PowerLaw {
  double factor = 0;
  Estimate exponent;          // 95 % interval by Student's t with n - 2 degrees of freedom
  double standard_error = 0;  // of the exponent
  double r_squared = 0;       // of the logarithms: the share of their variance that the line explains, 0 .. 1
};

// A straight line through the logarithms. An error unless there are three points, two different x, and every x
// and y is above 0 and finite.
Expected<PowerLaw> fit_power_law(std::span<const FitPoint> points);

// Throughput X(N) = lambda * N / (1 + sigma * (N - 1) + kappa * N * (N - 1)).
// Gunther: "Guerrilla Capacity Planning", 2007; "A general theory of computational scalability based on
// rational functions", arXiv:0808.1431.
struct UniversalScalability {
  double lambda = 0;           // throughput of one, > 0
  double sigma = 0;            // contention: the serial share, >= 0
  double kappa = 0;            // coherency: the cost of agreeing pair by pair, >= 0
  std::optional<double> peak;  // the N of highest throughput, >= 1: sqrt((1 - sigma) / kappa); none where
                               // throughput never falls. A peak beyond the largest measured N is a guess.
  double r_squared = 0;        // of the throughput; below 0 where the fit is worse than the mean

  double throughput(double n) const { return lambda * n / (1 + sigma * (n - 1) + kappa * n * (n - 1)); }
};

// x = N >= 1, y = throughput > 0. The law is linear in 1/lambda, sigma/lambda, kappa/lambda once turned over to
// N / X(N); every point is weighted by its own X/N, so that relative errors count alike. Sigma and kappa are kept
// from falling below 0. An error for fewer than four different N (the law has three parameters), or for
// throughput that falls too fast for any lambda.
Expected<UniversalScalability> fit_universal_scalability(std::span<const FitPoint> points);

}  // namespace paxoscope
