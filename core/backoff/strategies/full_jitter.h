// full_jitter: U(0, e), e = min(cap, base * 2^k).
// Source: Marc Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015; FoundationDB's clients.
// How it fails: a draw near zero comes back while the winner is still at work, and kills it.
#pragma once

#include "core/backoff/strategy.h"

namespace paxoscope {

// Parameters: base > 0, cap >= base, reset.
class FullJitter final : public ExponentialStrategy {
 public:
  explicit FullJitter(Parameters parameters) : ExponentialStrategy(std::move(parameters)) {}

  Nanos wait(std::uint32_t k, const RetryContext& context, Random& random) const override {
    return draw_wait(random, 0, exponential(k, context));
  }
};

}  // namespace paxoscope
