#include "core/simulation/latency.h"

#include <algorithm>
#include <cmath>

#include "core/node/portable_math.h"

namespace paxoscope {

namespace {

constexpr double kShareMin = 0x1p-54;  // what a draw of 0 stands for: half of the smallest step

Nanos whole_nanos(double nanos) {
  const double up = std::clamp(nanos, 0.0, 1e15) + 0.5;  // to the nearest, and cheaper than std::lround
  return static_cast<Nanos>(up);
}

}  // namespace

double inverse_normal(double share) {
  if (share > 0.5) return -inverse_normal(1 - share);
  constexpr double kTail = 0.02425;
  if (share < kTail) {
    const double q = std::sqrt(-2 * portable_log(share));
    return (((((-7.784894002430293e-03 * q - 3.223964580411365e-01) * q - 2.400758277161838e+00) * q -
              2.549732539343734e+00) *
                 q +
             4.374664141464968e+00) *
                q +
            2.938163982698783e+00) /
           ((((7.784695709041462e-03 * q + 3.224671290700398e-01) * q + 2.445134137142996e+00) * q +
             3.754408661907416e+00) *
                q +
            1);
  }
  const double q = share - 0.5;
  const double r = q * q;
  return (((((-3.969683028665376e+01 * r + 2.209460984245205e+02) * r - 2.759285104469687e+02) * r +
            1.383577518672690e+02) *
               r -
           3.066479806614716e+01) *
              r +
          2.506628277459239e+00) *
         q /
         (((((-5.447609879822406e+01 * r + 1.615858368580409e+02) * r - 1.556989798598866e+02) * r +
            6.680131188771972e+01) *
               r -
           1.328068155288572e+01) *
              r +
          1);
}

Latency Latency::lognormal(double mean, double sigma) {
  return {Kind::lognormal, mean, sigma};
}

Expected<Latency> Latency::measured(const Histogram& histogram) {
  auto sampler = Sampler::from(histogram);
  if (!sampler) return tl::unexpected(sampler.error());
  Latency latency(Kind::histogram, static_cast<double>(histogram.total()) / static_cast<double>(histogram.count()), 0);
  latency.sampler_ = std::make_shared<const Sampler>(*std::move(sampler));
  return latency;
}

Nanos Latency::draw(double unit) const {
  const double share = std::max(unit, kShareMin);
  switch (kind_) {
    case Kind::constant: return constant_;
    case Kind::normal: return whole_nanos(mean_ + spread_ * inverse_normal(share));
    case Kind::lognormal:
      return whole_nanos(mean_ * portable_exp(spread_ * inverse_normal(share) - spread_ * spread_ / 2));
    case Kind::exponential: return whole_nanos(-mean_ * portable_log(1 - unit));
    case Kind::histogram: return sampler_->sample(unit);
  }
  return constant_;
}

}  // namespace paxoscope
