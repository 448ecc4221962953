// The trace file, whole and in every way broken that one can enumerate.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "core/trace/file_format.h"
#include "tests/support/effort.h"
#include "tests/support/small_cluster.h"
#include "tests/unit/trace/trace_testing.h"

namespace paxoscope {
namespace {

using test::file_of;
using test::read_text;

constexpr std::size_t kPerBlock = 3;

struct SmallTrace {
  std::vector<Event> events;
  std::vector<AgentTotal> totals;
  std::string bytes;
};

SmallTrace small_trace(std::uint64_t operations) {
  EventList list;
  test::SmallCluster<EventList> cluster({.operations = operations}, list);
  cluster.run();
  return {list.events, cluster.totals(), file_of(list.events, cluster.totals(), kPerBlock)};
}

// The offset that an error names: "offset 123: ...".
std::uint64_t offset_in(const Error& error) {
  EXPECT_EQ(error.message.rfind("offset ", 0), 0U) << error.message;
  EXPECT_EQ(error.message.find('\n'), std::string::npos) << error.message;
  return std::stoull(error.message.substr(7));
}

// A file of one block of exactly these events, whatever they are.
std::string file_with(const std::vector<Event>& events) {
  std::string payload;
  for (const Event& event : events) trace_format::put(payload, pack(event));
  return trace_format::header("{}") +
         trace_format::block_header(trace_format::BlockKind::events, static_cast<std::uint32_t>(events.size()), 0,
                                    payload) +
         payload + trace_format::block_header(trace_format::BlockKind::end, 0, 1, "");
}

TEST(TraceFile, WhatIsWrittenIsRead) {
  const SmallTrace small = small_trace(20);
  const Expected<Trace> trace = read_text(small.bytes);
  ASSERT_TRUE(trace);
  EXPECT_TRUE(test::same(trace->events, small.events));
  EXPECT_EQ(trace->metadata, R"({"acceptors":3})");
  EXPECT_EQ(trace->status.totals, small.totals);
  EXPECT_TRUE(trace->status.complete());
  EXPECT_EQ(trace->status.events, small.events.size());
}

// The layout is a contract: these bytes are version 1.
TEST(TraceFile, LayoutOfVersionOne) {
  const std::string bytes =
      file_of(std::vector<Event>{{.at = 0x0102, .agent = 7, .sequence = 0}}, std::vector<AgentTotal>{}, 1, "{}");
  ASSERT_EQ(bytes.size(), 20 + 2 + 32 + 80 + 32U);
  EXPECT_EQ(bytes.substr(0, 8), "PAXTRACE");
  EXPECT_EQ(bytes.substr(8, 8), std::string("\1\0\0\0\2\0\0\0", 8));
  EXPECT_EQ(bytes.substr(20, 6), "{}PBLK");
  EXPECT_EQ(bytes.substr(26, 12), std::string("\1\0\0\0\x50\0\0\0\1\0\0\0", 12));
  EXPECT_EQ(bytes.substr(54, 8), std::string("\2\1\0\0\0\0\0\0", 8));
  EXPECT_EQ(bytes.substr(54 + 7 * 8, 8), std::string("\0\0\0\0\7\0\0\0", 8));
  EXPECT_EQ(trace_format::checksum("123456789"), 0xcbf43926U);  // the check value of CRC-32
}

// Cut anywhere: the whole blocks before the cut are delivered, and the error names a place at or before it.
TEST(TraceFile, CutAtEveryByteDeliversWhatIsWhole) {
  const SmallTrace small = small_trace(2);
  const std::size_t header = trace_format::header(R"({"acceptors":3})").size();
  const std::size_t block = trace_format::kBlockBytes + kPerBlock * trace_format::kEventBytes;
  for (std::size_t size = 0; size < small.bytes.size(); ++size) {
    const Expected<Trace> trace = read_text(small.bytes.substr(0, size));
    if (size < trace_format::kHeaderBytes) {
      ASSERT_FALSE(trace) << size;
      EXPECT_LE(offset_in(trace.error()), size);
      continue;
    }
    ASSERT_TRUE(trace) << size << ": " << trace.error().message;
    ASSERT_TRUE(trace->status.error) << size;
    EXPECT_LE(offset_in(*trace->status.error), size);
    EXPECT_FALSE(trace->status.complete());
    const std::size_t blocks = size < header ? 0 : (size - header) / block;
    const std::size_t whole = std::min(blocks * kPerBlock, small.events.size());
    EXPECT_GE(trace->events.size(), whole) << size;
    EXPECT_TRUE(test::same(trace->events, std::span(small.events).first(trace->events.size()))) << size;
  }
}

// One flipped bit anywhere costs at most the block it is in, and is always told.
TEST(TraceFile, EveryFlippedBitIsFoundAndTheOtherBlocksAreDelivered) {
  const SmallTrace small = small_trace(1);
  const std::size_t header = trace_format::header(R"({"acceptors":3})").size();
  for (std::size_t at = 0; at < small.bytes.size(); at += kSanitized ? 7 : 1) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string bytes = small.bytes;
      bytes[at] = static_cast<char>(bytes[at] ^ (1 << bit));
      const Expected<Trace> trace = read_text(bytes);
      if (at < 12) {  // magic and version
        ASSERT_FALSE(trace);
        EXPECT_LE(offset_in(trace.error()), at);
        continue;
      }
      ASSERT_TRUE(trace) << at << ": " << trace.error().message;
      ASSERT_TRUE(trace->status.error) << at;
      EXPECT_LE(offset_in(*trace->status.error), std::max<std::size_t>(at, 16)) << trace->status.error->message;
      const std::size_t damaged = at < header ? 0 : kPerBlock;
      EXPECT_GE(trace->events.size() + damaged, small.events.size()) << at;
      for (const Event& event : trace->events) {
        EXPECT_TRUE(std::any_of(small.events.begin(), small.events.end(),
                                [&](const Event& original) { return test::same(event, original); }));
      }
    }
  }
}

