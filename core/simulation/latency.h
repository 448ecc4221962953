// How long a message is on its way. One draw of a uniform number makes one latency, by inverting the distribution, so
// runs that share their draws stay comparable whatever the strategy; and every step is plain arithmetic, so it is the
// same on every machine.
#pragma once

#include <cstdint>
#include <memory>

#include "core/nanos.h"
#include "core/stats/sampler.h"

namespace paxoscope {

// The standard normal distribution's inverse; 0 < share < 1. Peter Acklam's rational approximation (2003), which is off
// by less than 1.2e-9 of the value.
double inverse_normal(double share);

// Immutable once made, so safe to share between threads.
class Latency {
 public:
  enum class Kind : std::uint8_t { constant, normal, lognormal, exponential, histogram };

  static Latency constant(Nanos nanos) { return {Kind::constant, static_cast<double>(nanos), 0}; }
  static Latency normal(double mean, double deviation) { return {Kind::normal, mean, deviation}; }  // cut at zero
  // sigma: the standard deviation of the logarithm. The median is mean * exp(-sigma^2 / 2).
  static Latency lognormal(double mean, double sigma);
  static Latency exponential(double mean) { return {Kind::exponential, mean, 0}; }
  // As measured. An error for an empty histogram.
  static Expected<Latency> measured(const Histogram& histogram);

  // unit: 0 <= unit < 1. Whole nanoseconds, >= 0.
  Nanos sample(double unit) const { return is_constant() ? constant_ : draw(unit); }
  bool is_constant() const { return kind_ == Kind::constant; }
  Kind kind() const { return kind_; }
  double mean() const { return mean_; }  // in ns; of a normal one as asked for, before the cut

 private:
  Latency(Kind kind, double mean, double spread)
      : kind_(kind), mean_(mean), spread_(spread), constant_(static_cast<Nanos>(mean)) {}
  Nanos draw(double unit) const;

  Kind kind_;
  double mean_;
  double spread_;
  Nanos constant_;
  std::shared_ptr<const Sampler> sampler_;
};

}  // namespace paxoscope
