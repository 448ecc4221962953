#include "bench/paxoscope/compare_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "bench/paxoscope/table.h"

namespace paxoscope::cli {

namespace {

struct Shown {
  std::string_view metric;
  const char* heading;
  const char* unit;
};

// What decides a choice; the rest is in the JSON and CSV.
constexpr auto kShown = std::to_array<Shown>({
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

struct Row {
  const ComparisonPoint* point;
  Estimate decisions;
};

std::vector<Row> rows_for(const Comparison& comparison, std::uint32_t proposers) {
  const Metric& decisions = *find_metric("decisions_per_s");
  std::vector<Row> rows;
  for (const ComparisonPoint& point : comparison.points) {
    if (point.experiment.proposers == proposers && !point.samples.empty()) {
      rows.push_back({&point, point.figure(decisions)});
    }
  }
  std::stable_sort(rows.begin(), rows.end(),
                   [](const Row& a, const Row& b) { return a.decisions.value > b.decisions.value; });
  return rows;
}

std::string interval(const Estimate& e) {
  return std::isfinite(e.high) ? fmt::format("±{}", short_number(e.high - e.value)) : "±?";
}

}  // namespace

std::string compare_table(const Comparison& comparison) {
  std::string out;
  for (const std::uint32_t proposers : comparison.plan.proposers) {
    const std::vector<Row> rows = rows_for(comparison, proposers);
    if (rows.empty()) continue;
    const bool oversubscribed =
        std::any_of(rows.begin(), rows.end(), [](const Row& row) { return row.point->oversubscribed; });
    fmt::format_to(std::back_inserter(out), "{} proposer{}, {} acceptors{}\n", proposers, proposers == 1 ? "" : "s",
                   comparison.plan.base.acceptors,
                   oversubscribed
                       ? fmt::format("   * more threads ({}) than cores ({}): the OS scheduler is part of this",
                                     rows.front().point->threads, this_machine().cores)
                       : "");
    std::vector<Table::Column> columns{{"rank", ""}, {"strategy", "", true}, {"decisions", "/s"}, {"", "95%"}};
    for (const Shown& shown : kShown) columns.push_back({shown.heading, shown.unit});
    Table table(columns);
    const Estimate* leader = nullptr;
    std::size_t rank = 0;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const Row& row = rows[i];
      if (leader == nullptr || !overlap(*leader, row.decisions)) {
        leader = &row.decisions;
        rank = i + 1;
      }
      const std::string& text = row.point->experiment.strategy;
      std::vector<std::string> cells{fmt::format("{}{}", rank, row.point->oversubscribed ? "*" : " "),
                                     text.substr(0, text.find(':')), short_number(row.decisions.value),
                                     interval(row.decisions)};
      if (row.point->livelocks > 0) cells[1] += fmt::format(" (livelock x{})", row.point->livelocks);
      for (const Shown& shown : kShown) {
        cells.push_back(short_number(row.point->figure(*find_metric(shown.metric)).value));
      }
      table.add(cells);
    }
    out += table.to_string() + "\n";
  }
  return out;
}

}  // namespace paxoscope::cli
