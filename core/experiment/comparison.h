// A comparison: one experiment for every strategy and number of proposers, repeated in random order, so that a drift of
// the machine spreads over all of them instead of favouring one.
#pragma once

#include <cstdint>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "core/experiment/metrics.h"
#include "core/experiment/report.h"
#include "core/stats/interval.h"

namespace paxoscope {

struct ComparisonPlan {
  Experiment base;                       // strategy and proposers are replaced point by point
  std::vector<std::string> strategies;   // at least one
  std::vector<std::uint32_t> proposers;  // at least one
  std::uint32_t repetitions = 3;         // of each point, 1 .. 10000
};

// One strategy with one number of proposers: what its repetitions showed.
struct ComparisonPoint {
  Experiment experiment;
  std::uint32_t threads = 0;
  bool oversubscribed = false;
  std::vector<std::vector<double>> samples;                   // by repetition, by metric, in the order of metrics()
  Histogram chosen, first_learner, every_learner, operation;  // of all repetitions, merged
  std::uint64_t decisions = 0;
  std::uint64_t livelocks = 0;  // repetitions that ended at rounds_max
  std::string livelock;         // the first of them, in words

  void add(const Report& report);  // one more repetition
  // The mean over the repetitions with its 95% interval; for a percentile the value is that of the merged histogram.
  Estimate figure(const Metric& metric) const;
};

struct Comparison {
  ComparisonPlan plan;
  Nanos round_trip = 0;                 // R; 0 when it was interrupted before it was known
  std::vector<ComparisonPoint> points;  // by strategy, then by proposers, in the plan's order; some without samples
                                        // when it was interrupted
  StopReason stop = StopReason::time;   // time: complete; interrupted; violation
  std::string violation;
};

struct ComparisonProgress {
  std::size_t runs_done = 0;
  std::size_t runs = 0;
  const Experiment* now = nullptr;  // what is running
  double fraction = 0;              // of the whole, 0 .. 1
};

struct ComparisonControl {
  std::function<bool()> interrupted;
  std::function<void(const ComparisonProgress&)> progress;
};

// Blocks until done; ends early on an interruption or a violation, with what there is by then.
Expected<Comparison> compare(const ComparisonPlan& plan, const ComparisonControl& control = {});

// Seconds that the runs will take, without start and stop.
double planned_seconds(const ComparisonPlan& plan);

nlohmann::json to_json(const Comparison& comparison);
// One line per point and repetition; the columns are documented in bench/SCHEMA.md.
std::string to_csv(const Comparison& comparison);

}  // namespace paxoscope
