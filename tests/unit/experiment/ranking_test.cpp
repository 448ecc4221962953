// A ranking claims no more than the runs can tell.
#include "core/experiment/ranking.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>
#include <string>

#include "core/random.h"

namespace paxoscope {
namespace {

const Metric& metric() {
  return *find_metric("all_done_us");
}

// A point whose figure has these values, repetition by repetition.
ComparisonPoint values_of(Engine engine, const std::vector<double>& values) {
  ComparisonPoint made;
  made.experiment.engine = engine;
  for (const double value : values) {
    std::vector<double> sample(metrics().size(), std::numeric_limits<double>::quiet_NaN());
    sample[static_cast<std::size_t>(&metric() - metrics().data())] = value;
    made.samples.push_back(sample);
  }
  return made;
}

std::vector<std::size_t> ranks(const std::vector<ComparisonPoint>& points) {
  std::vector<const ComparisonPoint*> pointers;
  for (const ComparisonPoint& p : points) pointers.push_back(&p);
  std::vector<std::size_t> by_point(points.size());
  for (const RankedPoint& ranked : rank(pointers, {&metric(), false})) {
    by_point[static_cast<std::size_t>(ranked.point - points.data())] = ranked.rank;
  }
  return by_point;
}

// The same noise under every seed, far larger than what the points differ by.
std::vector<double> noisy(double mean, std::uint64_t own_seed) {
  Random shared(1), own(own_seed);
  std::vector<double> values;
  for (int seed = 0; seed < 200; ++seed) values.push_back(mean + 100 * shared.unit() + own.unit());
  return values;
}

TEST(Ranking, PairedDifferencesTellApartWhatOverlappingIntervalsCannot) {
  const std::vector<double> fast = noisy(100, 2), slow = noisy(101, 3);
  EXPECT_EQ(ranks({values_of(Engine::simulation, slow), values_of(Engine::simulation, fast)}),
            (std::vector<std::size_t>{2, 1}));
  EXPECT_EQ(ranks({values_of(Engine::threads, slow), values_of(Engine::threads, fast)}),
            (std::vector<std::size_t>{1, 1}));
}

TEST(Ranking, PointsThatCannotBeToldApartShareARankAndTheNextCountsThemAll) {
  const auto same = noisy(100, 4);
  EXPECT_EQ(ranks({values_of(Engine::simulation, noisy(150, 5)), values_of(Engine::simulation, same),
                   values_of(Engine::simulation, same), values_of(Engine::simulation, noisy(160, 6))}),
            (std::vector<std::size_t>{3, 1, 1, 4}));
}

TEST(Ranking, RunsThatWereCutOffComeLastHoweverGoodTheRestLooks) {
  ComparisonPoint flattered = values_of(Engine::simulation, noisy(1, 7));
  flattered.cut_off = 1;
  ComparisonPoint never = values_of(Engine::simulation, std::vector<double>(200, std::nan("")));
  never.cut_off = 200;
  EXPECT_EQ(ranks({flattered, never, values_of(Engine::simulation, noisy(1'000, 8))}),
            (std::vector<std::size_t>{2, 2, 1}));
}

TEST(Ranking, MoreIsBetterTurnsItAround) {
  const std::vector<ComparisonPoint> points{values_of(Engine::simulation, noisy(100, 2)),
                                            values_of(Engine::simulation, noisy(200, 3))};
  const std::vector<const ComparisonPoint*> pointers{&points[0], &points[1]};
  const auto ranked = rank(pointers, {&metric(), true});
  EXPECT_EQ(ranked.front().point, &points[1]);
  EXPECT_EQ(ranked.front().behind.value, 0);
  EXPECT_NEAR(ranked.back().behind.value, -100, 1);
}

TEST(RankBy, KnowsWhatDecidesAndRefusesTheRest) {
  EXPECT_EQ(RankBy::usual(Experiment::duel()).metric->name, "all_done_us");
  EXPECT_FALSE(RankBy::usual(Experiment::duel()).more_is_better);
  EXPECT_EQ(RankBy::usual(Experiment()).metric->name, "decisions_per_s");
  EXPECT_TRUE(RankBy::usual(Experiment()).more_is_better);
  const auto wrong = parse_rank_by("colour");
  ASSERT_FALSE(wrong);
  EXPECT_NE(wrong.error().message.find("ballots_total"), std::string::npos);
}

}  // namespace
}  // namespace paxoscope
