#include "core/experiment/answers.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace paxoscope {

namespace {

// How good a point is, for a correlation: cut-off points are all the worst.
double merit(const ComparisonPoint& point, const RankBy& by) {
  const double value = point.figure(*by.metric).value;
  if (point.cut_off > 0 || !std::isfinite(value)) return -std::numeric_limits<double>::max();
  return by.more_is_better ? value : -value;
}

}  // namespace

Cliff find_cliff(Points by_wait, const ComparisonPoint& alone) {
  const Metric& first = *find_metric("first_decision_us");
  Cliff cliff;
  cliff.uncontended_us = alone.figure(first).value;
  for (const ComparisonPoint* point : by_wait) cliff.first_decision_us.push_back(point->figure(first));
  for (std::size_t i = by_wait.size(); i-- > 0;) {
    const bool soon = cliff.first_decision_us[i].value <= (1 + kCliffTolerance) * cliff.uncontended_us;
    if (!soon || by_wait[i]->livelocks > 0) break;
    cliff.smallest = i;
  }
  return cliff;
}

std::vector<Priced> price(Points points) {
  std::vector<Priced> priced;
  for (const ComparisonPoint* point : points) {
    if (point->samples.empty() || point->cut_off > 0) continue;
    priced.push_back({point, point->figure(*find_metric("ballots_total")), point->figure(*find_metric("all_done_us"))});
  }
  std::stable_sort(priced.begin(), priced.end(), [](const Priced& a, const Priced& b) {
    if (a.ballots.value != b.ballots.value) return a.ballots.value < b.ballots.value;
    return a.completion_us.value < b.completion_us.value;
  });
  double best = std::numeric_limits<double>::infinity();
  for (Priced& p : priced) {
    p.on_front = p.completion_us.value < best;
    best = std::min(best, p.completion_us.value);
  }
  return priced;
}

Scaling fit_scaling(Points by_proposers) {
  const Experiment& any = by_proposers.front()->experiment;
  const bool duel = any.engine == Engine::simulation && any.operations_max > 0;
  const Metric* price = find_metric(duel ? "ballots_total" : "ballots_per_decision");
  const Metric* speed = find_metric(duel ? "operations_per_s" : "decisions_per_s");
  std::vector<FitPoint> ballots, throughput;
  std::uint32_t peak = 0;
  double most = 0;
  for (const ComparisonPoint* point : by_proposers) {
    if (point->cut_off > 0) continue;
    const double n = point->experiment.proposers;
    ballots.push_back({n, point->figure(*price).value});
    throughput.push_back({n, point->figure(*speed).value});
    if (throughput.back().y > most) {
      most = throughput.back().y;
      peak = point->experiment.proposers;
    }
  }
  return {price, speed, fit_power_law(ballots), fit_universal_scalability(throughput), peak};
}

Agreement compare_engines(Points threads, Points simulation, const RankBy& by) {
  const std::vector<RankedPoint> on_threads = rank(threads, by), in_simulation = rank(simulation, by);
  std::vector<Agreement::Pair> pairs;
  std::vector<double> a, b;
  for (const RankedPoint& ranked : in_simulation) {
    const auto other = std::find_if(on_threads.begin(), on_threads.end(), [&](const RankedPoint& r) {
      return r.point->experiment.strategy == ranked.point->experiment.strategy;
    });
    if (other == on_threads.end()) continue;
    pairs.push_back({other->point, ranked.point, other->rank, ranked.rank});
    a.push_back(merit(*other->point, by));
    b.push_back(merit(*ranked.point, by));
  }
  return {std::move(pairs), kendall_tau(a, b)};
}

}  // namespace paxoscope
