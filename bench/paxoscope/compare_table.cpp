#include "bench/paxoscope/compare_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <span>
#include <string_view>
#include <vector>

#include "bench/paxoscope/experiment_options.h"
#include "bench/paxoscope/labels.h"
#include "bench/paxoscope/table.h"
#include "core/counted.h"

namespace paxoscope::cli {

namespace {

struct Shown {
  std::string_view metric;
  std::string_view heading;
  std::string_view unit;  // "R": the figure, in microseconds, is shown as a multiple of R
};

// What decides a choice; the rest is in the JSON and CSV. First of a run that lasts some time.
constexpr auto kLoop = std::to_array<Shown>({
    {"decisions_per_s", "decisions", "/s"},
    {"ballots_per_decision", "ballots", "/dec"},
    {"messages_per_decision", "messages", "/dec"},
    {"preempted_phase1", "lost p1", "/dec"},
    {"preempted_phase2", "lost p2", "/dec"},
    {"wasted_percent", "wasted", "%"},
    {"chosen_p50_us", "chosen p50", "us"},
    {"chosen_p99_us", "p99", "us"},
    {"operation_p99_us", "operation p99", "us"},
    {"jain_wins", "fairness", "Jain"},
    {"losing_streak", "streak", "ops"},
    {"longest_silence_ms", "silence", "ms"},
    {"backing_off_percent", "backing off", "%"},
});

// Of a run that ends when every proposer has done so many operations.
constexpr auto kDuel = std::to_array<Shown>({
    {"all_done_us", "completion", "R"},
    {"first_decision_us", "first", "R"},
    {"ballots_total", "ballots", ""},
    {"messages_total", "messages", ""},
    {"preempted_phase1", "lost p1", "/dec"},
    {"preempted_phase2", "lost p2", "/dec"},
    {"wasted_percent", "wasted", "%"},
    {"operation_p50_us", "learned p50", "R"},
    {"operation_p99_us", "p99", "R"},
    {"jain_times", "fairness", "of times"},
    {"waiting_percent", "waiting", "%"},
    {"backing_off_percent", "backing off", "%"},
});

struct Scale {
  double factor = 1;
  std::string cell(double value) const { return short_number(value * factor); }
  std::string around(const Estimate& e) const {
    return std::isfinite(e.high) ? fmt::format("±{}", short_number((e.high - e.low) / 2 * factor)) : "±?";
  }
};

Scale scale(const Shown& shown, const ComparisonPoint& point) {
  return {shown.unit == "R" ? 1e3 / static_cast<double>(point.round_trip) : 1.0};
}

// The deciding figure comes first; it may be one that is not shown otherwise.
std::vector<Shown> columns_for(const ComparisonPoint& point, const RankBy& by) {
  const bool duel = point.experiment.engine == Engine::simulation && point.experiment.operations_max > 0;
  const std::span<const Shown> usual = duel ? std::span<const Shown>(kDuel) : std::span<const Shown>(kLoop);
  std::vector<Shown> columns(usual.begin(), usual.end());
  const auto decides =
      std::find_if(columns.begin(), columns.end(), [&](const Shown& s) { return s.metric == by.metric->name; });
  if (decides == columns.end()) {
    columns.insert(columns.begin(), {by.metric->name, by.metric->name, by.metric->unit});
  } else {
    std::rotate(columns.begin(), decides, decides + 1);
  }
  return columns;
}

std::string name_cell(const Comparison& comparison, const ComparisonPoint& point) {
  std::string name = strategy_label(comparison, point.experiment);
  if (point.livelocks > 0) name += fmt::format(" (livelock x{})", point.livelocks);
  if (point.cut_off > point.livelocks) name += fmt::format(" (cut off x{})", point.cut_off - point.livelocks);
  return name;
}

std::string group_table(const Comparison& comparison, const Group& group, const RankBy& by) {
  const ComparisonPoint& any = *group.points.front();
  const bool virtual_time = any.experiment.engine == Engine::simulation;
  const std::vector<Shown> shown = columns_for(any, by);
  std::vector<Table::Column> columns{{"rank", ""}, {"strategy", "", true}};
  const auto add = [&](std::string_view heading, std::string_view unit) {
    columns.push_back({std::string(heading), std::string(unit)});
  };
  add(shown.front().heading, shown.front().unit);
  add("", "95%");
  if (virtual_time) add("behind best", shown.front().unit);
  if (virtual_time) add("", "95%");
  for (std::size_t i = 1; i < shown.size(); ++i) add(shown[i].heading, shown[i].unit);
  Table table(columns);
  for (const RankedPoint& row : rank(group.points, by)) {
    const Scale first = scale(shown.front(), *row.point);
    std::vector<std::string> cells{fmt::format("{}{}", row.rank, row.point->oversubscribed ? "*" : " "),
                                   name_cell(comparison, *row.point), first.cell(row.figure.value),
                                   first.around(row.figure)};
    if (virtual_time) {
      const bool best = row.behind.value == 0;
      cells.push_back(best ? "" : first.cell(row.behind.value));
      cells.push_back(best ? "" : first.around(row.behind));
    }
    for (std::size_t i = 1; i < shown.size(); ++i) {
      const Estimate figure = row.point->figure(*find_metric(shown[i].metric));
      cells.push_back(scale(shown[i], *row.point).cell(figure.value));
    }
    table.add(cells);
  }
  return table.to_string();
}

}  // namespace

std::string compare_table(const Comparison& comparison, const std::optional<RankBy>& by) {
  std::string out;
  for (const Group& group : groups(comparison)) {
    const ComparisonPoint& any = *group.points.front();
    const bool oversubscribed =
        std::any_of(group.points.begin(), group.points.end(), [](const auto* point) { return point->oversubscribed; });
    out += group.title;
    if (oversubscribed) {
      out += fmt::format("   * more threads ({}) than cores ({}): the OS scheduler is part of this", any.threads,
                         this_machine().cores);
    }
    out += "\n" + group_table(comparison, group, by.value_or(RankBy::usual(any.experiment))) + "\n";
  }
  return out;
}

std::string comparison_header(const Comparison& comparison) {
  std::string out;
  for (const Engine engine : {Engine::threads, Engine::wire, Engine::simulation}) {
    const auto first = std::find_if(comparison.points.begin(), comparison.points.end(),
                                    [&](const ComparisonPoint& point) { return point.experiment.engine == engine; });
    if (first == comparison.points.end()) continue;
    const bool real_time = engine != Engine::simulation;
    const std::set<std::string> varied = varied_members(comparison, engine);
    std::set<std::string_view> unsaid{"strategy", "proposers"};
    unsaid.insert(varied.begin(), varied.end());
    fmt::format_to(std::back_inserter(out), "{}\n", describe(first->experiment, unsaid));
    fmt::format_to(std::back_inserter(out), "R = {}; {}; {}, {} cores; paxoscope {} ({}).\n",
                   shown_round_trip(first->round_trip),
                   real_time ? counted(comparison.plan.repetitions, "repetition") + " in random order"
                             : counted(comparison.plan.seeds, "seed") + ", the same for all",
                   this_machine().cpu, this_machine().cores, this_machine().version, this_machine().commit);
    out += real_time
               ? "Strategies whose 95% intervals overlap share a rank.\n"
               : "Strategies share a rank unless the 95% interval of their difference, seed by seed, excludes 0.\n";
  }
  const bool has_none = std::any_of(comparison.points.begin(), comparison.points.end(), [](const auto& point) {
    return point.experiment.engine == Engine::simulation && point.experiment.strategy == "none";
  });
  if (has_none) out += "In virtual time yield equals none.\n";
  return out + "\n";
}

}  // namespace paxoscope::cli
