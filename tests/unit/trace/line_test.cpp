// What a ring holds of an event and what a reader makes of it are the same event.
#include "core/trace/line.h"

#include <gtest/gtest.h>

#include "core/node/message_event.h"
#include "core/random.h"
#include "core/trace/recorder.h"
#include "core/trace/ring.h"
#include "tests/unit/trace/trace_testing.h"

namespace paxoscope {
namespace {

Stamp stamp_of(const Event& event) {
  return {event.at, event.agent_kind, event.agent, event.sequence};
}

// The event in a line after its mark.
std::optional<PackedEvent> read_after(const Stamp& stamp, const Line& line) {
  LineReader reader;
  EXPECT_FALSE(reader.read(7, mark(stamp)));
  return reader.read(8, line);
}

TEST(Line, EveryFieldOfAnEventSurvives) {
  Random random(7);
  for (int i = 0; i < 10'000; ++i) {
    const Event event = test::random_event(random);
    ASSERT_EQ(read_after(stamp_of(event), line_of(event)), pack(event));
  }
}

TEST(Line, AReplyAsItIsSaysWhatItsEventSays) {
  Random random(8);
  int granted = 0;
  for (int i = 0; i < 10'000; ++i) {
    const Event any = test::random_event(random);
    const Reply reply{.instance = any.instance,
                      .ballot = any.ballot,
                      .last_bal = random.below(3) == 0 ? any.ballot : any.last_bal,
                      .v_bal = any.v_bal,
                      .value = any.value,
                      .round = any.round,
                      .slot = static_cast<std::uint16_t>(random.below(0x10000)),
                      .phase = any.phase,
                      .kind = static_cast<ReplyKind>(random.below(4)),
                      .acceptor = static_cast<AcceptorId>(random.below(kMaxAcceptors))};
    for (const EventKind kind : {EventKind::used, EventKind::ignored}) {
      Event event = event_of_reply(kind, reply);
      event.at = any.at;
      event.agent = any.agent;
      event.sequence = any.sequence;
      granted += event.granted ? 1 : 0;
      ASSERT_EQ(read_after(stamp_of(event), UnmadeReply{kind, reply}.line()), pack(event));
    }
  }
  EXPECT_GT(granted, 1000);
}

// Numbers go on from the mark; a line whose mark was not read, or that does not follow, is no event until the next.
TEST(Line, WithoutItsMarkItIsNoEvent) {
  const Line line = line_of({.instance = {3, 1}});
  const Line first = mark({5, AgentKind::acceptor, 2, 10});
  LineReader reader;
  EXPECT_FALSE(reader.read(0, line));
  EXPECT_FALSE(reader.read(1, line));
  EXPECT_FALSE(reader.read(2, first));
  for (std::uint32_t i = 0; i < 3; ++i) {
    const auto event = reader.read(3 + i, line);
    ASSERT_TRUE(event);
    EXPECT_EQ(unpack(*event).sequence, 10 + i);
    EXPECT_EQ(unpack(*event).agent, 2U);
  }
  EXPECT_FALSE(reader.read(7, line)) << "position 6 was not read";
  EXPECT_FALSE(reader.read(8, line));
  EXPECT_FALSE(reader.read(9, first));
  EXPECT_TRUE(reader.read(10, line));
}

// An Event's number has 32 bits: what comes after is missing, and not numbered anew.
TEST(Line, PastTheLastNumberThereIsNoEvent) {
  LineReader reader;
  const Line line = line_of({});
  EXPECT_FALSE(reader.read(0, mark({5, AgentKind::proposer, 2, 0xffff'ffff})));
  const auto last = reader.read(1, line);
  ASSERT_TRUE(last);
  EXPECT_EQ(unpack(*last).sequence, 0xffff'ffff);
  EXPECT_FALSE(reader.read(2, line));
  EXPECT_FALSE(reader.read(3, line));
}

// Two agents of one thread by turns, in batches, some events alone: each has its own name, time and numbers.
TEST(Line, AgentsOfOneThreadShareARing) {
  TraceRing ring(RingMode::stream, 1024);
  Recorder<TraceRing> one(AgentKind::proposer, 1, ring);
  Recorder<TraceRing> two(AgentKind::acceptor, 0, ring);
  std::vector<Event> expected;
  const auto expect = [&](Recorder<TraceRing>& of, std::uint64_t ver, Nanos at) {
    expected.push_back({.at = at,
                        .instance = {ver, 0},
                        .agent = of.total().agent,
                        .sequence = static_cast<std::uint32_t>(of.total().recorded),
                        .agent_kind = of.total().agent_kind});
  };
  for (std::uint64_t i = 0; i < 60; ++i) {
    Recorder<TraceRing>& of = i % 3 == 0 ? one : two;
    const auto at = static_cast<Nanos>(i);
    of.begin(at);
    for (std::uint64_t k = 0; k < i % 5; ++k) {
      expect(of, i, at);
      of.record(Event{.instance = {i, 0}});
    }
    expect(one, 1000 + i, at);
    one.record({.instance = {1000 + i, 0}}, at);
  }
  std::vector<Event> seen;
  ring.drain(1024, [&](const PackedEvent& event) { seen.push_back(unpack(event)); });
  EXPECT_TRUE(test::same(seen, expected));
  EXPECT_EQ(ring.lost(), 0U);
}

}  // namespace
}  // namespace paxoscope
