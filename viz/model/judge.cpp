#include <algorithm>

#include "core/check/rules.h"
#include "viz/model/take.h"

namespace paxoscope::viz {

void judge(Take& take) {
  const History& history = take.history;
  std::vector<EventId> ids;
  ids.reserve(history.size());
  for (std::size_t i = 0; i < history.lanes(); ++i) {
    const History::Lane& lane = history.lane(i);
    for (std::uint32_t position = 0; position < lane.size; ++position) ids.push_back(history.id_at(lane, position));
  }
  std::stable_sort(ids.begin(), ids.end(), [&](EventId a, EventId b) { return history.time(a) < history.time(b); });
  RuleChecker checker({.quorums = take.quorums});
  for (const EventId id : ids) checker.feed(history.event(id));
  const RuleReport report = checker.finish();
  take.judged = report.verdict != RuleReport::Verdict::incomplete;
  take.findings.clear();
  for (const Violation& violation : report.violations) {
    Finding finding{.rule = violation.rule, .instance = violation.instance, .sentence = violation.sentence};
    for (const std::uint64_t position : violation.events) {
      finding.events.push_back(ids[position]);
      finding.at = std::max(finding.at, history.time(ids[position]));
    }
    take.findings.push_back(std::move(finding));
  }
  std::stable_sort(take.findings.begin(), take.findings.end(),
                   [](const Finding& a, const Finding& b) { return a.at < b.at; });
}

}  // namespace paxoscope::viz
