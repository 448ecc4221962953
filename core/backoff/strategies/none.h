// none: retry at once.
// Source: paxoskv, as most teaching code.
// How it fails: livelock. Two proposers in step preempt each other for ever.
#pragma once

#include "core/backoff/strategy.h"

namespace paxoscope {

class None final : public Strategy {
 public:
  explicit None(Parameters parameters) : Strategy(std::move(parameters)) {}

  Retry on_preempted(const RetryContext&, Random&) override { return {}; }
};

}  // namespace paxoscope
