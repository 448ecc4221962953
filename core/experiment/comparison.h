// A comparison: many experiments, each repeated. On threads the repetitions come in random order, so that a drift of
// the machine spreads over all points instead of favouring one; in virtual time all points see the same seeds
// (ensemble.h).
#pragma once

#include <cstdint>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "core/experiment/metrics.h"
#include "core/experiment/report.h"
#include "core/stats/interval.h"

namespace paxoscope {

struct ComparisonPlan {
  std::vector<Experiment> points;  // at least one, of either engine
  std::uint32_t repetitions = 5;   // of each point on threads, 1 .. 10000
  std::uint32_t seeds = 200;       // of each point in virtual time: its seed, seed + 1, ...; 1 .. 10000000
};

// One experiment: what its repetitions showed.
struct ComparisonPoint {
  Experiment experiment;
  Nanos round_trip = 0;  // R
  std::uint32_t threads = 0;
  bool oversubscribed = false;
  std::vector<std::vector<double>> samples;                   // by repetition, by metric, in the order of metrics()
  Histogram chosen, first_learner, every_learner, operation;  // of all repetitions, merged
  std::uint64_t decisions = 0;
  std::uint64_t livelocks = 0;  // repetitions that ended at rounds_max
  std::string livelock;         // the first of them, in words
  std::uint64_t cut_off = 0;    // repetitions that ended before all operations_max were done: livelocks and timeouts

  void add(const Report& report);  // one more repetition
  // The mean over the repetitions with its 95% interval; for a percentile the value is that of the merged histogram.
  Estimate figure(const Metric& metric) const;
};

struct Comparison {
  ComparisonPlan plan;
  std::vector<ComparisonPoint> points;  // in the plan's order; some without samples when it was interrupted
  StopReason stop = StopReason::time;   // time: complete; interrupted; violation
  std::string violation;                // in words
  std::optional<Experiment> failing;  // in virtual time: what broke the rule, with its seed, to be replayed (replay.h)
};

struct ComparisonProgress {
  std::string now;      // what is running, in words
  double fraction = 0;  // of the whole, 0 .. 1
};

// Called from any of the threads that run it; progress one call at a time.
struct ComparisonControl {
  std::function<bool()> interrupted;
  std::function<void(const ComparisonProgress&)> progress;
};

// Blocks until done; ends early on an interruption or a violation, with what there is by then. R is measured once for
// all points on threads.
Expected<Comparison> compare(const ComparisonPlan& plan, const ComparisonControl& control = {});

nlohmann::json to_json(const Estimate& estimate);  // value, low, high
nlohmann::json to_json(const Comparison& comparison);
// One line per point and repetition; the columns are documented in bench/SCHEMA.md.
std::string to_csv(const Comparison& comparison);

}  // namespace paxoscope
