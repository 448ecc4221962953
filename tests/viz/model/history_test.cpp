// The history against its plainest possible model: all events in one list.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "core/random.h"
#include "viz/model/history.h"

namespace paxoscope::viz {
namespace {

// Events of five agents: bursts, pauses, equal times, many instances, crashes; a few numbers are missing.
std::vector<Event> some_events(std::uint64_t seed, std::size_t count) {
  Random random(seed);
  std::vector<Event> events;
  std::map<std::uint32_t, std::uint32_t> sequence;
  Nanos at = 1000;
  for (std::size_t i = 0; i < count; ++i) {
    if (random.below(4) == 0) at += static_cast<Nanos>(random.below(random.below(50) == 0 ? 1'000'000 : 30));
    const auto agent = static_cast<std::uint32_t>(random.below(5));
    Event event;
    event.at = at;
    event.agent = agent < 2 ? agent + 1 : agent - 2;
    event.agent_kind = agent < 2 ? AgentKind::proposer : AgentKind::acceptor;
    event.kind = agent < 2 ? EventKind::sent : EventKind::answered;
    if (random.below(300) == 0) event.kind = EventKind::crashed;
    event.granted = random.below(3) != 0;
    event.instance = {random.below(40), static_cast<std::uint32_t>(random.below(3))};
    event.ballot = {1 + random.below(9), 1};
    if (random.below(500) == 0) sequence[agent] += 3;
    event.sequence = sequence[agent]++;
    events.push_back(event);
  }
  return events;
}

const History::Lane* lane_of(const History& history, const Event& event) {
  const auto lane = history.find_lane(event.agent_kind, event.agent);
  return lane ? &history.lane(*lane) : nullptr;
}

TEST(Histories, EveryEventIsFoundByLaneByTimeAndByInstance) {
  const auto events = some_events(1, 5000);
  History history;
  for (const Event& event : events) history.add(event);
  history.finish();
  EXPECT_EQ(history.size(), events.size());
  EXPECT_EQ(history.lanes(), 5U);
  EXPECT_EQ(history.lane(0).kind, AgentKind::proposer);
  EXPECT_EQ(history.lane(4).agent, 2U);
  std::map<InstanceId, std::vector<Event>> by_instance;
  for (const Event& event : events) {
    if (event.kind != EventKind::crashed) by_instance[event.instance].push_back(event);
  }
  EXPECT_EQ(history.instances().size(), by_instance.size());
  for (auto& [id, expected] : by_instance) {
    std::stable_sort(expected.begin(), expected.end(), [](const Event& a, const Event& b) {
      return std::tuple(a.at, a.agent_kind, a.agent) < std::tuple(b.at, b.agent_kind, b.agent);
    });
    const auto found = history.events_of(id);
    ASSERT_EQ(found.size(), expected.size());
    for (std::size_t i = 0; i < found.size(); ++i) EXPECT_EQ(pack(history.event(found[i])), pack(expected[i]));
    EXPECT_EQ(history.find(id)->began, expected.front().at);
    EXPECT_EQ(history.find(id)->ended, expected.back().at);
  }
  EXPECT_EQ(history.find({99, 0}), nullptr);
  EXPECT_TRUE(history.events_of({99, 0}).empty());
}

TEST(Histories, CellsCountEveryEventOnceWhateverTheSpan) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    const auto events = some_events(seed, 20'000);
    History history;
    for (const Event& event : events) history.add(event);
    for (std::size_t i = 0; i < history.lanes(); ++i) {
      const History::Lane& lane = history.lane(i);
      for (Nanos span = 1; span < 100'000'000; span *= 7) {
        std::uint64_t count = 0, refusals = 0;
        Nanos last = -1;
        for (const Cell& cell : history.cells(lane, history.first(), history.last() + 1, span)) {
          count += cell.events;
          refusals += cell.refusals;
          EXPECT_GT(cell.from, last) << "cells do not overlap";
          EXPECT_LT(cell.to - cell.from, 2 * span);
          last = cell.to;
        }
        EXPECT_EQ(count, lane.size) << "span " << span;
        EXPECT_EQ(refusals, lane.refusals) << "span " << span;
      }
    }
  }
}

TEST(Histories, ApartOfTheTimeIsCountedToTheSpan) {
  const auto events = some_events(7, 20'000);
  History history;
  for (const Event& event : events) history.add(event);
  const Nanos length = history.last() - history.first();
  Random random(3);
  for (int i = 0; i < 500; ++i) {
    const Nanos from = history.first() + static_cast<Nanos>(random.below(static_cast<std::uint64_t>(length)));
    const Nanos to = from + 1 + static_cast<Nanos>(random.below(static_cast<std::uint64_t>(length)));
    const Nanos span = 1 + static_cast<Nanos>(random.below(100'000));
    const History::Lane& lane = history.lane(static_cast<std::size_t>(i) % 5);
    std::uint64_t count = 0;
    for (const Cell& cell : history.cells(lane, from, to, span)) count += cell.events;
    const auto within = [&](Nanos a, Nanos b) { return history.position_of(lane, b) - history.position_of(lane, a); };
    EXPECT_GE(count, within(from, to));
    EXPECT_LE(count, within(from - span, to + span));
  }
}

TEST(Histories, MissingNumbersAreGapsBetweenTheTimesAroundThem) {
  const auto events = some_events(2, 5000);
  History history;
  std::map<const History::Lane*, std::uint64_t> next;
  std::uint64_t missing = 0;
  std::map<std::pair<AgentKind, std::uint32_t>, std::uint64_t> expected;
  for (const Event& event : events) {
    std::uint64_t& number = expected[{event.agent_kind, event.agent}];
    missing += event.sequence - number;
    number = event.sequence + 1;
    history.add(event);
  }
  ASSERT_GT(missing, 0U);
  EXPECT_EQ(history.missing(), missing);
  std::uint64_t in_gaps = 0;
  for (std::size_t i = 0; i < history.lanes(); ++i) {
    for (const LaneGap& gap : history.lane(i).gaps) in_gaps += gap.events;
  }
  EXPECT_EQ(in_gaps, missing);
  EXPECT_NE(lane_of(history, events[0]), nullptr);
}

TEST(Histories, TimesBeforeAndAfterAreThoseOfEvents) {
  const auto events = some_events(4, 1000);
  History history;
  for (const Event& event : events) history.add(event);
  for (Nanos at = history.first(); at < history.last(); at += (history.last() - history.first()) / 50) {
    Nanos next = -1, previous = -1;
    for (const Event& event : events) {
      if (event.at > at && (next < 0 || event.at < next)) next = event.at;
      if (event.at < at) previous = std::max(previous, event.at);
    }
    EXPECT_EQ(history.next_time(at).value_or(-1), next);
    EXPECT_EQ(history.previous_time(at).value_or(-1), previous);
  }
}

}  // namespace
}  // namespace paxoscope::viz