TEST(TraceFile, AForeignFileOrVersionIsRefused) {
  EXPECT_EQ(read_text("").error().message, "offset 0: not a trace file: it does not begin with PAXTRACE");
  EXPECT_EQ(read_text("#!/bin/sh and more, and more, and more").error().message,
            "offset 0: not a trace file: it does not begin with PAXTRACE");
  EXPECT_EQ(read_text("PAXTRACE").error().message, "offset 8: the header is cut short: 8 of 20 bytes");
  std::string newer = small_trace(1).bytes;
  newer[8] = 2;
  EXPECT_EQ(read_text(newer).error().message, "offset 8: format version 2, this program reads version 1");
}

// Checksums that fit do not make an event true.
TEST(TraceFile, AnImpossibleEventIsRefusedAloneAndItsOffsetNamed) {
  const std::size_t payload = trace_format::header("{}").size() + trace_format::kBlockBytes;
  const auto second_refused = [&](const Event& second, const std::string& why) {
    const Event first{.at = 10, .agent = 1, .sequence = 4};
    const Event third{.at = 11, .agent = 1, .sequence = 8};
    const Expected<Trace> trace = read_text(file_with({first, second, third}));
    ASSERT_TRUE(trace);
    ASSERT_TRUE(trace->status.error);
    EXPECT_EQ(trace->status.error->message,
              "offset " + std::to_string(payload + trace_format::kEventBytes) + ": " + why);
    EXPECT_TRUE(test::same(trace->events, std::vector<Event>{first, third}));
    EXPECT_EQ(trace->status.refused, 1U);
  };
  second_refused({.at = 9, .agent = 1, .sequence = 5},
                 "time runs back: event 5 of proposer1 is at 9 ns, the one before at 10 ns");
  second_refused({.at = 10, .agent = 1, .sequence = 4}, "event 4 of proposer1 where 5 or a later one should be");
  second_refused({.at = -1, .agent = 2}, "time -1 ns, before the run began");
  second_refused({.at = 10, .agent = 128, .agent_kind = AgentKind::acceptor}, "agent id 128, allowed 0 to 127");
  second_refused({.at = 10, .agent = 1 << 23}, "agent id 8388608, allowed 0 to 8388607");
  second_refused({.at = 10, .agent = 1, .sequence = 5, .kind = static_cast<EventKind>(99)},
                 "event kind 99, allowed 0 to 14");
}

