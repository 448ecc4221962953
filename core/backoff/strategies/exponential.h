// exponential: e = min(cap, base * 2^k).
// Source: TCP's retransmission timer (RFC 6298, section 5.5); exponential-backoff CAS (arXiv 1305.5800).
// How it fails: without chance in it, equals stay in step; then all of them idle at the cap.
#pragma once

#include "core/backoff/strategy.h"

namespace paxoscope {

// Parameters: base > 0, cap >= base, reset.
class Exponential final : public ExponentialStrategy {
 public:
  explicit Exponential(Parameters parameters) : ExponentialStrategy(std::move(parameters)) {}

  Nanos wait(std::uint32_t k, const RetryContext& context, Random&) const override { return exponential(k, context); }
};

}  // namespace paxoscope
