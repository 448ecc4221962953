#include "core/trace/collector.h"

#include <gtest/gtest.h>

#include <atomic>
#include <deque>

#include "core/trace/info.h"
#include "tests/unit/trace/trace_testing.h"

namespace paxoscope {
namespace {

struct Recorded {
  std::vector<AgentTotal> totals;
  std::uint64_t lost = 0;
  std::string bytes;
};

// Threads that each record two agents, as fast as they can, into rings of `capacity`.
Recorded record_with_threads(std::size_t threads, std::uint64_t events_each, std::size_t capacity) {
  Recorded recorded;
  std::ostringstream out;
  Expected<TraceWriter> writer = TraceWriter::begin(out, "{}");
  std::deque<TraceRing> rings;
  TraceCollector collector(*writer, kMicrosecond);
  for (std::size_t i = 0; i < threads; ++i) collector.add(rings.emplace_back(RingMode::stream, capacity));
  collector.start();
  std::vector<std::vector<AgentTotal>> totals(threads);
  std::vector<std::thread> producers;
  for (std::uint32_t t = 0; t < threads; ++t) {
    producers.emplace_back([&, t] {
      Recorder<TraceRing> proposer(AgentKind::proposer, t, rings[t]);
      Recorder<TraceRing> acceptor(AgentKind::acceptor, t, rings[t]);
      for (std::uint64_t i = 0; i < events_each; ++i) {
        proposer.record({.instance = {i, t}, .kind = EventKind::proposed}, static_cast<Nanos>(i));
        acceptor.record({.instance = {i, t}, .kind = EventKind::answered}, static_cast<Nanos>(i));
      }
      totals[t] = {proposer.total(), acceptor.total()};
    });
  }
  for (std::thread& producer : producers) producer.join();
  for (const auto& two : totals) recorded.totals.insert(recorded.totals.end(), two.begin(), two.end());
  EXPECT_TRUE(collector.stop(recorded.totals));
  for (const TraceRing& ring : rings) recorded.lost += ring.lost();
  recorded.bytes = out.str();
  return recorded;
}

TEST(TraceCollector, WritesEverythingWhenTheRingsAreLargeEnough) {
  const Recorded recorded = record_with_threads(3, 2000, 1 << 13);
  const Expected<Trace> trace = test::read_text(recorded.bytes);
  ASSERT_TRUE(trace);
  EXPECT_EQ(recorded.lost, 0U);
  EXPECT_EQ(trace->events.size(), 3 * 2 * 2000U);
  EXPECT_TRUE(trace->status.complete()) << trace->status.error->message;
  EXPECT_EQ(trace->status.totals, recorded.totals);
}

// However much a slow reader loses, the file says exactly how much, and is otherwise sound.
TEST(TraceCollector, WhatTheRingsLostIsMissingAndNothingElse) {
  const Recorded recorded = record_with_threads(3, 20'000, 4);
  const Expected<Trace> trace = test::read_text(recorded.bytes);
  ASSERT_TRUE(trace);
  EXPECT_FALSE(trace->status.error);
  EXPECT_EQ(trace->status.missing, recorded.lost);
  EXPECT_EQ(trace->events.size() + recorded.lost, 3 * 2 * 20'000U);
}

// stop() is bounded by the rings' sizes, not by the producers.
TEST(TraceCollector, StopsWhileAProducerGoesOn) {
  std::ostringstream out;
  Expected<TraceWriter> writer = TraceWriter::begin(out, "{}");
  TraceRing ring(RingMode::stream, 64);
  std::atomic<bool> stop{false};
  std::thread producer([&] {
    Recorder<TraceRing> recorder(AgentKind::proposer, 1, ring);
    for (Nanos t = 0; !stop; ++t) recorder.record({}, t);
  });
  {
    TraceCollector collector(*writer);
    collector.add(ring);
    collector.start();
    EXPECT_TRUE(collector.stop({}));
  }
  stop = true;
  producer.join();
  EXPECT_FALSE(test::read_text(out.str())->status.error);
}

TEST(TraceCollector, AFailedWriteIsToldByStop) {
  std::ostringstream out;
  Expected<TraceWriter> writer = TraceWriter::begin(out, "{}");
  out.setstate(std::ios::badbit);
  TraceRing ring(RingMode::stream, 64);
  TraceCollector collector(*writer);
  collector.add(ring);
  collector.start();
  ring.push({.at = 1});
  EXPECT_FALSE(collector.stop({}));
}

TEST(TraceCollector, DestroyedWithoutStopItJoinsAndLeavesAFileWithoutEnd) {
  std::ostringstream out;
  Expected<TraceWriter> writer = TraceWriter::begin(out, "{}");
  {
    TraceCollector collector(*writer);
    collector.start();
  }
  EXPECT_FALSE(test::read_text(out.str())->status.finished);
}

}  // namespace
}  // namespace paxoscope