TEST(TraceFile, LostEventsShowAsGapsAlsoAtTheEnd) {
  const SmallTrace small = small_trace(5);
  std::vector<Event> kept;
  const auto is_victim = [](const Event& event) { return event.agent_kind == AgentKind::proposer && event.agent == 1; };
  const auto last = static_cast<std::uint32_t>(std::count_if(small.events.begin(), small.events.end(), is_victim) - 1);
  for (const Event& event : small.events) {
    const bool lose = is_victim(event) &&
                      (event.sequence == 0 || event.sequence == 3 || event.sequence == 4 || event.sequence == last);
    if (!lose) kept.push_back(event);
  }
  const Expected<Trace> trace = read_text(file_of(kept, small.totals));
  ASSERT_TRUE(trace);
  const std::vector<Gap> expected = {
      {AgentKind::proposer, 1, 0, 1}, {AgentKind::proposer, 1, 3, 2}, {AgentKind::proposer, 1, last, 1}};
  EXPECT_EQ(trace->status.gaps, expected);
  EXPECT_EQ(trace->status.missing, 4U);
  EXPECT_FALSE(trace->status.error);
  EXPECT_FALSE(trace->status.complete());
}

// A total that cannot be costs the verdict "complete", however it is wrong.
TEST(TraceFile, AnImpossibleTotalIsRefused) {
  const std::vector<Event> events = {{.at = 1, .agent = 1, .sequence = 0}};
  const auto error_of = [&](const std::vector<AgentTotal>& totals) {
    const Expected<Trace> trace = read_text(file_of(events, totals, 1, "{}"));
    EXPECT_FALSE(trace->status.complete());
    EXPECT_TRUE(test::same(trace->events, events));
    return trace->status.error ? trace->status.error->message.substr(trace->status.error->message.find(": ")) : "";
  };
  EXPECT_EQ(error_of({{AgentKind::proposer, 1, 0}}), ": proposer1 recorded 0 events in all, and there is an event 0");
  EXPECT_EQ(error_of({{AgentKind::proposer, 1, 1}, {AgentKind::proposer, 1, 1}}), ": a second total of proposer1");
  EXPECT_EQ(error_of({{AgentKind::acceptor, 128, 1}}), ": agent id 128, allowed 0 to 127");
  EXPECT_EQ(error_of({{static_cast<AgentKind>(2), 0, 1}}), ": agent kind 2, allowed 0 and 1");
  EXPECT_EQ(error_of({}), "");  // nobody says how many there were
  // Sums that wrap around do not look like nothing.
  const std::uint64_t half = 1ULL << 63;
  EXPECT_EQ(error_of({{AgentKind::proposer, 1, 1}, {AgentKind::proposer, 2, half}, {AgentKind::proposer, 3, half}}),
            "");
}

// Counts and lengths are believed only when they agree with each other and with the bytes that are there.
TEST(TraceFile, ABlockWhoseNumbersDisagreeIsSkipped) {
  using trace_format::BlockKind;
  const Event event{.at = 1, .agent = 1};
  std::string payload;
  trace_format::put(payload, pack(event));
  const std::string good = trace_format::block_header(BlockKind::events, 1, 1, payload) + payload;
  for (const std::string& bad : {trace_format::block_header(BlockKind::events, 1'000'000, 0, payload) + payload,
                                 trace_format::block_header(BlockKind::end, 1, 0, payload) + payload,
                                 trace_format::block_header(static_cast<BlockKind>(9), 1, 0, payload) + payload}) {
    const Expected<Trace> trace = read_text(trace_format::header("{}") + bad + good);
    ASSERT_TRUE(trace);
    ASSERT_TRUE(trace->status.error);
    EXPECT_EQ(offset_in(*trace->status.error), 22U);
    EXPECT_TRUE(test::same(trace->events, std::vector<Event>{event}));
    EXPECT_EQ(trace->status.skipped, bad.size());
  }
}

TEST(TraceFile, AMissingARepeatedAndATrailingBlockAreTold) {
  const SmallTrace small = small_trace(2);
  const std::size_t header = trace_format::header(R"({"acceptors":3})").size();
  const std::size_t block = trace_format::kBlockBytes + kPerBlock * trace_format::kEventBytes;
  const auto error_of = [](const std::string& bytes) { return read_text(bytes)->status.error->message; };

  std::string missing = small.bytes;
  missing.erase(header + block, block);
  EXPECT_EQ(error_of(missing), "offset " + std::to_string(header + block) + ": block 2 where block 1 should be");
  EXPECT_EQ(read_text(missing)->events.size(), small.events.size() - kPerBlock);

  std::string repeated = small.bytes;
  repeated.insert(header + block, small.bytes, header, block);
  EXPECT_EQ(error_of(repeated), "offset " + std::to_string(header + block) + ": block 0 comes after block 0");
  EXPECT_TRUE(test::same(read_text(repeated)->events, small.events));

  EXPECT_EQ(error_of(small.bytes + "x"),
            "offset " + std::to_string(small.bytes.size()) + ": 1 bytes after the end of the trace");
}

