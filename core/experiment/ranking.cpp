#include "core/experiment/ranking.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "core/experiment/ensemble.h"

namespace paxoscope {

namespace {

struct Direction {
  std::string_view metric;
  bool more_is_better;
};

constexpr auto kDirections = std::to_array<Direction>({
    {"decisions_per_s", true},
    {"operations_per_s", true},
    {"all_done_us", false},
    {"first_decision_us", false},
    {"ballots_total", false},
    {"ballots_per_decision", false},
    {"messages_total", false},
    {"messages_per_decision", false},
    {"wasted_percent", false},
    {"chosen_p50_us", false},
    {"chosen_p99_us", false},
    {"operation_p50_us", false},
    {"operation_p99_us", false},
    {"jain_wins", true},
    {"jain_times", true},
    {"longest_silence_ms", false},
    {"livelock_percent", false},
});

bool in_virtual_time(const ComparisonPoint& point) {
  return point.experiment.engine == Engine::simulation;
}

Estimate difference(const RankedPoint& a, const RankedPoint& b, const Metric& metric) {
  if (in_virtual_time(*a.point) && in_virtual_time(*b.point)) return paired_difference(*a.point, *b.point, metric);
  // Of independent means: their errors add up in squares.
  const double value = a.figure.value - b.figure.value;
  const double half = std::hypot(a.figure.high - a.figure.value, b.figure.high - b.figure.value);
  return {value, value - half, value + half, std::min(a.figure.count, b.figure.count)};
}

bool whole(const RankedPoint& ranked) {
  return ranked.point->cut_off == 0 && std::isfinite(ranked.figure.value);
}

bool same(const RankedPoint& a, const RankedPoint& b, const Metric& metric) {
  if (!whole(a) || !whole(b)) return whole(a) == whole(b);
  if (!in_virtual_time(*a.point)) return overlap(a.figure, b.figure);
  const Estimate apart = difference(a, b, metric);
  return !(apart.low > 0 || apart.high < 0);
}

}  // namespace

RankBy RankBy::usual(const Experiment& experiment) {
  const bool bounded = experiment.engine == Engine::simulation && experiment.operations_max > 0;
  return parse_rank_by(bounded ? "all_done_us" : "decisions_per_s").value();
}

Expected<RankBy> parse_rank_by(std::string_view metric) {
  std::string allowed;
  for (const Direction& direction : kDirections) {
    if (direction.metric == metric) return RankBy{find_metric(metric), direction.more_is_better};
    fmt::format_to(std::back_inserter(allowed), "{}{}", allowed.empty() ? "" : ", ", direction.metric);
  }
  return fail(fmt::format("\"{}\" does not rank; allowed: {}", metric, allowed));
}

std::vector<RankedPoint> rank(std::span<const ComparisonPoint* const> points, const RankBy& by) {
  std::vector<RankedPoint> ranked;
  for (const ComparisonPoint* point : points) {
    if (!point->samples.empty()) ranked.push_back({point, 0, point->figure(*by.metric), {}});
  }
  std::stable_sort(ranked.begin(), ranked.end(), [&](const RankedPoint& a, const RankedPoint& b) {
    if (!whole(a) || !whole(b)) return whole(a) && !whole(b);
    return by.more_is_better ? a.figure.value > b.figure.value : a.figure.value < b.figure.value;
  });
  std::size_t leader = 0;
  for (std::size_t i = 0; i < ranked.size(); ++i) {
    if (!same(ranked[leader], ranked[i], *by.metric)) leader = i;
    ranked[i].rank = leader + 1;
    ranked[i].behind = difference(ranked[i], ranked.front(), *by.metric);
  }
  return ranked;
}

}  // namespace paxoscope
