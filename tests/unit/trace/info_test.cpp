#include "core/trace/info.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/small_cluster.h"
#include "tests/unit/trace/trace_testing.h"

namespace paxoscope {
namespace {

TEST(TraceInfo, CountsWhatTheRunDid) {
  EventList list;
  test::SmallCluster<EventList> cluster({.acceptors = 5, .proposers = 2, .operations = 8}, list);
  cluster.run();
  std::istringstream in(test::file_of(list.events, cluster.totals()));
  const Expected<TraceInfo> info = summarise_trace(in);
  ASSERT_TRUE(info);
  EXPECT_TRUE(info->status.complete());
  EXPECT_EQ(info->instances, 8U);  // both proposers work on versions 0 to 7 of key 0
  EXPECT_EQ(info->decided, 8U);
  for (unsigned kind = 0; kind < kEventKinds; ++kind) {
    const auto count = std::count_if(list.events.begin(), list.events.end(),
                                     [&](const Event& event) { return static_cast<unsigned>(event.kind) == kind; });
    EXPECT_EQ(info->by_kind[kind], static_cast<std::uint64_t>(count));
  }
  ASSERT_EQ(info->agents.size(), 7U);
  EXPECT_EQ(info->agents[1].kind, AgentKind::proposer);
  EXPECT_EQ(info->agents[1].agent, 2U);
  EXPECT_EQ(info->agents[2].kind, AgentKind::acceptor);
  for (std::size_t i = 0; i < 7; ++i) EXPECT_EQ(info->agents[i].events, cluster.totals()[i].recorded);
  EXPECT_EQ(info->first, list.events.front().at);
  EXPECT_EQ(info->last, list.events.back().at);
}

TEST(TraceInfo, AnEmptyTraceIsAllZeros) {
  std::istringstream in(test::file_of({}, {}));
  const Expected<TraceInfo> info = summarise_trace(in);
  ASSERT_TRUE(info);
  EXPECT_TRUE(info->agents.empty());
  EXPECT_EQ(info->first, 0);
  EXPECT_EQ(info->last, 0);
  EXPECT_EQ(info->instances, 0U);
}

// What is damaged is told beside what could be counted.
TEST(TraceInfo, ADamagedTraceIsCountedAsFarAsItGoes) {
  const std::vector<Event> events = test::events_of({.operations = 3});
  const std::string bytes = test::file_of(events, {});
  std::istringstream in(bytes.substr(0, bytes.size() / 2));
  const Expected<TraceInfo> info = summarise_trace(in);
  ASSERT_TRUE(info);
  EXPECT_TRUE(info->status.error);
  EXPECT_GT(info->status.events, 0U);
  EXPECT_LT(info->status.events, events.size());
}

}  // namespace
}  // namespace paxoscope
