// Trace files in the window: what is in them is shown, what is missing too.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <thread>

#include "core/trace/writer.h"
#include "viz/model/ladder.h"
#include "viz/model/live.h"
#include "viz/model/replay.h"

namespace paxoscope::viz {
namespace {

std::vector<Event> events_of(const History& history) {
  std::vector<Event> events;
  for (std::size_t i = 0; i < history.lanes(); ++i) {
    const History::Lane& lane = history.lane(i);
    for (std::uint32_t p = 0; p < lane.size; ++p) events.push_back(history.event_at(lane, p));
  }
  return events;
}

class Replays : public ::testing::Test {
 protected:
  Replays() : path_(::testing::TempDir() + "paxoscope_replay_test." + std::to_string(::getpid())) {
    auto live = LiveSource::start(live_experiment());
    (*live)->reach(60 * kSecond);
    events_ = events_of((*live)->take().history);
  }
  void TearDown() override { std::remove(path_.c_str()); }

  // `lost`: which events are left out, by place.
  void write(const std::function<bool(std::size_t)>& lost = [](std::size_t) { return false; }) {
    std::ofstream out(path_, std::ios::binary);
    auto writer = TraceWriter::begin(out, R"({"acceptors": 3, "engine": "simulation"})");
    ASSERT_TRUE(writer);
    std::map<std::pair<AgentKind, std::uint32_t>, std::uint64_t> recorded;
    for (std::size_t i = 0; i < events_.size(); ++i) {
      if (!lost(i)) writer->push(events_[i]);
      ++recorded[{events_[i].agent_kind, events_[i].agent}];
    }
    std::vector<AgentTotal> totals;
    for (const auto& [agent, count] : recorded) totals.push_back({agent.first, agent.second, count});
    ASSERT_TRUE(writer->finish(totals));
  }
  static void wait_for_the_judges(ReplaySource& source) {
    while (!source.poll()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }

  std::string path_;
  std::vector<Event> events_;
};

TEST_F(Replays, AWholeFileIsWhatWasRecordedAndSafetyHolds) {
  write();
  const auto source = open_trace(path_);
  ASSERT_TRUE(source) << source.error().message;
  const auto read = events_of((*source)->take().history);
  EXPECT_TRUE(std::equal(read.begin(), read.end(), events_.begin(), events_.end(),
                         [](const Event& a, const Event& b) { return pack(a) == pack(b); }));
  EXPECT_EQ((*source)->remark(), "");
  EXPECT_EQ((*source)->take().quorums, Quorums::majority(3));
  EXPECT_FALSE((*source)->take().doubt.empty()) << "nobody has checked it yet";
  wait_for_the_judges(**source);
  EXPECT_EQ((*source)->take().doubt, "");
  EXPECT_TRUE((*source)->take().findings.empty());
  EXPECT_LT((*source)->take().history.memory(), read.size() * 200);
}

TEST_F(Replays, WhatWasLostIsAGapAndNobodyCallsItSafe) {
  write([](std::size_t i) { return i >= 100 && i < 140; });
  const auto source = open_trace(path_);
  ASSERT_TRUE(source) << source.error().message;
  EXPECT_EQ((*source)->take().history.missing(), 40U);
  EXPECT_EQ((*source)->remark(), "40 events were recorded and lost");
  const Decree decree((*source)->take(), focus_at((*source)->take().history, kSecond));
  std::uint64_t in_gaps = 0;
  for (const LadderGap& gap : lay_out_ladder(decree, {0, 61 * kSecond, 1000}).gaps) in_gaps += gap.events;
  EXPECT_EQ(in_gaps, 40U);
  wait_for_the_judges(**source);
  EXPECT_FALSE(decree.at(60 * kSecond).safety.judged);
}

TEST_F(Replays, AFileCutShortShowsWhatIsWholeAndSaysWhatIsMissing) {
  write();
  std::filesystem::resize_file(path_, std::filesystem::file_size(path_) - 3);
  const auto source = open_trace(path_);
  ASSERT_TRUE(source) << source.error().message;
  EXPECT_FALSE((*source)->take().history.empty());
  EXPECT_TRUE((*source)->remark().starts_with("offset ")) << (*source)->remark();
}

TEST_F(Replays, WhatIsNoTraceIsRefusedInOneLine) {
  std::ofstream(path_) << "hello";
  EXPECT_FALSE(open_trace(path_));
  const auto missing = open_trace("/no/such/file.trace");
  ASSERT_FALSE(missing);
  EXPECT_NE(missing.error().message.find("/no/such/file.trace"), std::string::npos);
}

TEST_F(Replays, ALoaderCanBeGivenUpWhileItReads) {
  write();
  for (int i = 0; i < 20; ++i) {
    const auto loader = TraceLoader::open(path_);
    ASSERT_TRUE(loader);
    EXPECT_LE((*loader)->progress(), 1);
  }
}

}  // namespace
}  // namespace paxoscope::viz
