// linear: min(cap, step * k).
// Source: polynomial backoff; Bender et al., "Adversarial Contention Resolution for Simple Channels", SPAA 2005.
// How it fails: it spreads too slowly when many collide, and who lost equally often stays in step.
#pragma once

#include "core/backoff/strategy.h"

namespace paxoscope {

// Parameters: step > 0, cap >= step, reset.
class Linear final : public CountingStrategy {
 public:
  explicit Linear(Parameters parameters)
      : CountingStrategy(std::move(parameters)),
        step_(parameters_.positive_duration("step")),
        cap_(parameters_.duration_from("cap", "step", step_)) {}

  Nanos wait(std::uint32_t k, const RetryContext& context, Random&) const override {
    return std::min(cap_.of(context.round_trip), clamp_wait(WideNanos{step_.of(context.round_trip)} * k));
  }

 private:
  Duration step_;
  Duration cap_;
};

}  // namespace paxoscope
