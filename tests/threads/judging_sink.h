// A trace that is judged by the rules and not kept.
#pragma once

#include "core/check/rules.h"
#include "core/trace/sink.h"

namespace paxoscope {

// Judges while the run goes on, so nothing is kept.
class JudgingSink : public TraceSink {
 public:
  explicit JudgingSink(const RuleOptions& options) : checker_(options) {}
  void push(const PackedEvent& event) override { checker_.feed(unpack(event)); }
  Expected<void> finish(std::span<const AgentTotal> totals) override {
    for (const AgentTotal& total : totals) checker_.expect(total.agent_kind, total.agent, total.recorded);
    report_ = checker_.finish();
    ++finished_;
    return {};
  }
  const RuleReport& report() const { return report_; }
  int finished() const { return finished_; }

 private:
  RuleChecker checker_;
  RuleReport report_;
  int finished_ = 0;
};

}  // namespace paxoscope
