#include "bench/paxoscope/questions.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "bench/paxoscope/answer_tables.h"
#include "bench/paxoscope/compare_table.h"
#include "core/backoff/registry.h"

namespace paxoscope::cli {

namespace {

Expected<std::vector<Experiment>> with_axes(const SweepRequest& request, std::span<const std::string> strategies,
                                            std::vector<SweepAxis> axes) {
  axes.insert(axes.begin(), {"proposers", request.proposers});
  return sweep_points(request.base, strategies, axes);
}

Expected<std::vector<Experiment>> as_asked(const SweepRequest& request) {
  return with_axes(request, request.strategies, request.axes);
}

// For an answer that has one line for each strategy.
Expected<std::vector<Experiment>> at_one_setting(const SweepRequest& request) {
  for (const SweepAxis& axis : request.axes) {
    const bool parameter = std::any_of(request.strategies.begin(), request.strategies.end(), [&](const auto& text) {
      return text.find(":" + axis.name + "=") != std::string::npos ||
             text.find("," + axis.name + "=") != std::string::npos;
    });
    if (!parameter) {
      return fail(
          fmt::format("the question is asked of one setting, and {} varies it; allowed: a parameter of one of "
                      "the strategies",
                      axis.name));
    }
  }
  return as_asked(request);
}

// Each strategy at its best: with all its waits from a quarter to four times their defaults, unless --vary says which.
Expected<std::vector<Experiment>> tuned(const SweepRequest& request) {
  if (!request.axes.empty()) return as_asked(request);
  std::vector<std::string> strategies;
  for (const std::string& strategy : request.strategies) {
    const std::vector<std::string> more = tunings(strategy);
    strategies.insert(strategies.end(), more.begin(), more.end());
  }
  return with_axes(request, strategies, {});
}

// Every strategy with ever longer waits, by numbers of proposers and spreads of the latency, up to the first decision.
Expected<std::vector<Experiment>> by_wait(const SweepRequest& request) {
  constexpr auto kWaits = std::to_array<std::string_view>(
      {"0R", "0.0625R", "0.125R", "0.25R", "0.5R", "0.75R", "1R", "1.5R", "2R", "3R", "4R", "8R", "16R", "32R", "64R"});
  for (const SweepAxis& axis : request.axes) {
    if (axis.name == "spread" || axis.name == "network") continue;
    return fail(
        fmt::format("the waits vary already, and a cliff has no place for {}; allowed: spread, network", axis.name));
  }
  if (request.proposers == std::vector<std::string>{"1"}) {
    return fail("--cliff is about contention; allowed: --proposers with a number above 1");
  }
  SweepRequest asked = request;
  asked.base.operations_max = asked.base.decisions_max = 1;
  if (std::find(asked.proposers.begin(), asked.proposers.end(), "1") == asked.proposers.end()) {
    asked.proposers.insert(asked.proposers.begin(), "1");  // uncontended, to compare with
  }
  if (asked.axes.empty()) asked.axes.push_back({"spread", {"0", "0.1", "0.3", "0.6", "1"}});
  std::vector<Experiment> points;
  for (const std::string& strategy : request.strategies) {
    const std::string parameter = wait_parameter(strategy);
    const std::string name = strategy.substr(0, strategy.find(':'));
    if (parameter.empty()) {
      return fail(
          fmt::format("--cliff: {} has no wait to vary; allowed: strategies that have, such as constant", name));
    }
    SweepAxis waits{parameter, {}};
    for (const std::string_view wait : kWaits) {
      if (parse_strategy(fmt::format("{}:{}={}", name, parameter, wait))) waits.values.emplace_back(wait);
    }
    std::vector<SweepAxis> axes = asked.axes;
    axes.push_back(waits);
    const auto more = with_axes(asked, std::array{strategy}, axes);
    if (!more) return more;
    points.insert(points.end(), more->begin(), more->end());
  }
  return points;
}

std::string only_table(const Comparison& comparison, const std::optional<RankBy>& by) {
  return compare_table(comparison, by);
}

nlohmann::json no_answer(const Comparison&, const std::optional<RankBy>&) {
  return nullptr;
}

constexpr auto kQuestions = std::to_array<Question>({
    {.flag = "",
     .help = "",
     .strategies = "all",
     .proposers = "16",
     .points = as_asked,
     .text = only_table,
     .json = no_answer},
    {.flag = "--cliff",
     .help = "where is the livelock cliff: the smallest wait whose first decision is within 5% of the uncontended one",
     .strategies = "constant,fixed_window",
     .proposers = "2,4,8,16,32,64",
     .points = by_wait,
     .text = cliff_text,
     .json = cliff_json},
    {.flag = "--pareto",
     .help = "which strategies, each tuned, are on the Pareto front of ballots and completion time",
     .strategies = "all",
     .proposers = "16",
     .points = tuned,
     .text = pareto_text,
     .json = pareto_json},
    {.flag = "--fit",
     .help = "how cost scales with N: exponent of ballots, Universal Scalability Law of throughput, peak N",
     .strategies = "all",
     .proposers = "1,2,4,8,16,32",
     .points = at_one_setting,
     .text = fit_text,
     .json = fit_json},
    {.flag = "--who-pays",
     .help = "fairness, tails, phase split, and where the time went",
     .strategies = "all",
     .proposers = "16",
     .load = Load::loop,
     .points = as_asked,
     .text = payers_text,
     .json = no_answer},
    {.flag = "--both",
     .help = "whether the ranking in virtual time survives on real threads: Kendall's tau, and where it breaks",
     .strategies = "all",
     .proposers = "4,8,16",
     .load = Load::loop,
     .both = true,
     .points = at_one_setting,
     .text = both_text,
     .json = both_json},
});

}  // namespace

std::span<const Question> questions() {
  return kQuestions;
}

}  // namespace paxoscope::cli
