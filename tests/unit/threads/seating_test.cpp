// All threads have about as much to do, none has nothing, and a thread each is in order.
#include "core/threads/seating.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace paxoscope {
namespace {

// Of all messages times both numbers of nodes: what each thread handles.
std::vector<std::size_t> loads(const Seating& seating, std::size_t acceptors, std::size_t proposers) {
  std::vector<std::size_t> loads(seating.threads());
  for (std::size_t id = 0; id < acceptors; ++id) loads[seating.of_acceptor(id)] += proposers;
  for (std::size_t rank = 0; rank < proposers; ++rank) loads[seating.of_proposer(rank)] += acceptors;
  return loads;
}

TEST(Seating, NoThreadHasMuchMoreThanAnother) {
  for (std::size_t acceptors = 1; acceptors <= 9; ++acceptors) {
    for (std::size_t proposers = 1; proposers <= 20; ++proposers) {
      for (std::size_t threads = 1; threads <= acceptors + proposers; ++threads) {
        const Seating seating(acceptors, proposers, threads);
        const std::vector<std::size_t> of = loads(seating, acceptors, proposers);
        const auto [least, most] = std::minmax_element(of.begin(), of.end());
        ASSERT_GT(*least, 0U) << acceptors << ", " << proposers << ", " << threads;
        // The last one seated on the fullest thread found it the emptiest.
        ASSERT_LE(*most - *least, std::max(acceptors, proposers)) << acceptors << ", " << proposers << ", " << threads;
        ASSERT_EQ(seating.of_acceptor(0), 0U);
      }
    }
  }
}

TEST(Seating, AThreadEachIsInOrder) {
  const Seating seating(3, 5, 8);
  for (std::size_t id = 0; id < 3; ++id) EXPECT_EQ(seating.of_acceptor(id), id);
  for (std::size_t rank = 0; rank < 5; ++rank) EXPECT_EQ(seating.of_proposer(rank), 3 + rank);
}

// Alone it handles as many messages as all acceptors together.
TEST(Seating, TheOnlyProposerHasAThreadForItself) {
  for (std::size_t threads = 2; threads <= 4; ++threads) {
    const Seating seating(3, 1, threads);
    for (std::size_t id = 0; id < 3; ++id) EXPECT_NE(seating.of_acceptor(id), seating.of_proposer(0));
  }
}

}  // namespace
}  // namespace paxoscope
