// What is lost from a clean trace makes the verdict incomplete, whatever it was: never ok, and never a violation.
#include <gtest/gtest.h>

#include <sstream>

#include "core/check/random_cluster.h"
#include "core/check/trace_check.h"
#include "core/trace/writer.h"

namespace paxoscope {
namespace {

struct WholeTrace {
  std::vector<Event> events;
  std::vector<AgentTotal> totals;
};

WholeTrace whole_trace(std::uint64_t seed) {
  WholeTrace trace;
  auto keep = [&trace](const Event& event) { trace.events.push_back(event); };
  const auto strategy = parse_strategy("full_jitter").value();
  RandomCluster cluster(RandomClusterOptions{.drops = 20, .duplicates = 20, .operations_max = 6, .seed = seed},
                        *strategy, keep);
  while (cluster.step()) {
  }
  cluster.totals([&trace](AgentKind kind, std::uint32_t agent, std::uint64_t recorded) {
    trace.totals.push_back({kind, agent, recorded});
  });
  return trace;
}

TraceVerdict judge_file(const std::string& file) {
  std::istringstream in(file);
  Expected<TraceVerdict> verdict = check_trace(in, {});
  EXPECT_TRUE(verdict);
  return *std::move(verdict);
}

std::string file_of(const std::vector<Event>& events, const std::vector<AgentTotal>& totals) {
  std::ostringstream out;
  Expected<TraceWriter> writer = TraceWriter::begin(out, "{}");
  for (std::size_t i = 0; i < events.size(); ++i) {
    if (i % 16 == 0) (void)writer->flush();
    writer->push(events[i]);
  }
  EXPECT_TRUE(writer->finish(totals));
  return out.str();
}

// As rings lose: some agents, for a while, or from some time on, or all the time.
std::vector<Event> lossy(const std::vector<Event>& events, Random& random) {
  std::vector<Event> left;
  std::map<std::pair<AgentKind, std::uint32_t>, std::uint64_t> losing;
  const std::uint64_t losses_per_1000 = 1 + random.below(100);
  for (const Event& event : events) {
    std::uint64_t& lose = losing[{event.agent_kind, event.agent}];
    if (lose == 0 && random.below(1000) < losses_per_1000) lose = 1 + random.below(random.below(5) == 0 ? 1000 : 20);
    if (lose > 0) {
      --lose;
    } else {
      left.push_back(event);
    }
  }
  return left;
}

TEST(RulesOnLossyTraces, WhatRingsLoseMakesItIncomplete) {
  for (std::uint64_t seed = 0; seed < 2'000; ++seed) {
    const WholeTrace clean = whole_trace(seed);
    Random random(seed);
    const std::vector<Event> left = lossy(clean.events, random);
    const TraceVerdict verdict = judge_file(file_of(left, clean.totals));
    const bool lost = left.size() < clean.events.size();
    ASSERT_EQ(verdict.rules.verdict, lost ? RuleReport::Verdict::incomplete : RuleReport::Verdict::ok)
        << "seed " << seed << "\n"
        << to_string(verdict);
    EXPECT_EQ(verdict.file.missing, clean.events.size() - left.size());
  }
}

TEST(RulesOnLossyTraces, ATraceCutShortAnywhereIsIncomplete) {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    const WholeTrace clean = whole_trace(seed);
    const std::string file = file_of(clean.events, clean.totals);
    Random random(seed);
    for (int i = 0; i < 10; ++i) {
      const std::size_t size = 22 + random.below(file.size() - 22);  // the header stays
      const TraceVerdict verdict = judge_file(file.substr(0, size));
      ASSERT_EQ(verdict.rules.verdict, RuleReport::Verdict::incomplete)
          << "seed " << seed << ", cut at " << size << "\n"
          << to_string(verdict);
      ASSERT_TRUE(verdict.file.error);
      EXPECT_TRUE(verdict.file.error->message.starts_with("offset ")) << verdict.file.error->message;
    }
  }
}

TEST(RulesOnLossyTraces, ADamagedBlockMakesItIncomplete) {
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    const WholeTrace clean = whole_trace(seed);
    std::string file = file_of(clean.events, clean.totals);
    Random random(seed);
    const std::size_t at = 22 + random.below(file.size() - 22);
    file[at] = static_cast<char>(file[at] ^ (1 << random.below(8)));
    const TraceVerdict verdict = judge_file(file);
    ASSERT_EQ(verdict.rules.verdict, RuleReport::Verdict::incomplete) << "seed " << seed << ", byte " << at << "\n"
                                                                      << to_string(verdict);
  }
}

}  // namespace
}  // namespace paxoscope
