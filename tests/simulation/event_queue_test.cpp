// The queue of events against a plain sorted map, at every size and through every change between its two forms.
#include <gtest/gtest.h>

#include <map>

#include "core/random.h"
#include "core/simulation/event_queue.h"

namespace paxoscope {
namespace {

TEST(EventQueue, GivesEntriesByTimeAndThoseOfOneTimeInTheOrderTheyCame) {
  EventQueue<std::uint64_t> queue;  // used again and again: clear() must leave nothing behind
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    Random random(seed);
    const std::uint64_t spread = std::uint64_t{1} << random.below(50);  // of times; the less, the more ties
    const std::uint64_t target = 1 + random.below(400);                 // about so many entries at once
    std::multimap<Nanos, std::uint64_t> expected;                       // equal keys keep their order
    Nanos now = 0;
    for (std::uint64_t i = 0; i < 2'000; ++i) {
      const bool grow = random.below(2 * target) >= expected.size();
      if (grow || expected.empty()) {
        const Nanos at = now + static_cast<Nanos>(random.below(spread));
        queue.push(at, i);
        expected.emplace(at, i);
        continue;
      }
      const std::uint64_t* next = queue.ahead(0);
      ASSERT_TRUE(next == nullptr || *next == expected.begin()->second) << "seed " << seed;
      const auto [at, payload] = queue.pop();
      ASSERT_EQ(at, expected.begin()->first) << "seed " << seed;
      ASSERT_EQ(payload, expected.begin()->second) << "seed " << seed;
      now = at;
      expected.erase(expected.begin());
      ASSERT_EQ(queue.size(), expected.size());
      for (bool dry = random.below(500) == 0; dry && !expected.empty(); expected.erase(expected.begin())) {
        now = expected.begin()->first;
        ASSERT_EQ(queue.pop().payload, expected.begin()->second) << "seed " << seed;
      }
    }
    queue.clear();
    ASSERT_TRUE(queue.empty());
  }
}

}  // namespace
}  // namespace paxoscope
