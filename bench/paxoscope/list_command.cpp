// paxoscope list: what there is to choose from.
#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "bench/paxoscope/command.h"
#include "bench/paxoscope/table.h"
#include "core/backoff/registry.h"
#include "core/experiment/metrics.h"

namespace paxoscope::cli {

namespace {

std::string needs(const StrategyNeeds& needs) {
  std::string text;
  const auto add = [&](bool is, std::string_view what) {
    if (is) text += (text.empty() ? "" : ", ") + std::string(what);
  };
  add(needs.proposers, "N");
  add(needs.common_clock, "common clock");
  add(needs.threads, "threads");
  return text;
}

void list_strategies() {
  Table table({{"strategy", "", true}, {"what it does; parameters and defaults", "", true}});
  for (const StrategyInfo& info : all_strategies()) {
    const std::string needed = needs(info.needs);
    table.add({std::string(info.name),
               fmt::format("{}{}", info.description, needed.empty() ? "" : fmt::format(" [needs: {}]", needed))});
    if (!info.defaults.empty()) table.add({"", fmt::format("    {}", info.defaults)});
  }
  fmt::print(
      "{}\n"
      "reset: what starts a strategy's count of losses (k) anew: never, win (an own value was decided), decided (or\n"
      "another's), step (a win takes one off).\nDurations are multiples of R, the uncontended round trip (1R, 0.5R), "
      "or absolute (20us, 1ms).\n"
      "Example: --strategies=none,full_jitter:base=1R,cap=8R,lease\n",
      table.to_string());
}

void list_metrics() {
  Table table({{"figure", "", true}, {"unit", "", true}, {"meaning", "", true}});
  for (const Metric& metric : metrics()) {
    table.add({std::string(metric.name), std::string(metric.unit), std::string(metric.meaning)});
  }
  fmt::print("{}", table.to_string());
}

}  // namespace

Job add_list(CLI::App& app) {
  auto what = std::make_shared<std::string>("strategies");
  app.add_option("what", *what, "strategies [default] or metrics");
  return [what] {
    if (*what == "strategies") {
      list_strategies();
    } else if (*what == "metrics") {
      list_metrics();
    } else {
      return complain("list: there is no \"" + *what + "\"; allowed: strategies, metrics");
    }
    return static_cast<int>(kOk);
  };
}

}  // namespace paxoscope::cli
