#include "viz/model/comparison.h"

#include <fmt/format.h>

#include <algorithm>

#include "viz/model/text.h"

namespace paxoscope::viz {

namespace {

std::string difference(const std::vector<ComparedCluster>& clusters) {
  const auto by_rate = [](const ComparedCluster& a, const ComparedCluster& b) {
    return a.meters.decisions < b.meters.decisions;
  };
  const auto [least, most] = std::minmax_element(clusters.begin(), clusters.end(), by_rate);
  if (most->meters.decisions == 0) return "Nobody has decided anything yet.";
  if (least->meters.decisions == most->meters.decisions) {
    const auto by_ballots = [](const ComparedCluster& a, const ComparedCluster& b) {
      return a.meters.ballots < b.meters.ballots;
    };
    const auto [fewest, highest] = std::minmax_element(clusters.begin(), clusters.end(), by_ballots);
    if (fewest->meters.ballots == highest->meters.ballots) return "So far they are level.";
    return fmt::format("All decided {}; {} took {} ballots for it, {} took {}.", count_text(most->meters.decisions),
                       fewest->name, count_text(fewest->meters.ballots), highest->name,
                       count_text(highest->meters.ballots));
  }
  const std::string rates = fmt::format("{} decided {}, {} only {}", most->name, count_text(most->meters.decisions),
                                        least->name, count_text(least->meters.decisions));
  const double ballots = most->meters.ballots_per_decision, other = least->meters.ballots_per_decision;
  if (other <= 0) return rates + ".";
  return fmt::format("{}: {:.1f} and {:.1f} ballots each.", rates, ballots, other);
}

}  // namespace

Expected<std::unique_ptr<Comparison>> Comparison::start(const Experiment& experiment,
                                                        const std::vector<std::string>& strategies) {
  if (strategies.size() < 2 || strategies.size() > kMost) {
    return fail(fmt::format("{} strategies to compare; allowed: 2 to {}", strategies.size(), kMost));
  }
  auto comparison = std::make_unique<Comparison>();
  for (const std::string& strategy : strategies) {
    Experiment one = experiment;
    one.strategy = strategy;
    auto cluster = LiveSource::start(one);
    if (!cluster) return tl::unexpected(cluster.error());
    comparison->clusters_.push_back(std::move(*cluster));
  }
  return comparison;
}

void Comparison::reach(Nanos at) {
  for (const auto& cluster : clusters_) cluster->reach(at);
}

ComparisonSummary Comparison::summary(Nanos from, Nanos to) const {
  ComparisonSummary summary;
  for (const auto& cluster : clusters_) {
    summary.clusters.push_back({cluster->experiment().strategy, measure(cluster->take().history, from, to)});
  }
  summary.difference = difference(summary.clusters);
  return summary;
}

}  // namespace paxoscope::viz
