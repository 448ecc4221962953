// The generator is the published one, and its draws keep to their ranges: every seeded run rests on this.
#include "core/random.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <array>
#include <cstdint>

namespace paxoscope {
namespace {

// The published vector of SplitMix64 for this seed, as many libraries test theirs.
TEST(Random, IsSplitMix64) {
  Random random(1234567);
  for (const std::uint64_t expected : {6457827717110365317U, 3203168211198807973U, 9817491932198370423U,
                                       4593380528125082431U, 16408922859458223821U}) {
    EXPECT_EQ(random.next(), expected);
  }
}

RC_GTEST_PROP(Random, BelowStaysBelowItsBound, (std::uint64_t seed)) {
  const auto bound = *rc::gen::suchThat<std::uint64_t>([](std::uint64_t word) { return word != 0; });
  RC_ASSERT(Random(seed).below(bound) < bound);
}

TEST(Random, BelowReachesTheEndsOfTheFullRange) {
  EXPECT_EQ(Random(5).below(1), 0U);
  // With the greatest bound, nothing but the last place of the word may be lost.
  const std::uint64_t word = Random(5).next();
  const std::uint64_t draw = Random(5).below(UINT64_MAX);
  EXPECT_TRUE(draw == word || draw == word - 1);
}

// Pearson's chi-squared over 10 cells (9 degrees of freedom); 27.9 is exceeded by chance once in 1,000 seeds, and
// the seed is fixed.
TEST(Random, BelowIsUniform) {
  constexpr std::size_t kCells = 10;
  constexpr int kDraws = 100'000;
  std::array<int, kCells> counts{};
  Random random(42);
  for (int draw = 0; draw < kDraws; ++draw) {
    ++counts.at(random.below(kCells));
  }
  double chi_squared = 0;
  for (const int count : counts) {
    const double expected = static_cast<double>(kDraws) / kCells;
    chi_squared += (count - expected) * (count - expected) / expected;
  }
  EXPECT_LT(chi_squared, 27.9);
  EXPECT_GT(chi_squared, 0.5);  // nor more even than chance allows (once in 33,000)
}

RC_GTEST_PROP(Random, UnitIntervalsKeepTheirEnds, (std::uint64_t seed)) {
  Random random(seed);
  const double unit = random.unit();
  RC_ASSERT(0.0 <= unit && unit < 1.0);
  const double above_zero = random.unit_above_zero();
  RC_ASSERT(0.0 < above_zero && above_zero <= 1.0);
}

// Neighbouring seeds and neighbouring streams must not share a draw: else two nodes would back off alike.
TEST(Random, StreamsOfOneSeedDiffer) {
  const std::uint64_t first = Random::for_stream(1, 0).next();
  EXPECT_EQ(Random::for_stream(1, 0).next(), first);
  EXPECT_NE(Random::for_stream(1, 1).next(), first);
  EXPECT_NE(Random::for_stream(2, 0).next(), first);
}

}  // namespace
}  // namespace paxoscope
