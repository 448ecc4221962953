// proportional_jitter: b * U(1 - jitter, 1 + jitter), b = min(cap, base * factor^(k-1)).
// As in the source the jitter comes after the cap, so a wait may exceed cap by that much.
// Source: gRPC, "Connection Backoff Protocol" (doc/connection-backoff.md): factor 1.6, jitter 0.2.
// How it fails: nearly in step while b is small, for the jitter is small too.
#pragma once

#include "core/backoff/strategy.h"

namespace paxoscope {

// Parameters: base > 0, cap >= base, factor 1 .. 10, jitter 0 .. 1, reset.
class ProportionalJitter final : public CountingStrategy {
 public:
  explicit ProportionalJitter(Parameters parameters)
      : CountingStrategy(std::move(parameters)),
        base_(parameters_.positive_duration("base")),
        cap_(parameters_.duration_from("cap", "base", base_)),
        factor_(parameters_.number("factor", 1, 10)),
        jitter_(parameters_.number("jitter", 0, 1)) {}

  Nanos wait(std::uint32_t k, const RetryContext& context, Random& random) const override {
    const auto base = static_cast<double>(base_.of(context.round_trip));
    if (base == 0) {
      return 0;  // base rounded down to nothing; 0 * infinity would be NaN
    }
    const double grown = std::min(static_cast<double>(cap_.of(context.round_trip)), base * power(factor_, k - 1));
    return draw_wait(random, clamp_wait_real(grown * (1 - jitter_)), clamp_wait_real(grown * (1 + jitter_)));
  }

 private:
  Duration base_;
  Duration cap_;
  double factor_;
  double jitter_;
};

}  // namespace paxoscope
