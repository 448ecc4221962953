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

TEST(TraceRing, AFullStreamLosesTheNewestAndCountsThem) {
  TraceRing ring(RingMode::stream, 4);
  for (std::uint32_t i = 0; i < 7; ++i) ring.push(numbered(i));
  EXPECT_EQ(ring.pushed(), 4U);
  EXPECT_EQ(ring.lost(), 3U);
  std::uint32_t next = 0;
  const auto take = [&](const PackedEvent& event) { expect_numbered(unpack(event), next++); };
  EXPECT_EQ(ring.drain(3, take), 3U);
  ring.push(numbered(7));
  EXPECT_EQ(ring.drain(1, take), 1U);
  next = 7;
  EXPECT_EQ(ring.drain(9, take), 1U);
  EXPECT_EQ(ring.drain(9, take), 0U);
}

TEST(TraceRing, AFlightRingKeepsTheNewest) {
  TraceRing ring(RingMode::flight, 8);
  for (std::uint32_t pushed = 0; pushed < 40; ++pushed) {
    const std::vector<PackedEvent> kept = ring.snapshot();
    ASSERT_EQ(kept.size(), std::min(pushed, 7U));
    for (std::uint32_t i = 0; i < kept.size(); ++i) {
      expect_numbered(unpack(kept[i]), pushed - static_cast<std::uint32_t>(kept.size()) + i);
    }
    ring.push(numbered(pushed));
  }
  EXPECT_EQ(ring.lost(), 0U);
}

// Whoever looks often enough sees everything, once; whoever is late, the newest.
TEST(TraceRing, AFlightRingCanBeFollowed) {
  TraceRing ring(RingMode::flight, 8);
  std::uint64_t seen = 0;
  std::uint32_t next = 0;
  const auto look = [&] {
    seen = ring.follow(seen, [&](const PackedEvent& e) { expect_numbered(unpack(e), next++); });
  };
  for (std::uint32_t pushed = 0; pushed < 40; ++pushed) {
    if (pushed % 7 == 0) look();
    ring.push(numbered(pushed));
  }
  next = 40 - 5;
  look();
  EXPECT_EQ(next, 40U);
  for (std::uint32_t pushed = 40; pushed < 100; ++pushed) ring.push(numbered(pushed));
  next = 100 - 7;
  look();
  EXPECT_EQ(next, 100U);
}

TEST(TraceRing, AFrozenRingStaysAsItIs) {
  TraceRing ring(RingMode::flight, 4);
  for (std::uint32_t i = 0; i < 10; ++i) ring.push(numbered(i));
  const std::vector<PackedEvent> before = ring.snapshot();
  ring.freeze();
  for (std::uint32_t i = 10; i < 15; ++i) ring.push(numbered(i));
  EXPECT_EQ(ring.snapshot(), before);
  EXPECT_EQ(ring.lost(), 5U);
  ring.thaw();
  ring.push(numbered(15));
  expect_numbered(unpack(ring.snapshot().back()), 15);
}

// What a recorder lost in a full ring are exactly the numbers that GapFinder misses, a lost tail included.
TEST(TraceRing, LostEventsAreExactlyTheGaps) {
  TraceRing ring(RingMode::stream, 4);
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
    for (std::uint32_t i = 0; i < kEvents; ++i) ring.push(numbered(i));
    done = true;
  });
  std::uint64_t drained = 0;
  std::uint32_t least = 0;
  for (bool last = false; !last;) {
    last = done;
    drained += ring.drain(16, [&](const PackedEvent& event) {
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
  EXPECT_EQ(drained, ring.pushed());
}

TEST(TraceRing, SnapshotsOfARunningProducerAreWhole) {
  TraceRing ring(RingMode::flight, 64);
  std::atomic<bool> stop{false};
  std::thread producer([&] {
    for (std::uint32_t i = 0; !stop; ++i) ring.push(numbered(i));
  });
  std::size_t seen = 0;
  std::uint64_t followed = 0;
  std::uint32_t next = 0;
  for (int i = 0; i < 2000 || seen == 0; ++i) {
    if (i % 2 == 1) ring.freeze();
    const std::vector<PackedEvent> records = ring.snapshot();
    ring.thaw();
    seen += records.size();
    followed = ring.follow(followed, [&](const PackedEvent& event) {
      const std::uint32_t number = unpack(event).sequence;
      expect_numbered(unpack(event), number);
      ASSERT_GE(number, std::exchange(next, number + 1));
    });
    for (std::size_t k = 0; k < records.size(); ++k) {
      const std::uint32_t number = unpack(records[k]).sequence;
      expect_numbered(unpack(records[k]), number);
      // What was pushed while the ring was frozen is missing.
      if (k > 0) {
        ASSERT_GT(number, unpack(records[k - 1]).sequence);
      }
    }
  }
  stop = true;
  producer.join();
}

}  // namespace
}  // namespace paxoscope
