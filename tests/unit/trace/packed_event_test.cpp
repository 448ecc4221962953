#include "core/trace/packed_event.h"

#include <gtest/gtest.h>

#include <cstring>

#include "core/random.h"
#include "tests/unit/trace/trace_testing.h"

namespace paxoscope {
namespace {

TEST(PackedEvent, EveryFieldSurvivesPackingAtItsLimits) {
  Random random(7);
  for (int i = 0; i < 10'000; ++i) {
    const Event event = test::random_event(random);
    const Event back = unpack(pack(event));
    EXPECT_TRUE(test::same(event, back));
    const Expected<Event> checked = unpack_checked(pack(event));
    ASSERT_TRUE(checked) << checked.error().message;
    EXPECT_TRUE(test::same(event, *checked));
  }
}

// What no host could have recorded is refused, whichever field says it; its neighbours at the limit are not.
TEST(PackedEvent, OutOfRangeIsRefusedAndNamesTheField) {
  const PackedEvent good = pack({.at = 5, .agent = 3, .kind = EventKind::sent});
  ASSERT_TRUE(unpack_checked(good));
  const auto refused = [&](std::size_t word, std::uint64_t flip) {
    PackedEvent words = good;
    words[word] ^= flip;
    const Expected<Event> event = unpack_checked(words);
    return event ? "accepted" : event.error().message;
  };
  const std::uint64_t too_large = (Ballot::kMaxN + 1) << Ballot::kProposerBits;
  EXPECT_EQ(refused(0, 1ULL << 63), "time -9223372036854775803 ns, before the run began");
  for (const std::size_t ballot : {2U, 4U, 5U}) EXPECT_EQ(refused(ballot, too_large), "a ballot number above 2^40");
  for (const std::size_t ballot : {2U, 4U, 5U}) {
    EXPECT_EQ(refused(ballot, Ballot::kMaxN << Ballot::kProposerBits), "accepted");
  }
  EXPECT_EQ(refused(7, 1ULL << 55), "agent id 8388611, allowed 0 to 8388607");
  EXPECT_EQ(refused(8, 1ULL << 23), "peer id 8388608, allowed 0 to 8388607");
  EXPECT_EQ(refused(9, 0x80ULL << 32), "event kind 129, allowed 0 to 14");
  EXPECT_EQ(refused(9, 2ULL << 40), "agent kind 2, allowed 0 and 1");
  EXPECT_EQ(refused(9, 1ULL << 48), "phase 0, allowed 1 and 2");
  EXPECT_EQ(refused(9, 4ULL << 56), "flags 4, allowed 0 to 3");
  PackedEvent acceptor = pack({.agent = 128, .agent_kind = AgentKind::acceptor});
  EXPECT_EQ(unpack_checked(acceptor).error().message, "agent id 128, allowed 0 to 127");
}

}  // namespace
}  // namespace paxoscope
