// A duration is exact: what is parsed prints back, and what cannot be kept exactly is refused.
#include "core/backoff/duration.h"

#include <gtest/gtest.h>

#include <limits>

#include "core/random.h"

namespace paxoscope {
namespace {

TEST(Duration, PrintsCanonicalText) {
  const std::pair<const char*, const char*> texts[] = {
      {"1R", "1R"},      {"0.5R", "0.5R"},           {"0.50R", "0.5R"},    {"007R", "7R"},
      {"0R", "0R"},      {"20us", "20us"},           {"1500us", "1500us"}, {"1.5ms", "1500us"},
      {"1000ns", "1us"}, {"0.25us", "250ns"},        {"2s", "2s"},         {"3600s", "3600s"},
      {"0ms", "0ns"},    {"0.000001R", "0.000001R"}, {"90s", "90s"}};
  for (const auto& [text, canonical] : texts) {
    const auto parsed = Duration::parse(text);
    ASSERT_TRUE(parsed) << text;
    EXPECT_EQ(parsed->to_string(), canonical) << text;
  }
}

TEST(Duration, EveryValueSurvivesPrintingAndParsing) {
  Random random(1);
  for (int i = 0; i < 20'000; ++i) {
    // Shifts give every magnitude its share.
    const auto shift = static_cast<int>(random.below(40));
    const auto millionths =
        static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(Duration::kLongestInR) + 1) >> shift);
    const auto nanos = static_cast<Nanos>(random.below(static_cast<std::uint64_t>(kLongestWait) + 1) >> shift);
    for (const Duration value : {Duration::of_round_trips(millionths), Duration::of_nanos(nanos)}) {
      const auto parsed = Duration::parse(value.to_string());
      ASSERT_TRUE(parsed) << value.to_string();
      EXPECT_EQ(*parsed, value) << value.to_string();
    }
  }
}

TEST(Duration, RefusesWhatIsNotExactlyADuration) {
  for (const char* text : {"",
                           "R",
                           "s",
                           "ns",
                           "1",
                           "1r",
                           "1 R",
                           " 1R",
                           "1R ",
                           "-1R",
                           "+1R",
                           "1e3R",
                           "nanR",
                           "nan",
                           "infR",
                           "inf",
                           "0x1R",
                           "1.R",
                           ".5R",
                           "1.2.3R",
                           "0.0000001R",
                           "0.5ns",
                           "0.0001us",
                           "1000000.000001R",
                           "3601s",
                           "3600.000000001s",
                           "99999999999999999999999999R",
                           "18446744073709551616ns",
                           "1m",
                           "1h",
                           "1R\n"}) {
    EXPECT_FALSE(Duration::parse(text)) << text;
  }
}

TEST(Duration, MultipliesRExactlyAndSaturates) {
  EXPECT_EQ(Duration::parse("0.5R")->of(7), 3);  // rounded down
  EXPECT_EQ(Duration::parse("1.5R")->of(10'000), 15'000);
  EXPECT_EQ(Duration::parse("20us")->of(7), 20'000);
  EXPECT_EQ(Duration::parse("1000000R")->of(std::numeric_limits<Nanos>::max()), kLongestWait);
}

TEST(Duration, OrdersOnlyWhatHasAnOrderForEveryR) {
  const Duration one_r = *Duration::parse("1R");
  const Duration two_r = *Duration::parse("2R");
  const Duration absolute = *Duration::parse("1ns");
  EXPECT_TRUE(one_r.surely_below(two_r));
  EXPECT_FALSE(two_r.surely_below(one_r));
  EXPECT_FALSE(one_r.surely_below(one_r));
  EXPECT_FALSE(absolute.surely_below(one_r));
  EXPECT_FALSE(one_r.surely_below(absolute));
}

}  // namespace
}  // namespace paxoscope
