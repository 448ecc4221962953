#include "core/stats/histogram.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "core/random.h"
#include "core/stats/sampler.h"

namespace paxoscope {
namespace {

constexpr std::int64_t kMax = Histogram::kMaxValue;

struct Shape {
  std::string name;
  std::int64_t (*draw)(Random&);
};

const std::vector<Shape> kShapes = {
    {"small", [](Random& random) { return static_cast<std::int64_t>(random.below(3'000)); }},
    {"uniform", [](Random& random) { return static_cast<std::int64_t>(random.below(1'000'000'000)); }},
    {"exponential",
     [](Random& random) { return static_cast<std::int64_t>(-50'000.0 * std::log(random.unit_above_zero())); }},
    {"log-uniform over the whole range",
     [](Random& random) { return static_cast<std::int64_t>(random.next() >> (2 + random.below(62))); }},
    {"two humps",
     [](Random& random) {
       return static_cast<std::int64_t>((random.below(10) == 0 ? 40'000'000U : 900U) + random.below(100));
     }},
    {"constant", [](Random&) { return std::int64_t{123'456'789}; }},
};

std::vector<std::int64_t> draw(const Shape& shape, std::size_t count, std::uint64_t seed) {
  Random random(seed);
  std::vector<std::int64_t> values(count);
  for (auto& value : values) value = shape.draw(random);
  return values;
}

Histogram histogram_of(const std::vector<std::int64_t>& values) {
  Histogram histogram;
  for (const auto value : values) histogram.record(value);
  return histogram;
}

TEST(Histogram, EveryBucketIsAtMostATenthOfAPercentWideAndBucketsLeaveNoGap) {
  std::int64_t low = 0;
  std::size_t buckets = 0;
  while (true) {
    const std::int64_t high = Histogram::highest_equivalent(low);
    ASSERT_EQ(Histogram::lowest_equivalent(low), low);
    ASSERT_EQ(Histogram::lowest_equivalent(high), low);
    ASSERT_LE(static_cast<double>(high - low), 0.001 * static_cast<double>(low)) << low;
    ++buckets;
    if (high == kMax) break;
    low = high + 1;
  }
  EXPECT_EQ(buckets, 53U * 1024U);  // the bound on memory that the header promises
}

TEST(Histogram, AnyPercentileIsTheOrderStatisticWithinATenthOfAPercent) {
  for (const Shape& shape : kShapes) {
    for (const std::size_t count : {1U, 2U, 10U, 999U, 20'000U}) {
      const auto values = draw(shape, count, count);
      const Histogram histogram = histogram_of(values);
      auto sorted = values;
      std::sort(sorted.begin(), sorted.end());
      // In thousandths of a percent, so that the expected rank is exact.
      for (std::uint64_t p = 0; p <= 100'000; p += 100) {
        const std::uint64_t rank = std::max<std::uint64_t>(1, (p * count + 99'999) / 100'000);
        const std::int64_t exact = sorted[rank - 1];
        const std::int64_t found = histogram.percentile(static_cast<double>(p) / 1000);
        ASSERT_GE(found, exact) << shape.name << ", p" << static_cast<double>(p) / 1000 << " of " << count;
        ASSERT_LE(found - exact, exact / 1000)
            << shape.name << ", p" << static_cast<double>(p) / 1000 << " of " << count;
      }
      EXPECT_EQ(histogram.percentile(100), sorted.back()) << shape.name;
    }
  }
}

TEST(Histogram, CountTotalMinMaxAndMeanAreExact) {
  const Histogram histogram = histogram_of({1'000'001, 5, 70'000'003});
  EXPECT_EQ(histogram.count(), 3U);
  EXPECT_EQ(histogram.total(), 71'000'009U);
  EXPECT_EQ(histogram.min(), 5);
  EXPECT_EQ(histogram.max(), 70'000'003);
  EXPECT_DOUBLE_EQ(histogram.mean(), 71'000'009.0 / 3.0);
}

TEST(Histogram, MergingEqualsRecordingEverythingInOne) {
  for (const Shape& a : kShapes) {
    for (const Shape& b : kShapes) {
      const auto first = draw(a, 500, 1);
      auto second = draw(b, 300, 2);
      second.push_back(-1);  // saturates
      auto both = first;
      both.insert(both.end(), second.begin(), second.end());
      Histogram merged = histogram_of(first);
      merged.merge(histogram_of(second));
      ASSERT_EQ(merged, histogram_of(both)) << a.name << " and " << b.name;
      ASSERT_EQ(merged.count(), 801U);
    }
  }
}

TEST(Histogram, MergingAnEmptyOneChangesNothing) {
  const Histogram some = histogram_of({7, 7'000'000});
  Histogram left = some;
  left.merge(Histogram());
  EXPECT_EQ(left, some);
  Histogram right;
  right.merge(some);
  EXPECT_EQ(right, some);
}

TEST(Histogram, RecordingACountEqualsRecordingThatOften) {
  Histogram at_once;
  at_once.record(123'456, 1000);
  at_once.record(9, 0);
  EXPECT_EQ(at_once, histogram_of(std::vector<std::int64_t>(1000, 123'456)));
}

TEST(Histogram, RebuildingFromItsSnapshotGivesAnEqualOne) {
  EXPECT_EQ(Histogram::from_snapshot(Histogram().snapshot()).value(), Histogram());
  for (const Shape& shape : kShapes) {
    Histogram histogram = histogram_of(draw(shape, 2'000, 3));
    EXPECT_EQ(Histogram::from_snapshot(histogram.snapshot()).value(), histogram) << shape.name;
    histogram.record(kMax, 2);
    histogram.record(-1);  // saturates
    EXPECT_EQ(Histogram::from_snapshot(histogram.snapshot()).value(), histogram) << shape.name;
  }
}

TEST(Histogram, ASnapshotThatNoHistogramCanHaveGivenIsRefused) {
  const HistogramSnapshot good = histogram_of({5, 5, 4'097, 1'000'000}).snapshot();
  ASSERT_TRUE(Histogram::from_snapshot(good));
  const auto refused = [&](auto&& spoil) {
    HistogramSnapshot bad = good;
    spoil(bad);
    return !Histogram::from_snapshot(bad).has_value();
  };
  EXPECT_TRUE(refused([](auto& s) { s.buckets[0].low = -1; }));
  EXPECT_TRUE(refused([](auto& s) { s.buckets[1].low += 1; }));  // inside a bucket
  EXPECT_TRUE(refused([](auto& s) { s.buckets[1].count = 0; }));
  EXPECT_TRUE(refused([](auto& s) { s.buckets[1].count = std::numeric_limits<std::uint64_t>::max(); }));
  EXPECT_TRUE(refused([](auto& s) { std::swap(s.buckets[0], s.buckets[1]); }));
  EXPECT_TRUE(refused([](auto& s) { s.buckets.push_back(s.buckets.back()); }));
  EXPECT_TRUE(refused([](auto& s) { s.buckets.push_back({std::int64_t{1} << 62, 1}); }));
  EXPECT_TRUE(refused([](auto& s) { s.buckets.clear(); }));
  EXPECT_TRUE(refused([](auto& s) { s.min = 6; }));
  EXPECT_TRUE(refused([](auto& s) { s.max = 2'000'000; }));
  EXPECT_TRUE(refused([](auto& s) { s.max = 4'097; }));
  EXPECT_TRUE(refused([](auto& s) { s.total = 10; }));
  EXPECT_TRUE(refused([](auto& s) { s.total += 1'000; }));
  EXPECT_TRUE(refused([](auto& s) { s.saturated = 1; }));
}

TEST(Histogram, ValuesOutOfRangeAreKeptAtTheTopAndCountedAsSaturated) {
  Histogram histogram;
  histogram.record(kMax);
  EXPECT_EQ(histogram.saturated(), 0U);
  histogram.record(kMax + 1, 2);
  histogram.record(-1);
  histogram.record(std::numeric_limits<std::int64_t>::min());
  histogram.record(std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(histogram.saturated(), 5U);
  EXPECT_EQ(histogram.count(), 6U);
  EXPECT_EQ(histogram.min(), kMax);
  EXPECT_EQ(histogram.max(), kMax);
  EXPECT_EQ(histogram.total(), std::numeric_limits<std::uint64_t>::max());  // 6 * 2^62 does not fit
}

TEST(Histogram, AnEmptyOneAnswersZero) {
  const Histogram histogram;
  EXPECT_TRUE(histogram.empty());
  EXPECT_EQ(histogram.min(), 0);
  EXPECT_EQ(histogram.max(), 0);
  EXPECT_EQ(histogram.mean(), 0.0);
  EXPECT_EQ(histogram.percentile(50), 0);
  EXPECT_TRUE(histogram.buckets().empty());
}

TEST(Histogram, ClearedAndReservedOnesEqualFreshOnes) {
  Histogram histogram = histogram_of({1, 1'000, -5});
  histogram.clear();
  EXPECT_EQ(histogram, Histogram());
  histogram.reserve(0, kMax);
  EXPECT_EQ(histogram, Histogram());
  histogram.record(77);
  EXPECT_EQ(histogram, histogram_of({77}));
}

TEST(Sampler, AnEvenSweepGivesTheHistogramBack) {
  for (const Shape& shape : kShapes) {
    const std::size_t count = 5'000;
    const Histogram histogram = histogram_of(draw(shape, count, 4));
    const Sampler sampler = Sampler::from(histogram).value();
    Histogram sampled;
    std::int64_t previous = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const std::int64_t value = sampler.sample((static_cast<double>(i) + 0.5) / static_cast<double>(count));
      ASSERT_GE(value, previous) << shape.name;
      previous = value;
      sampled.record(value);
    }
    EXPECT_EQ(sampled.buckets(), histogram.buckets()) << shape.name;
  }
}

TEST(Sampler, StaysWithinWhatWasMeasuredAtBothEnds) {
  const Histogram histogram = histogram_of({1'000'003, 1'000'005});
  const Sampler sampler = Sampler::from(histogram).value();
  EXPECT_EQ(sampler.sample(0.0), 1'000'003);
  EXPECT_EQ(sampler.sample(std::nextafter(1.0, 0.0)), 1'000'005);
}

TEST(Sampler, AnEmptyHistogramHasNothingToDraw) {
  EXPECT_FALSE(Sampler::from(Histogram()).has_value());
}

}  // namespace
}  // namespace paxoscope
