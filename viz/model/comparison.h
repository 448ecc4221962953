// Two to four clusters side by side: the same seed, network and time axis, each with its own strategy.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/error.h"
#include "viz/model/live.h"
#include "viz/model/meters.h"

namespace paxoscope::viz {

struct ComparedCluster {
  std::string name;  // its strategy
  Meters meters;
};

struct ComparisonSummary {
  std::vector<ComparedCluster> clusters;
  std::string difference;  // in one or two sentences
};

// Not thread-safe.
class Comparison {
 public:
  static constexpr std::size_t kMost = 4;

  // One cluster for each strategy, of an experiment in virtual time; all else is the same. Fails on fewer than two or
  // more than four, and on what LiveSource::start refuses.
  static Expected<std::unique_ptr<Comparison>> start(const Experiment& experiment,
                                                     const std::vector<std::string>& strategies);

  std::size_t size() const { return clusters_.size(); }
  LiveSource& cluster(std::size_t i) { return *clusters_[i]; }
  const LiveSource& cluster(std::size_t i) const { return *clusters_[i]; }
  void reach(Nanos at);

  // What each came to between two times, and how they differ.
  ComparisonSummary summary(Nanos from, Nanos to) const;

 private:
  std::vector<std::unique_ptr<LiveSource>> clusters_;
};

}  // namespace paxoscope::viz