// A reader that meets the end of a file that is still being written goes on when there is more.
TEST(TraceFile, IsReadableWhileItIsWritten) {
  const SmallTrace small = small_trace(3);
  std::stringstream file;
  Expected<TraceWriter> writer = TraceWriter::begin(file, "{}");
  ASSERT_TRUE(writer);
  Expected<TraceReader> reader = TraceReader::open(file);
  ASSERT_TRUE(reader);
  std::vector<Event> block;
  std::vector<Event> seen;
  EXPECT_FALSE(reader->next(block));
  for (const Event& event : small.events) {
    writer->push(event);
    EXPECT_FALSE(reader->next(block)) << "not flushed";
    file.clear();
    ASSERT_TRUE(writer->flush());
    ASSERT_TRUE(reader->next(block));
    seen.insert(seen.end(), block.begin(), block.end());
    EXPECT_TRUE(reader->status().error);
    file.clear();
  }
  ASSERT_TRUE(writer->finish(small.totals));
  EXPECT_FALSE(reader->next(block));
  EXPECT_TRUE(reader->status().complete());
  EXPECT_TRUE(test::same(seen, small.events));
}

TEST(TraceFile, BadMetadataIsRefusedByTheWriterAndCostsTheReaderNothingElse) {
  std::ostringstream out;
  EXPECT_FALSE(TraceWriter::begin(out, "not JSON"));
  EXPECT_FALSE(TraceWriter::begin(out, "[1]"));
  EXPECT_FALSE(TraceWriter::begin(out, R"({"a":)" + std::string(100, '[') + std::string(100, ']') + "}"));
  EXPECT_FALSE(TraceWriter::begin(out, "{\"a\":\"" + std::string(trace_format::kMetadataMax, 'a') + "\"}"));
  EXPECT_EQ(out.str(), "");

  const std::string bytes = trace_format::header("[1]") + file_with({{.at = 1, .agent = 1}}).substr(22);
  const Expected<Trace> trace = read_text(bytes);
  ASSERT_TRUE(trace);
  EXPECT_EQ(trace->status.error->message, "offset 20: the metadata is not a JSON object of at most 64 levels");
  EXPECT_EQ(trace->metadata, "{}");
  EXPECT_EQ(trace->events.size(), 1U);
}

TEST(TraceFile, AWriterThatCannotWriteSaysSoAndKeepsSayingIt) {
  std::ofstream full("/dev/full", std::ios::binary);
  ASSERT_TRUE(full);
  Expected<TraceWriter> writer = TraceWriter::begin(full, "{}");
  ASSERT_TRUE(writer);
  writer->push({.at = 1, .agent = 1});
  const Expected<void> flushed = writer->flush();
  ASSERT_FALSE(flushed);
  EXPECT_NE(flushed.error().message.find("No space left on device"), std::string::npos) << flushed.error().message;
  writer->push({.at = 2, .agent = 1, .sequence = 1});
  EXPECT_EQ(writer->finish({}).error().message, flushed.error().message);
}

TEST(TraceFile, AMissingFileIsAnErrorThatNamesIt) {
  EXPECT_EQ(load_trace("/nowhere/x.trace").error().message, "cannot read /nowhere/x.trace: No such file or directory");
}

TEST(TraceFile, OrderByTimeKeepsEachAgentsOrder) {
  std::vector<Event> events = {{.at = 5, .agent = 1, .sequence = 0},
                               {.at = 5, .agent = 1, .sequence = 1},
                               {.at = 2, .agent = 2, .sequence = 0},
                               {.at = 5, .agent = 2, .sequence = 1}};
  order_by_time(events);
  EXPECT_EQ(events[0].agent, 2U);
  EXPECT_EQ(events[1].sequence, 0U);
  EXPECT_EQ(events[2].sequence, 1U);
}

}  // namespace
}  // namespace paxoscope
