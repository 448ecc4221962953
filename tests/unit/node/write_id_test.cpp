// Write ids say who proposed them and where; keys and arrivals follow their distributions.
#include "core/node/write_id.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <vector>

#include "core/node/workload.h"

namespace paxoscope {
namespace {

TEST(WriteId, NamesItsWriterAndBelongsToItsInstanceOnly) {
  std::set<Value> ids;
  std::uint64_t foreign = 0;
  for (std::uint64_t ver = 0; ver < 300; ++ver) {
    for (const std::uint32_t key : {0U, 1U, 999'999U, ~0U}) {
      for (const ProposerId id : {1U, 2U, 100'000U, Ballot::kMaxProposer}) {
        const Value value = write_id({ver, key}, id);
        EXPECT_GE(value, 0);
        EXPECT_EQ(writer_of(value), id);
        EXPECT_TRUE(is_write_id(value, {ver, key}));
        foreign += static_cast<std::uint64_t>(is_write_id(value, {ver + 1, key}) || is_write_id(value, {ver, key + 1}));
        ids.insert(value);
      }
    }
  }
  EXPECT_EQ(ids.size(), 300U * 4 * 4);
  EXPECT_EQ(foreign, 0U);
  EXPECT_FALSE(is_write_id(0, {0, 0}));
}

std::vector<double> shares(const Workload& workload, int draws = 200'000) {
  const KeyPicker picker(workload);
  Random random(11);
  std::vector<double> count(workload.keys);
  for (int i = 0; i < draws; ++i) ++count.at(picker.pick(random, 0));
  for (double& share : count) share /= draws;
  return count;
}

TEST(KeyPicker, FollowsItsDistribution) {
  for (const auto& [choice, theta] :
       {std::pair(KeyChoice::uniform, 0.0), {KeyChoice::zipf, 0.0}, {KeyChoice::zipf, 0.99}, {KeyChoice::zipf, 3.0}}) {
    const Workload workload{.choice = choice, .keys = 20, .zipf_theta = theta};
    const auto seen = shares(workload);
    double sum = 0;
    for (int i = 1; i <= 20; ++i) sum += std::pow(i, -theta);
    for (int i = 1; i <= 20; ++i) {
      const double expected = std::pow(i, -theta) / sum;
      // Five standard deviations of a binomial share.
      EXPECT_NEAR(seen[static_cast<std::size_t>(i - 1)], expected, 5 * std::sqrt(expected / 200'000) + 1e-9)
          << "theta " << theta << ", key " << i;
    }
  }
}

TEST(KeyPicker, HotIsOneKeyAndDisjointIsEverybodysOwn) {
  Random random(1);
  EXPECT_EQ(KeyPicker({.choice = KeyChoice::hot, .keys = 9}).pick(random, 5), 0U);
  EXPECT_EQ(KeyPicker({.choice = KeyChoice::disjoint}).pick(random, 5), 5U);
  EXPECT_EQ(KeyPicker({.choice = KeyChoice::zipf, .keys = 1}).pick(random, 5), 0U);
}

TEST(ExponentialGap, HasTheMeanOfItsRateAndNeverOverflows) {
  Random random(3);
  double sum = 0;
  for (int i = 0; i < 100'000; ++i) {
    const Nanos gap = exponential_gap(random, 1000.0);
    ASSERT_GE(gap, 0);
    sum += static_cast<double>(gap);
  }
  EXPECT_NEAR(sum / 100'000, 1e6, 2e4);
  for (int i = 0; i < 1000; ++i) {
    ASSERT_GE(exponential_gap(random, 1e-300), 0);
    ASSERT_GE(exponential_gap(random, 1e300), 0);
  }
}

}  // namespace
}  // namespace paxoscope
