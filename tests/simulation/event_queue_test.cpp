// The queue of events against a plain sorted map, at every size and through every change between its two forms.
#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <map>
#include <vector>

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
      std::vector<std::uint64_t> ahead;
      queue.look_ahead(random.below(4), [&](std::uint64_t payload) { ahead.push_back(payload); });
      for (const std::uint64_t payload : ahead) {
        const bool here =
            std::any_of(expected.begin(), expected.end(), [&](const auto& entry) { return entry.second == payload; });
        ASSERT_TRUE(here) << "seed " << seed;
      }
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

TEST(EventQueue, LooksAheadAtWhatComesOutNextAndAtEachOnce) {
  EventQueue<std::uint64_t> queue;
  Random random(1);
  for (std::uint64_t i = 0; i < 5'000; ++i) queue.push(static_cast<Nanos>(random.below(1'000)), i);
  std::deque<std::uint64_t> ahead;
  std::size_t surprises = 0;
  while (!queue.empty()) {
    const std::uint64_t payload = queue.pop().payload;
    if (ahead.empty()) {
      ++surprises;
    } else {
      ASSERT_EQ(payload, ahead.front());
      ahead.pop_front();
    }
    queue.look_ahead(8, [&](std::uint64_t next) { ahead.push_back(next); });
  }
  EXPECT_LE(surprises, 1 + 1'000 / 64 + 1) << "one each time that entries come down a level, at most";
}

}  // namespace
}  // namespace paxoscope
