#include "bench/paxoscope/story.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/scenario/narrate.h"

namespace paxoscope::cli {

namespace {

constexpr std::size_t kReasonsMax = 300;  // events before a sentence that it may take its reasons from

// What happened on the instance, and the faults around it.
bool concerns(const Event& event, const InstanceId& instance) {
  if (is_of_an_instance(event.kind)) return event.instance == instance;
  return event.kind != EventKind::retired;
}

// The one that shows last: that is what ends a run.
const Violation* worst(const RuleReport& report) {
  const auto shows = [](const Violation& violation) { return violation.events.empty() ? 0 : violation.events.back(); };
  const auto last = std::max_element(report.violations.begin(), report.violations.end(),
                                     [&](const Violation& a, const Violation& b) { return shows(a) < shows(b); });
  return last == report.violations.end() ? nullptr : &*last;
}

}  // namespace

void tell_story(const std::vector<Event>& events, RuleOptions rules) {
  rules.violations_max = 10'000;
  const RuleReport report = check_rules(events, rules);
  const Violation* broken = worst(report);
  std::vector<Event> told;
  fmt::print("\n");
  for (const Event& event : events) {
    if (broken != nullptr && !concerns(event, broken->instance)) continue;
    const std::span<const Event> earlier(told);
    fmt::print("{:>14.3f} us  {}\n", static_cast<double>(event.at) / 1e3,
               narrate(event, earlier.last(std::min(kReasonsMax, earlier.size()))));
    told.push_back(event);
  }
  bool first = true;
  for (const Violation& violation : report.violations) {
    if (violation.instance != broken->instance) continue;
    fmt::print("{}R{} is broken on {}: {}\n", first ? "\n" : "", violation.rule, Cast().instance(violation.instance),
               violation.sentence);
    first = false;
  }
}

}  // namespace paxoscope::cli
