// equal_jitter: e/2 + U(0, e/2), e = min(cap, base * 2^k).
// Source: Marc Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015; TiKV's client.
// How it fails: nobody comes back before e/2, so that is an idle floor.
#pragma once

#include "core/backoff/strategy.h"

namespace paxoscope {

// Parameters: base > 0, cap >= base, reset.
class EqualJitter final : public ExponentialStrategy {
 public:
  explicit EqualJitter(Parameters parameters) : ExponentialStrategy(std::move(parameters)) {}

  Nanos wait(std::uint32_t k, const RetryContext& context, Random& random) const override {
    const Nanos longest = exponential(k, context);
    return draw_wait(random, longest / 2, longest);
  }
};

}  // namespace paxoscope
