// The ring's own code, run on a model of memory that tries every outcome: no record is ever torn, doubled, reordered
// or lost without being counted. And the controls: each memory order and each check that the argument in ring.h leans
// on is weakened in turn, and the same test must see the harm.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "core/trace/ring.h"
#include "tests/unit/trace/memory_model.h"

namespace paxoscope {
namespace {

using test::MemoryModel;
using ModelRing = BasicRing<2, test::ModelAtomic>;
// Small worlds in which every slot is reused.
constexpr std::size_t kFlightCapacity = 4;
constexpr std::uint64_t kFlightPushes = 7;
constexpr std::size_t kStreamCapacity = 2;
constexpr std::uint64_t kStreamPushes = 4;

enum class Weakening : std::uint8_t {
  none,
  head_store_relaxed,  // the producer's publication
  head_load_relaxed,   // the reader's look at it
  word_store_relaxed,
  word_load_relaxed,
  tail_one_ahead,   // the producer thinks that one more slot is free
  recheck_skipped,  // the snapshot does not look again what was overwritten meanwhile
};

struct Result {
  std::size_t executions = 0;
  std::size_t records = 0;  // read, over all executions: that the test saw anything at all
  std::string harm;         // empty: none
};

// Record p is {p + 1, p + 1}, so that a torn one and an empty slot show.
ModelRing::Record record(std::uint64_t number) {
  return {number + 1, number + 1};
}

void apply(Weakening weakening, MemoryModel& model, const ModelRing& ring) {
  const auto in_ring = [&ring](const void* address) {  // else it is a word of a slot
    const auto* byte = static_cast<const char*>(address);
    const auto* begin = reinterpret_cast<const char*>(&ring);
    return byte >= begin && byte < begin + sizeof(ring);
  };
  const auto weak = [&model](bool hit, MemoryModel::Thread thread, std::memory_order order) {
    return hit && model.thread == thread ? std::memory_order_relaxed : order;
  };
  using Access = MemoryModel::Access;
  using Thread = MemoryModel::Thread;
  model.weaken = [=](const void* address, Access access, std::memory_order order) {
    const bool store = access == Access::store;
    switch (weakening) {
      case Weakening::head_store_relaxed: return weak(store && in_ring(address), Thread::writer, order);
      case Weakening::head_load_relaxed: return weak(!store && in_ring(address), Thread::reader, order);
      case Weakening::word_store_relaxed: return weak(store && !in_ring(address), Thread::writer, order);
      case Weakening::word_load_relaxed: return weak(!store && !in_ring(address), Thread::reader, order);
      default: return order;
    }
  };
  // In the ring only tail_ is loaded with acquire by the producer, and only head_ by the reader.
  model.distort = [=, &model, first = std::uint64_t{0}, looked = false](const void* address, std::memory_order order,
                                                                        std::uint64_t value) mutable {
    if (!in_ring(address) || order != std::memory_order_acquire) return value;
    if (weakening == Weakening::tail_one_ahead && model.thread == Thread::writer) return value + 1;
    if (weakening == Weakening::recheck_skipped && model.thread == Thread::reader) {
      if (!looked) first = value;
      looked = true;
      return first;
    }
    return value;
  };
}

Result explore_flight(Weakening weakening) {
  Result result;
  result.executions = MemoryModel::explore([&](MemoryModel& model) {
    ModelRing ring(RingMode::flight, kFlightCapacity);
    apply(weakening, model, ring);
    for (std::uint64_t p = 0; p < kFlightPushes; ++p) ring.push(record(p));
    model.thread = MemoryModel::Thread::reader;
    std::vector<ModelRing::Record> seen;
    ring.snapshot([&](std::uint64_t position, const ModelRing::Record& record) {
      seen.push_back(record);
      if (record[0] != position + 1) result.harm = "a torn record";
    });
    if (seen.size() >= kFlightCapacity) result.harm = "too many records";
    for (std::size_t i = 0; i < seen.size(); ++i) {
      const bool whole = seen[i][0] == seen[i][1] && seen[i][0] != 0;
      if (!whole) result.harm = "a torn record";
      if (i > 0 && seen[i][0] != seen[i - 1][0] + 1) result.harm = "records that do not follow each other";
    }
    result.records += seen.size();
    return result.harm.empty();
  });
  return result;
}

Result explore_stream(Weakening weakening) {
  Result result;
  result.executions = MemoryModel::explore([&](MemoryModel& model) {
    ModelRing ring(RingMode::stream, kStreamCapacity);
    apply(weakening, model, ring);
    std::uint64_t pushed = 0;
    std::vector<bool> lost(kStreamPushes);
    const auto push = [&] {
      model.thread = MemoryModel::Thread::writer;
      const std::uint64_t lost_before = ring.lost();
      ring.push(record(pushed));
      lost[pushed++] = ring.lost() != lost_before;
      model.thread = MemoryModel::Thread::reader;
    };
    push();
    model.before_reader = [&] {
      while (pushed < kStreamPushes && model.choose(2) == 1) push();
    };
    std::vector<std::uint64_t> drained;
    const auto take = [&](std::uint64_t, const ModelRing::Record& seen) {
      if (seen[0] != seen[1] || seen[0] == 0) result.harm = "a torn record";
      drained.push_back(seen[0] - 1);
    };
    for (int i = 0; i < 2; ++i) ring.drain(kStreamCapacity, take);
    model.before_reader = nullptr;
    while (pushed < kStreamPushes) push();
    model.join_writer();
    ring.drain(kStreamCapacity, take);

    std::vector<std::uint64_t> kept;
    for (std::uint64_t p = 0; p < kStreamPushes; ++p) {
      if (!lost[p]) kept.push_back(p);
    }
    if (result.harm.empty() && drained != kept) result.harm = "what was kept is not what was drained";
    result.records += drained.size();
    return result.harm.empty();
  });
  return result;
}

TEST(RingModel, AFlightSnapshotIsWholeInEveryExecution) {
  const Result result = explore_flight(Weakening::none);
  EXPECT_EQ(result.harm, "");
  EXPECT_GT(result.executions, 100U);
  EXPECT_GT(result.records, 100U);
}

TEST(RingModel, AStreamDeliversWhatItKeptInEveryExecution) {
  const Result result = explore_stream(Weakening::none);
  EXPECT_EQ(result.harm, "");
  EXPECT_GT(result.executions, 1000U);
  EXPECT_GT(result.records, 1000U);
}

TEST(RingModel, EveryWeakenedFlightRingIsCaught) {
  EXPECT_EQ(explore_flight(Weakening::head_store_relaxed).harm, "a torn record");
  EXPECT_EQ(explore_flight(Weakening::head_load_relaxed).harm, "a torn record");
  EXPECT_EQ(explore_flight(Weakening::word_store_relaxed).harm, "a torn record");
  EXPECT_EQ(explore_flight(Weakening::word_load_relaxed).harm, "a torn record");
  EXPECT_EQ(explore_flight(Weakening::recheck_skipped).harm, "a torn record");
}

TEST(RingModel, EveryWeakenedStreamIsCaught) {
  EXPECT_EQ(explore_stream(Weakening::head_store_relaxed).harm, "a torn record");
  EXPECT_EQ(explore_stream(Weakening::head_load_relaxed).harm, "a torn record");
  EXPECT_NE(explore_stream(Weakening::tail_one_ahead).harm, "");
}

// The words' own orders matter to snapshots only: without them a stream must still pass, or the model is too strict.
TEST(RingModel, AStreamDoesNotNeedTheOrdersOfItsWords) {
  EXPECT_EQ(explore_stream(Weakening::word_store_relaxed).harm, "");
  EXPECT_EQ(explore_stream(Weakening::word_load_relaxed).harm, "");
}

}  // namespace
}  // namespace paxoscope
