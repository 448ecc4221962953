// constant: the same wait every time.
// Source: Dice, Hendler, Mirsky, "Lightweight Contention Management for Efficient Compare-and-Swap Operations",
// arXiv 1305.5800 (constant-backoff CAS).
// How it fails: who collided once waits equally long and collides again; everyone stays in step.
#pragma once

#include "core/backoff/strategy.h"

namespace paxoscope {

// Parameters: wait >= 0, so that a sweep may begin at none.
class Constant final : public Strategy {
 public:
  explicit Constant(Parameters parameters) : Strategy(std::move(parameters)), wait_(parameters_.duration("wait")) {}

  Retry on_preempted(const RetryContext& context, Random&) override { return {.wait = wait_.of(context.round_trip)}; }

 private:
  Duration wait_;
};

}  // namespace paxoscope
