// A sweep has every combination that makes sense and says what does not; its answers are those of the numbers.
#include "core/experiment/sweep.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <limits>
#include <string>
#include <vector>

#include "core/backoff/registry.h"
#include "core/experiment/answers.h"

namespace paxoscope {
namespace {

std::vector<Experiment> swept(const std::vector<std::string>& strategies, const std::vector<std::string>& axes) {
  std::vector<SweepAxis> parsed;
  for (const std::string& axis : axes) parsed.push_back(parse_axis(axis).value());
  const auto result = sweep_points(Experiment::duel(), strategies, parsed);
  EXPECT_TRUE(result.has_value()) << (result ? "" : result.error().message);
  return result.value_or(std::vector<Experiment>());
}

std::string sweep_refusal(const std::vector<std::string>& strategies, const std::string& axis) {
  const auto parsed = parse_axis(axis);
  if (!parsed) return parsed.error().message;
  const auto result = sweep_points(Experiment::duel(), strategies, std::array{*parsed});
  EXPECT_FALSE(result) << axis;
  return result ? "" : result.error().message;
}

TEST(Sweep, HasEveryCombinationOnceAndLeavesOutContradictions) {
  const auto all =
      swept({find_strategy("full_jitter")->default_text(), "none"}, {"base=1R,2R,4R", "cap=2R,8R", "proposers=2,4"});
  std::vector<std::string> texts;
  for (const Experiment& e : all) texts.push_back(e.strategy + " " + std::to_string(e.proposers));
  // full_jitter: 3 x 2 without base=4R,cap=2R; none: only one, for it has neither parameter.
  EXPECT_EQ(texts.size(), (5U + 1U) * 2U);
  EXPECT_EQ(std::count(texts.begin(), texts.end(), "none 4"), 1);
  EXPECT_EQ(std::count(texts.begin(), texts.end(), "full_jitter:base=4R,cap=8R,reset=win 2"), 1);
  EXPECT_EQ(std::count(texts.begin(), texts.end(), "full_jitter:base=4R,cap=2R,reset=win 2"), 0);
}

TEST(Sweep, SpreadKeepsTheNetworksMeanAndAllElseOfIt) {
  const auto rack = swept({"none"}, {"spread=0,0.5"});
  EXPECT_EQ(rack[0].network, "constant:25us");
  EXPECT_EQ(rack[1].network, "lognormal:25us,0.5");
  Experiment lossy = Experiment::duel();
  lossy.network = R"({"base": "rack", "loss": 0.1, "processing_us": 2})";
  const auto varied = sweep_points(lossy, std::array{std::string("none")}, std::array{parse_axis("spread=1").value()});
  ASSERT_TRUE(varied);
  const NetworkOptions network = varied->front().simulation().network;
  EXPECT_EQ(network.loss, 0.1);
  EXPECT_EQ(network.round_trip(3, 2), lossy.simulation().network.round_trip(3, 2));
}

TEST(Sweep, ValuesWithCommasAreSeparatedBySemicolons) {
  const auto networks = swept({"none"}, {"network=rack;normal:10us,2us"});
  ASSERT_EQ(networks.size(), 2U);
  EXPECT_EQ(networks[1].network, "normal:10us,2us");
  EXPECT_EQ(swept({"none"}, {"learning=visible,own_round"})[0].learning, Learning::visible);
  EXPECT_EQ(swept({"none"}, {"operations-max=3"})[0].operations_max, 3U);
}

TEST(Sweep, AStrategysParameterGoesBeforeAMemberOfTheSameName) {
  EXPECT_EQ(swept({"fixed_window:window=5R"}, {"window=2R"})[0].strategy, "fixed_window:window=2R");
  EXPECT_EQ(swept({"none"}, {"window=2"})[0].window, 2U);
}

TEST(Sweep, NamesWhatIsWrongInOneLine) {
  const std::vector<std::pair<std::string, std::string>> wrong{
      {"", "NAME=VALUE"},       {"base", "NAME=VALUE"},        {"=1R", "NAME=VALUE"},        {"base=1R,,2R", "empty"},
      {"base=", "empty"},       {"base=1R,xR", "xR"},          {"slot=1R", "slot"},          {"spread=-1", "spread"},
      {"spread=nan", "spread"}, {"spread=6", "spread"},        {"proposers=0", "proposers"}, {"nonsense=1", "nonsense"},
      {"learning=x", "x"},      {"acceptors=1.5", "acceptors"}};
  for (const auto& [axis, naming] : wrong) {
    const std::string line = sweep_refusal({find_strategy("full_jitter")->default_text()}, axis);
    EXPECT_NE(line.find(naming), std::string::npos) << axis << ": " << line;
    EXPECT_EQ(line.find('\n'), std::string::npos) << line;
  }
}

TEST(Tunings, OfEveryStrategyAreValidAndIncludeTheDefaults) {
  for (const StrategyInfo& info : all_strategies()) {
    const std::string canonical = parse_strategy(info.name).value()->to_string();
    const auto all = tunings(canonical);
    EXPECT_EQ(std::count(all.begin(), all.end(), canonical), 1) << info.name;
    for (const std::string& text : all) EXPECT_TRUE(parse_strategy(text)) << text;
  }
  EXPECT_EQ(tunings("constant:wait=1R"),
            (std::vector<std::string>{"constant:wait=0.25R", "constant:wait=0.5R", "constant:wait=1R",
                                      "constant:wait=2R", "constant:wait=4R"}));
  EXPECT_EQ(wait_parameter("constant:wait=1R"), "wait");
  EXPECT_EQ(wait_parameter("none"), "");
}

// A point whose figures are given, the same in each of three runs.
ComparisonPoint figures_at(std::uint32_t proposers, const std::vector<std::pair<std::string, double>>& figures,
                           Engine engine = Engine::simulation, const std::string& strategy = "none") {
  ComparisonPoint made;
  made.experiment.engine = engine;
  made.experiment.proposers = proposers;
  made.experiment.strategy = strategy;
  std::vector<double> sample(metrics().size(), std::numeric_limits<double>::quiet_NaN());
  for (const auto& [name, value] : figures) {
    sample[static_cast<std::size_t>(find_metric(name) - metrics().data())] = value;
  }
  made.samples.assign(3, sample);
  return made;
}

std::vector<const ComparisonPoint*> to_pointers(const std::vector<ComparisonPoint>& points) {
  std::vector<const ComparisonPoint*> list;
  for (const ComparisonPoint& p : points) list.push_back(&p);
  return list;
}

TEST(Cliff, IsTheWaitFromWhichOnTheFirstDecisionStaysInTime) {
  const ComparisonPoint alone = figures_at(1, {{"first_decision_us", 100}});
  const auto smallest = [&](const std::vector<double>& times) {
    std::vector<ComparisonPoint> by_wait;
    for (const double time : times) by_wait.push_back(figures_at(8, {{"first_decision_us", time}}));
    return find_cliff(to_pointers(by_wait), alone).smallest;
  };
  EXPECT_EQ(smallest({300, 200, 105, 100}), 2U);
  EXPECT_EQ(smallest({90, 300, 106, 104}), 3U) << "a short wait that happens to be in time does not count";
  EXPECT_EQ(smallest({90, 90, 90}), 0U);
  EXPECT_EQ(smallest({90, 90, 106}), std::nullopt);
}

TEST(Pareto, FrontIsWhatNothingBeatsInBoth) {
  const std::vector<ComparisonPoint> settings{figures_at(2, {{"ballots_total", 10}, {"all_done_us", 50}}),
                                              figures_at(2, {{"ballots_total", 20}, {"all_done_us", 40}}),
                                              figures_at(2, {{"ballots_total", 15}, {"all_done_us", 60}}),
                                              figures_at(2, {{"ballots_total", 30}, {"all_done_us", 40}}),
                                              figures_at(2, {{"ballots_total", 40}, {"all_done_us", 10}})};
  std::vector<double> front;
  for (const Priced& p : price(to_pointers(settings))) {
    if (p.on_front) front.push_back(p.ballots.value);
  }
  EXPECT_EQ(front, (std::vector<double>{10, 20, 40}));
}

TEST(Scaling, FindsTheExponentAndTheThroughputsLawThatMadeTheNumbersAndTrustsNoRunThatWasCutOff) {
  std::vector<ComparisonPoint> by_n;
  UniversalScalability law;
  law.lambda = 1'000;
  law.sigma = 0.2;
  law.kappa = 0.01;
  for (const std::uint32_t n : {1U, 2U, 4U, 8U, 16U, 32U}) {
    by_n.push_back(figures_at(n, {{"ballots_per_decision", 3.0 * n * n}, {"decisions_per_s", law.throughput(n)}}));
  }
  by_n.push_back(figures_at(64, {{"ballots_per_decision", 1}, {"decisions_per_s", 1}}));
  by_n.back().cut_off = 1;
  const Scaling scaling = fit_scaling(to_pointers(by_n));
  ASSERT_TRUE(scaling.ballots && scaling.throughput);
  EXPECT_NEAR(scaling.ballots->exponent.value, 2, 1e-9);
  EXPECT_NEAR(scaling.throughput->sigma, 0.2, 1e-6);
  EXPECT_NEAR(scaling.throughput->kappa, 0.01, 1e-6);
  EXPECT_EQ(scaling.peak, 8U);
}

TEST(Agreement, IsOneForTheSameOrderAndMinusOneForTheOpposite) {
  std::vector<ComparisonPoint> virtual_time, same, opposite;
  const std::vector<std::string> names{"none", "lease", "constant:wait=1R", "fixed_window:window=5R"};
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto speed = static_cast<double>(10 * (i + 1));
    virtual_time.push_back(figures_at(8, {{"decisions_per_s", speed}}, Engine::simulation, names[i]));
    same.push_back(figures_at(8, {{"decisions_per_s", speed * 7}}, Engine::threads, names[i]));
    opposite.push_back(figures_at(8, {{"decisions_per_s", 1 / speed}}, Engine::threads, names[i]));
  }
  const RankBy by = parse_rank_by("decisions_per_s").value();
  EXPECT_EQ(compare_engines(to_pointers(same), to_pointers(virtual_time), by).correlation->tau, 1);
  const Agreement turned = compare_engines(to_pointers(opposite), to_pointers(virtual_time), by);
  EXPECT_EQ(turned.correlation->tau, -1);
  EXPECT_EQ(turned.pairs.front().rank_in_simulation, 1U);
  EXPECT_EQ(turned.pairs.front().rank_on_threads, 4U);
}

}  // namespace
}  // namespace paxoscope
