// What the client checks accept and refuse.
#include "core/check/linearizability.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "core/random.h"

namespace paxoscope {
namespace {

using Kind = KvOperation::Kind;

CellOperation write_of(Value own, Value decided, Nanos began, Nanos ended) {
  return {.success = own == decided, .returned = true, .own = own, .value = decided, .began = began, .ended = ended};
}
CellOperation read_of(Value value, Nanos began, Nanos ended) {
  return {.read = true, .returned = true, .value = value, .began = began, .ended = ended};
}
CellOperation empty_read(Nanos began, Nanos ended) {
  return {.read = true, .empty = true, .began = began, .ended = ended};
}

TEST(Cells, AWonALostAndARead) {
  EXPECT_EQ(check_cells({write_of(1, 1, 0, 5), write_of(2, 1, 0, 9), read_of(1, 6, 7), empty_read(0, 1)}), "");
}
TEST(Cells, TwoValuesAreRefused) {
  EXPECT_NE(check_cells({write_of(1, 1, 0, 5), write_of(2, 2, 0, 5)}), "");
}
TEST(Cells, SuccessThatAnotherWonIsRefused) {
  CellOperation lost = write_of(2, 1, 0, 5);
  lost.success = true;
  EXPECT_NE(check_cells({write_of(1, 1, 0, 5), lost}), "");
}
TEST(Cells, FailureOfTheWinnerIsRefused) {
  CellOperation won = write_of(1, 1, 0, 5);
  won.success = false;
  EXPECT_NE(check_cells({won}), "");
}
TEST(Cells, NothingAfterAReturnIsRefused) {
  EXPECT_NE(check_cells({write_of(1, 1, 0, 5), empty_read(6, 7)}), "");
  EXPECT_EQ(check_cells({write_of(1, 1, 0, 5), empty_read(5, 7)}), "");
}
TEST(Cells, AValueFromNowhereOrFromTheFutureIsRefused) {
  EXPECT_NE(check_cells({read_of(3, 0, 1)}), "");
  EXPECT_NE(check_cells({read_of(1, 0, 1), write_of(1, 1, 2, 3)}), "");
}

KvOperation set(Value value, std::int64_t version, Nanos began, Nanos ended, std::uint32_t key = 0) {
  return {.kind = Kind::set, .key = key, .value = value, .version = version, .began = began, .ended = ended};
}
KvOperation get(Value value, std::int64_t version, Nanos began, Nanos ended, std::uint32_t key = 0) {
  return {.kind = Kind::get, .key = key, .value = value, .version = version, .began = began, .ended = ended};
}
Linearizable verdict(const std::vector<KvOperation>& history) {
  return check_kv(history).linearizable;
}

TEST(KeyValue, SequentialHistories) {
  EXPECT_EQ(verdict({set(5, 0, 0, 1), get(5, 0, 2, 3), set(6, 1, 4, 5), get(6, 1, 6, 7)}), Linearizable::yes);
  EXPECT_EQ(verdict({set(5, 0, 0, 1), set(6, 1, 2, 3), get(5, 0, 4, 5)}), Linearizable::no);
  EXPECT_EQ(verdict({get(0, KvOperation::kUnknown, 0, 1), set(5, 0, 2, 3)}), Linearizable::yes);
  EXPECT_EQ(verdict({set(5, 0, 0, 1), get(0, KvOperation::kUnknown, 2, 3)}), Linearizable::no);
}
TEST(KeyValue, ConcurrentSetsMayGoEitherWayButOnlyOneWay) {
  EXPECT_EQ(verdict({set(5, 1, 0, 9), set(6, 0, 0, 9), get(6, 0, 0, 9)}), Linearizable::yes);
  EXPECT_EQ(verdict({set(5, 0, 0, 9), set(6, 0, 0, 9)}), Linearizable::no);
  EXPECT_EQ(verdict({set(5, 0, 0, 9), set(6, 1, 0, 9), get(6, 1, 10, 11), get(5, 0, 12, 13)}), Linearizable::no);
}
TEST(KeyValue, OpenSetsMayHaveHappenedOrNot) {
  EXPECT_EQ(verdict({set(5, KvOperation::kUnknown, 0, kNever), get(5, 0, 10, 11)}), Linearizable::yes);
  EXPECT_EQ(verdict({set(5, KvOperation::kUnknown, 0, kNever), get(0, KvOperation::kUnknown, 10, 11)}),
            Linearizable::yes);
  EXPECT_EQ(verdict({set(5, KvOperation::kUnknown, 12, kNever), get(5, 0, 10, 11)}), Linearizable::no);
}
TEST(KeyValue, KeysAreJudgedByThemselves) {
  EXPECT_EQ(verdict({set(5, 0, 0, 1, 1), set(6, 0, 2, 3, 2), get(5, 0, 4, 5, 1)}), Linearizable::yes);
}
TEST(KeyValue, ABudgetThatIsNotEnoughIsUnknownAndNeverYes) {
  EXPECT_EQ(check_kv({set(5, 0, 0, 1), get(5, 0, 2, 3)}, 1).linearizable, Linearizable::unknown);
}

// Histories made from a known order: every operation takes effect at one moment inside its span.
TEST(KeyValue, HistoriesWithAKnownOrderAreAcceptedAndAStaleReadIsNot) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    Random random(seed);
    std::vector<KvOperation> history;
    std::int64_t version = KvOperation::kUnknown;
    Value value = 0;
    for (Nanos at = 100; at < 40'100; at += 100) {
      const auto before = static_cast<Nanos>(random.below(250)), after = static_cast<Nanos>(random.below(250));
      if (random.below(2) == 0) {
        value = at;
        history.push_back(set(value, ++version, at - before, at + after));
      } else {
        history.push_back(get(value, version, at - before, at + after));
      }
    }
    EXPECT_EQ(verdict(history), Linearizable::yes) << "seed " << seed;
    history.push_back(get(history.front().value, history.front().version, 50'000, 50'001));
    ASSERT_NE(history.front().version, version);
    EXPECT_EQ(verdict(history), Linearizable::no) << "seed " << seed;
  }
}

TEST(KeyValue, WhatIsNotSettledIsToldOfTheFirstKey) {
  const KvVerdict verdict = check_kv({set(5, 0, 1, 2, 7), set(6, 0, 1, 2, 8)}, 0);
  EXPECT_EQ(verdict.linearizable, Linearizable::unknown);
  EXPECT_TRUE(verdict.sentence.starts_with("key 7: ")) << verdict.sentence;
}

TEST(KeyValue, PorcupineLinesHaveItsFields) {
  std::istringstream lines(to_porcupine({set(5, 0, 1, 2, 7), get(5, 0, 3, kNever, 7)}));
  std::string line;
  ASSERT_TRUE(std::getline(lines, line));
  const auto first = nlohmann::json::parse(line);
  EXPECT_EQ(first["Input"]["Op"], "set");
  EXPECT_EQ(first["Input"]["Value"], 5);
  EXPECT_EQ(first["Call"], 1);
  EXPECT_EQ(first["Return"], 2);
  ASSERT_TRUE(std::getline(lines, line));
  const auto second = nlohmann::json::parse(line);
  EXPECT_EQ(second["Output"]["Value"], 5);
  EXPECT_TRUE(second["Return"].is_null());
}

}  // namespace
}  // namespace paxoscope
