#include "core/trace/ring.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <utility>

#include "core/trace/gaps.h"
#include "core/trace/recorder.h"

namespace paxoscope {
namespace {

// Every field tells the number, so that an event mixed from two shows.
Event numbered(std::uint32_t number) {
  return {.at = number,
          .instance = {number, number},
          .ballot = Ballot(number, 1),
          .value = number,
          .last_bal = Ballot(number, 2),
          .v_bal = Ballot(number, 3),
          .vote = number,
          .sequence = number,
          .round = number};
}

void expect_numbered(const Event& event, std::uint32_t number) {
  ASSERT_EQ(pack(event), pack(numbered(number)));
}

// As a thread does it: `batch` events at a time.
void record(Recorder<TraceRing>& recorder, std::uint32_t first, std::uint32_t end) {
  for (std::uint32_t i = first; i < end; ++i) recorder.record(numbered(i), i);
}
// Of the same time, so only the first needs a mark.
void record_at_once(Recorder<TraceRing>& recorder, std::uint32_t count) {
  recorder.begin(0);
  for (std::uint32_t i = 0; i < count; ++i) recorder.record(Event{.instance = {i, 0}});
}

TEST(TraceRing, AFullStreamLosesTheNewestAndCountsThem) {
  TraceRing ring(RingMode::stream, 8);
  Recorder<TraceRing> recorder(AgentKind::proposer, 0, ring);
  record(recorder, 0, 7);  // each with its mark: four fit
  EXPECT_EQ(ring.pushed(), 8U);
  EXPECT_EQ(ring.lost(), 3U);
  std::uint32_t next = 0;
  const auto take = [&](const PackedEvent& event) { expect_numbered(unpack(event), next++); };
  EXPECT_EQ(ring.drain(5, take), 5U);
  EXPECT_EQ(next, 2U);
  record(recorder, 7, 8);
  EXPECT_EQ(ring.drain(3, take), 3U);
  EXPECT_EQ(next, 4U);
  next = 7;
  EXPECT_EQ(ring.drain(9, take), 2U);
  EXPECT_EQ(next, 8U);
  EXPECT_EQ(ring.drain(9, take), 0U);
}

// The last free place is of no use to an event that needs a mark.
TEST(TraceRing, AMarkTakesNoPlaceThatItsEventLacks) {
  TraceRing ring(RingMode::stream, 8);
  Recorder<TraceRing> recorder(AgentKind::proposer, 0, ring);
  record_at_once(recorder, 4);
  record(recorder, 4, 6);  // 5 is lost
  EXPECT_EQ(ring.pushed(), 7U);
  EXPECT_EQ(ring.lost(), 1U);
  ring.drain(1, [](const PackedEvent&) { FAIL() << "a mark comes first"; });
  record(recorder, 6, 8);  // 7 is lost
  EXPECT_EQ(ring.pushed(), 9U);
  EXPECT_EQ(ring.lost(), 2U);
  std::vector<std::uint32_t> seen;
  ring.drain(9, [&](const PackedEvent& event) { seen.push_back(unpack(event).sequence); });
  EXPECT_EQ(seen, (std::vector<std::uint32_t>{0, 1, 2, 3, 4, 6}));
}

TEST(TraceRing, AFlightRingKeepsTheNewest) {
  TraceRing ring(RingMode::flight, 16);
  Recorder<TraceRing> recorder(AgentKind::proposer, 0, ring);
  for (std::uint32_t pushed = 0; pushed < 40; ++pushed) {
    const std::vector<PackedEvent> kept = ring.snapshot();
    ASSERT_EQ(kept.size(), std::min(pushed, 7U));
    for (std::uint32_t i = 0; i < kept.size(); ++i) {
      expect_numbered(unpack(kept[i]), pushed - static_cast<std::uint32_t>(kept.size()) + i);
    }
    record(recorder, pushed, pushed + 1);
  }
  EXPECT_EQ(ring.lost(), 0U);
}

// However many events have the same mark: it is said again before what was overwritten takes it away.
TEST(TraceRing, WhoeverComesLateFindsAMark) {
  TraceRing ring(RingMode::flight, 32);
  Recorder<TraceRing> recorder(AgentKind::proposer, 5, ring);
  recorder.begin(3);
  for (std::uint32_t i = 0; i < 1000; ++i) {
    recorder.record(Event{.instance = {i, 0}});
    const std::vector<PackedEvent> kept = ring.snapshot();
    ASSERT_GE(kept.size(), std::min(i + 1, 14U));
    for (std::uint32_t k = 0; k < kept.size(); ++k) {
      const Event event = unpack(kept[kept.size() - 1 - k]);
      ASSERT_EQ(event.sequence, i - k);
      ASSERT_EQ(event.instance.ver, i - k);
      ASSERT_EQ(event.at, 3);
      ASSERT_EQ(event.agent, 5U);
    }
  }
}

// Whoever looks often enough sees everything, once; whoever is late, the newest.
TEST(TraceRing, AFlightRingCanBeFollowed) {
  TraceRing ring(RingMode::flight, 16);
  Recorder<TraceRing> recorder(AgentKind::proposer, 0, ring);
  TraceRing::Followed followed;
  std::uint32_t next = 0;
  const auto look = [&] { ring.follow(followed, [&](const PackedEvent& e) { expect_numbered(unpack(e), next++); }); };
  for (std::uint32_t pushed = 0; pushed < 40; ++pushed) {
    if (pushed % 7 == 0) look();
    record(recorder, pushed, pushed + 1);
  }
  next = 40 - 5;
  look();
  EXPECT_EQ(next, 40U);
  record(recorder, 40, 100);
  next = 100 - 7;
  look();
  EXPECT_EQ(next, 100U);
}

// What a recorder lost in a full ring are exactly the numbers that GapFinder misses, a lost tail included.
TEST(TraceRing, LostEventsAreExactlyTheGaps) {
  TraceRing ring(RingMode::stream, 8);
  Recorder<TraceRing> first(AgentKind::proposer, 1, ring);
  Recorder<TraceRing> second(AgentKind::acceptor, 0, ring);
  GapFinder finder;
  const auto drain = [&] { ring.drain(9, [&](const PackedEvent& event) { ASSERT_TRUE(finder.add(unpack(event))); }); };
  for (Nanos t = 0; t < 6; ++t) first.record({}, t);  // 4 and 5 are lost
  second.record({}, 6);                               // 0 is lost
  drain();
  first.record({}, 7);
  second.record({}, 8);
  drain();
  for (Nanos t = 10; t < 17; ++t) second.record({}, t);  // numbers 2..5 fit, 6..8 do not
  drain();
  ASSERT_TRUE(finder.add(first.total()));
  ASSERT_TRUE(finder.add(second.total()));
  const std::vector<Gap> expected = {
      {AgentKind::proposer, 1, 4, 2}, {AgentKind::acceptor, 0, 0, 1}, {AgentKind::acceptor, 0, 6, 3}};
  EXPECT_EQ(finder.gaps(), expected);
  EXPECT_EQ(finder.missing(), ring.lost());
}

// Threads, for ThreadSanitizer and the real machine; ring_model_test.cpp is what is exhaustive.
TEST(TraceRing, AStreamBetweenThreadsIsWholeAndInOrder) {
  constexpr std::uint32_t kEvents = 200'000;
  TraceRing ring(RingMode::stream, 64);
  std::atomic<bool> done{false};
  std::thread producer([&] {
    Recorder<TraceRing> recorder(AgentKind::proposer, 0, ring);
    record(recorder, 0, kEvents);
    done = true;
  });
  std::uint64_t drained = 0;
  std::uint32_t least = 0;
  for (bool last = false; !last;) {
    last = done;
    ring.drain(16, [&](const PackedEvent& event) {
      ++drained;
      const std::uint32_t number = unpack(event).sequence;
      ASSERT_GE(number, least);
      expect_numbered(unpack(event), number);
      least = number + 1;
    });
    if (last) {
      while (ring.drain(16, [&](const PackedEvent&) { ++drained; }) > 0) {
      }
    }
  }
  producer.join();
  EXPECT_EQ(drained + ring.lost(), kEvents);
  EXPECT_EQ(2 * drained, ring.pushed()) << "each with its mark";
}

TEST(TraceRing, SnapshotsOfARunningProducerAreWhole) {
  TraceRing ring(RingMode::flight, 64);
  std::atomic<bool> stop{false};
  std::thread producer([&] {
    Recorder<TraceRing> recorder(AgentKind::proposer, 0, ring);
    for (std::uint32_t i = 0; !stop; ++i) record(recorder, i, i + 1);
  });
  std::size_t seen = 0;
  TraceRing::Followed followed;
  std::uint32_t next = 0;
  for (int i = 0; i < 2000 || seen == 0; ++i) {
    const std::vector<PackedEvent> records = ring.snapshot();
    seen += records.size();
    ring.follow(followed, [&](const PackedEvent& event) {
      const std::uint32_t number = unpack(event).sequence;
      expect_numbered(unpack(event), number);
      ASSERT_GE(number, std::exchange(next, number + 1));
    });
    for (std::size_t k = 0; k < records.size(); ++k) {
      const std::uint32_t number = unpack(records[k]).sequence;
      expect_numbered(unpack(records[k]), number);
      if (k > 0) {
        ASSERT_EQ(number, unpack(records[k - 1]).sequence + 1);
      }
    }
  }
  stop = true;
  producer.join();
}

}  // namespace
}  // namespace paxoscope
