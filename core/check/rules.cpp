#include "core/check/rules.h"

#include <fmt/format.h>

#include <map>
#include <utility>

#include "core/check/ladder.h"
#include "core/check/rule_checker.h"
#include "core/counted.h"

namespace paxoscope {

RuleChecker::RuleChecker(const RuleOptions& options) : state_(std::make_unique<State>(options)) {}
RuleChecker::~RuleChecker() = default;
void RuleChecker::feed(const Event& event) {
  state_->feed(event);
}
void RuleChecker::expect(AgentKind kind, std::uint32_t agent, std::uint64_t events) {
  state_->expect(kind, agent, events);
}
void RuleChecker::cut_short() {
  state_->cut_short();
}
RuleReport RuleChecker::finish() {
  return state_->finish();
}
std::uint64_t RuleChecker::kept() const {
  return state_->kept();
}
void RuleChecker::reset() {
  state_->reset();
}

RuleReport check_rules(const std::vector<Event>& events, const RuleOptions& options) {
  RuleChecker checker(options);
  for (const Event& event : events) checker.feed(event);
  return checker.finish();
}

std::string to_string(const RuleReport& report) {
  std::string text;
  switch (report.verdict) {
    case RuleReport::Verdict::ok: text = "ok"; break;
    case RuleReport::Verdict::violation: text = counted(report.violation_count, "violation"); break;
    case RuleReport::Verdict::incomplete: text = "incomplete"; break;
  }
  const RuleCounters& c = report.counters;
  text += fmt::format(": {}, {}, {} chosen, {}, {} adopted, {}, {}, {} broken by id, {}, {}, {} dropped\n",
                      counted(c.events, "event"), counted(c.instances, "instance"), c.chosen,
                      counted(c.results, "result"), c.adopted, counted(c.rejected_accepts, "rejected Accept"),
                      counted(c.retries, "retry", "retries"), counted(c.ties_broken, "tie"),
                      counted(c.crashes, "crash", "crashes"), counted(c.duplicates, "duplicate"), c.dropped);
  for (const Violation& violation : report.violations) {
    text += fmt::format("R{}, key {} version {}: {} (events {})\n", violation.rule, violation.instance.key,
                        violation.instance.ver, violation.sentence, fmt::join(violation.events, ", "));
  }
  for (const std::string& reason : report.missing) text += reason + "\n";
  return text;
}

}  // namespace paxoscope
