#include "core/check/trace_check.h"

#include <fmt/format.h>

#include "core/trace/event_names.h"

namespace paxoscope {

namespace {

constexpr std::size_t kEventsShownMax = 256;

// The events at these positions, by reading the file again.
void read_shown(std::istream& in, TraceVerdict& verdict) {
  for (const Violation& violation : verdict.rules.violations) {
    for (const std::uint64_t position : violation.events) {
      if (verdict.shown.size() < kEventsShownMax) verdict.shown[position] = {};
    }
  }
  auto wanted = verdict.shown.begin();
  Expected<TraceReader> reader = TraceReader::open(in);
  std::vector<Event> block;
  for (std::uint64_t first = 0; reader && wanted != verdict.shown.end() && reader->next(block); first += block.size()) {
    for (; wanted != verdict.shown.end() && wanted->first < first + block.size(); ++wanted) {
      wanted->second = block[static_cast<std::size_t>(wanted->first - first)];
    }
  }
}

}  // namespace

Expected<TraceVerdict> check_trace(std::istream& in, const RuleOptions& options,
                                   const std::function<bool(std::uint64_t)>& progress) {
  Expected<TraceReader> reader = TraceReader::open(in);
  if (!reader) return fail(reader.error().message);
  RuleChecker checker(options);
  std::uint64_t judged = 0;
  bool stopped = false;
  std::vector<Event> block;
  while (!stopped && reader->next(block)) {
    for (const Event& event : block) checker.feed(event);
    judged += block.size();
    stopped = progress && !progress(judged);
  }
  TraceVerdict verdict;
  verdict.file = reader->status();
  for (const AgentTotal& total : verdict.file.totals) checker.expect(total.agent_kind, total.agent, total.recorded);
  if (stopped || !verdict.file.finished || verdict.file.open_ended > 0) checker.cut_short();
  verdict.rules = checker.finish();
  if (stopped) {
    verdict.rules.missing.insert(verdict.rules.missing.begin(), "it was stopped before the end of the trace");
  } else if (verdict.file.error) {
    verdict.rules.missing.insert(verdict.rules.missing.begin(), verdict.file.error->message);
  }
  if ((stopped || !verdict.file.complete()) && verdict.rules.verdict == RuleReport::Verdict::ok) {
    verdict.rules.verdict = RuleReport::Verdict::incomplete;
  }
  if (!verdict.rules.violations.empty()) read_shown(in, verdict);
  return verdict;
}

std::string to_string(const TraceVerdict& verdict) {
  RuleReport summary = verdict.rules;
  summary.violations.clear();
  summary.missing.clear();
  std::string text = to_string(summary);
  for (const Violation& violation : verdict.rules.violations) {
    text += fmt::format("R{}, key {} version {}: {}\n", violation.rule, violation.instance.key, violation.instance.ver,
                        violation.sentence);
    for (const std::uint64_t position : violation.events) {
      const auto found = verdict.shown.find(position);
      if (found == verdict.shown.end()) continue;
      const Event& event = found->second;
      text += fmt::format("    event {} at {:.9f} s, {}: {}\n", position, static_cast<double>(event.at) / 1e9,
                          agent_name(event.agent_kind, event.agent), describe(event));
    }
  }
  for (const std::string& reason : verdict.rules.missing) text += fmt::format("missing: {}\n", reason);
  return text;
}

}  // namespace paxoscope
