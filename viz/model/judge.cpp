#include "viz/model/judge.h"

#include <algorithm>
#include <queue>

#include "core/check/rules.h"

namespace paxoscope::viz {

namespace {

// All events by time: each lane is in order, so the earliest of the lanes' next ones comes next.
class Merge {
 public:
  explicit Merge(const History& history) : history_(history), next_(history.lanes(), 0) {
    for (std::size_t lane = 0; lane < history.lanes(); ++lane) wait_for(lane);
  }
  bool empty() const { return waiting_.empty(); }
  EventId take() {
    const std::size_t lane = waiting_.top().second;
    waiting_.pop();
    const EventId id = history_.id_at(history_.lane(lane), next_[lane]++);
    wait_for(lane);
    return id;
  }

 private:
  void wait_for(std::size_t lane) {
    const History::Lane& of = history_.lane(lane);
    if (next_[lane] < of.size) waiting_.emplace(history_.time_at(of, next_[lane]), lane);
  }
  using Next = std::pair<Nanos, std::size_t>;
  const History& history_;
  std::vector<std::uint32_t> next_;
  std::priority_queue<Next, std::vector<Next>, std::greater<>> waiting_;
};

}  // namespace

Judgement judgement_of(const Take& take, const std::atomic<bool>* stop) {
  const History& history = take.history;
  std::vector<EventId> ids;
  ids.reserve(history.size());
  RuleChecker checker({.quorums = take.quorums, .learning = take.learning});
  for (Merge merge(history); !merge.empty();) {
    if (stop != nullptr && stop->load(std::memory_order_relaxed)) return {{}, "not everything has been checked"};
    ids.push_back(merge.take());
    checker.feed(history.event(ids.back()));
  }
  const RuleReport report = checker.finish();
  Judgement judgement;
  if (report.verdict == RuleReport::Verdict::incomplete) judgement.doubt = "events are missing";
  for (const Violation& violation : report.violations) {
    Finding finding{.rule = violation.rule, .instance = violation.instance, .sentence = violation.sentence};
    for (const std::uint64_t position : violation.events) {
      finding.events.push_back(ids[position]);
      finding.at = std::max(finding.at, history.time(ids[position]));
    }
    judgement.findings.push_back(std::move(finding));
  }
  std::stable_sort(judgement.findings.begin(), judgement.findings.end(), [](const Finding& a, const Finding& b) {
    return std::pair(a.at, a.rule) < std::pair(b.at, b.rule);
  });
  return judgement;
}

void judge(Take& take) {
  Judgement judgement = judgement_of(take);
  take.findings = std::move(judgement.findings);
  take.doubt = std::move(judgement.doubt);
}

}  // namespace paxoscope::viz
