// A ballot orders as the pair (n, proposer) up to n = 2^40, and (0,0) is no ballot.
#include "core/paxos/ballot.h"

#include <gtest/gtest.h>

#include <utility>

#include "core/random.h"

namespace paxoscope {
namespace {

constexpr std::uint64_t kEdges[] = {0, 1, 2, 1000, (1ULL << 32) - 1, 1ULL << 32, Ballot::kMaxN - 1, Ballot::kMaxN};
constexpr ProposerId kIds[] = {0, 1, 2, 100'000, Ballot::kMaxProposer - 1, Ballot::kMaxProposer};

TEST(Ballot, GivesBackWhatItWasMadeOfUpToTheLimits) {
  for (const std::uint64_t n : kEdges) {
    for (const ProposerId id : kIds) {
      EXPECT_EQ(Ballot(n, id).n(), n);
      EXPECT_EQ(Ballot(n, id).proposer(), id);
      EXPECT_EQ(Ballot(n, id).is_none(), n == 0 && id == 0);
    }
  }
}

TEST(Ballot, OrdersByNAndThenByProposer) {
  Random random(7);
  for (int i = 0; i < 20'000; ++i) {
    // Small ranges, so that ties of n are common.
    const auto draw = [&] {
      const std::uint64_t n = random.below(2) == 0 ? kEdges[random.below(std::size(kEdges))] : random.below(4);
      return std::pair(n, kIds[random.below(std::size(kIds))]);
    };
    const auto a = draw();
    const auto b = draw();
    EXPECT_EQ(Ballot(a.first, a.second) <=> Ballot(b.first, b.second), a <=> b);
    EXPECT_EQ(Ballot(a.first, a.second) == Ballot(b.first, b.second), a == b);
  }
}

TEST(Ballot, RefusesNoneAndWhatIsOutOfRange) {
  EXPECT_TRUE(Ballot().is_none());
  EXPECT_FALSE(Ballot::fits(0, 0));
  EXPECT_TRUE(Ballot::fits(0, 1));
  EXPECT_TRUE(Ballot::fits(1, 0));
  EXPECT_TRUE(Ballot::fits(Ballot::kMaxN, Ballot::kMaxProposer));
  EXPECT_EQ(Ballot::kMaxN, std::uint64_t{1} << 40);
  for (const std::uint64_t n : {Ballot::kMaxN + 1, std::uint64_t{1} << 41, (std::uint64_t{1} << 63) - 1, ~std::uint64_t{0}}) {
    EXPECT_FALSE(Ballot::fits(n, 1)) << n;
  }
  for (const std::uint64_t id : {std::uint64_t{Ballot::kMaxProposer} + 1, std::uint64_t{1} << 32, ~std::uint64_t{0}}) {
    EXPECT_FALSE(Ballot::fits(1, id)) << id;
  }
}

}  // namespace
}  // namespace paxoscope
