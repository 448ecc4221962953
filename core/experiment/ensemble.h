// Many seeds of the same experiments in virtual time, spread over the cores. The outcome depends on the seeds alone and
// not on which core was faster. All points see the same seeds, and under one seed the same network and the same load,
// so what they differ by is paired: its interval is far narrower than the intervals of the two.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/experiment/comparison.h"

namespace paxoscope {

struct EnsemblePlan {
  std::vector<Experiment> points;  // at least one, all of engine simulation; seed is the first of each
  std::uint32_t seeds = 200;       // seed, seed + 1, ...; 1 .. 10,000,000
  std::uint32_t threads = 0;       // 0: as many as there are cores
};

struct Ensemble {
  std::vector<ComparisonPoint> points;    // in the plan's order; samples by seed
  StopReason stop = StopReason::time;     // time: complete; interrupted: up to the seeds that were done; violation
  std::string failure;                    // what went wrong under the lowest failing seed, in words
  std::optional<Experiment> failing;      // what failed, with its seed: replay.h makes a command of it
  std::vector<std::uint64_t> trace_hash;  // by point: over all its runs
};

// Both are called from the threads that run it, the second one call at a time.
struct EnsembleControl {
  std::function<bool()> interrupted;                                    // true: stop soon; may be empty
  std::function<void(std::uint32_t done, std::uint32_t all)> progress;  // seeds; may be empty
};

// Blocks until done. Ends early at the first failing seed (every lower one is complete then) or an interruption. An
// error when the plan is invalid.
Expected<Ensemble> run_ensemble(const EnsemblePlan& plan, const EnsembleControl& control = {});

// The mean of a's figure minus b's under the same seed, over the seeds for which both have one.
Estimate paired_difference(const ComparisonPoint& a, const ComparisonPoint& b, const Metric& metric);

}  // namespace paxoscope
