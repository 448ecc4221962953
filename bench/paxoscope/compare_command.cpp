// paxoscope compare: strategies by numbers of proposers, as a table, JSON, CSV and a plot.
#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <set>

#include "bench/paxoscope/answer_tables.h"
#include "bench/paxoscope/command.h"
#include "bench/paxoscope/compare_table.h"
#include "bench/paxoscope/comparison_options.h"

namespace paxoscope::cli {

namespace {

Expected<ComparisonPlan> compare_plan(const ComparisonOptions& options) {
  auto plan = options.empty_plan();
  if (!plan) return plan;
  const auto engines = options.engines();
  if (!engines) return tl::unexpected(engines.error());
  if (const auto heeded = options.heeded_by(*engines); !heeded) return tl::unexpected(heeded.error());
  const auto proposers = options.proposer_list();
  if (!proposers) return tl::unexpected(proposers.error());
  for (const Engine engine : *engines) {
    auto point = options.base(engine, engines->size() == 1 ? Load::by_engine : Load::loop);
    if (!point) return tl::unexpected(point.error());
    const auto strategies = options.strategy_list(engine);
    if (!strategies) return tl::unexpected(strategies.error());
    for (const std::string& strategy : *strategies) {
      for (const std::uint32_t count : *proposers) {
        point->strategy = strategy;
        point->proposers = count;
        plan->points.push_back(*point);
      }
    }
  }
  return plan;
}

// A law of growth needs a few numbers of proposers.
bool scales(const Comparison& comparison) {
  std::set<std::uint32_t> counts;
  for (const ComparisonPoint& point : comparison.points) counts.insert(point.experiment.proposers);
  return counts.size() >= 3 && comparison.stop == StopReason::time;
}

void print_comparison(const Comparison& comparison, const std::optional<RankBy>& by) {
  fmt::print("{}{}", comparison_header(comparison), compare_table(comparison, by));
  if (scales(comparison)) fmt::print("{}", fit_text(comparison, by));
}

nlohmann::json comparison_json(const Comparison& comparison) {
  nlohmann::json out = to_json(comparison);
  if (scales(comparison)) out["scaling"] = fit_json(comparison, {});
  return out;
}

int run_compare(ComparisonOptions& options) {
  const auto plan = compare_plan(options);
  if (!plan) return complain(plan.error().message);
  const auto by = options.ranking();
  if (!by) return complain(by.error().message);
  if (const auto opened = options.outputs.open(); !opened) return complain(opened.error().message);
  return run_comparison(
      {*plan, [&](const Comparison& comparison) { print_comparison(comparison, *by); }, comparison_json},
      options.outputs);
}

}  // namespace

Job add_compare(CLI::App& app) {
  auto options = std::make_shared<ComparisonOptions>();
  options->add_to(app);
  return [options] { return run_compare(*options); };
}

}  // namespace paxoscope::cli
