// The tables of instances: nothing open is forgotten, memory is bounded, only what is below a watermark goes.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <vector>

#include "core/node/acceptor_node.h"
#include "core/node/instance_table.h"
#include "core/node/version_rings.h"
#include "core/random.h"

namespace paxoscope {
namespace {

using Rings = VersionRings<std::uint64_t, std::uint64_t>;

// Against a plain map: random finds, writes and retirements over several keys, in rings that were cleared before.
TEST(VersionRings, IsAMapThatForgetsOnlyFromBelow) {
  const RingLimits limits{.keys_max = 4, .versions_max = 64, .instances_max = 160};
  Rings rings(limits);
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    Random random(seed);
    rings.clear();
    EXPECT_EQ(rings.capacity(), 0U);
    for (std::uint32_t key = 0; key < 5; ++key) EXPECT_EQ(rings.note(key), nullptr);
    std::map<InstanceId, std::uint64_t> reference;
    std::map<std::uint32_t, std::uint64_t> first, notes;
    for (int step = 0; step < 400; ++step) {
      const auto key = static_cast<std::uint32_t>(random.below(5));
      if (random.below(10) == 0 && key < limits.keys_max) {
        const std::uint64_t to = first[key] + random.below(20);
        std::vector<std::uint64_t> gone;
        rings.retire(key, to, [&](std::uint64_t ver, std::uint64_t value) {
          const auto known = reference.find({ver, key});
          EXPECT_EQ(value, known == reference.end() ? 0 : known->second);
          gone.push_back(ver);
        });
        EXPECT_TRUE(std::is_sorted(gone.begin(), gone.end()));
        std::erase_if(reference, [&](const auto& entry) {
          const bool below = entry.first.key == key && entry.first.ver < to;
          EXPECT_TRUE(!below || std::binary_search(gone.begin(), gone.end(), entry.first.ver));
          return below;
        });
        first[key] = to;
        EXPECT_EQ(rings.first(key), to);
        continue;
      }
      const InstanceId id{first[key] + random.below(80) - std::min<std::uint64_t>(first[key], 5), key};
      const bool asked_before = rings.note(key) != nullptr;
      bool shown = false;
      std::uint64_t* entry = rings.find(id, [&](std::uint64_t& note) {
        EXPECT_EQ(note, notes[key]);
        note = notes[key] = random.below(1000);
        shown = true;
      });
      ASSERT_EQ(shown, asked_before);
      ASSERT_EQ(rings.is_retired(id), key < limits.keys_max && id.ver < first[key]);
      ASSERT_EQ(rings.note(key) == nullptr, key >= limits.keys_max);
      ASSERT_LE(rings.capacity(), limits.instances_max);
      if (key >= limits.keys_max || id.ver >= first[key] + limits.versions_max || id.ver < first[key]) {
        ASSERT_EQ(entry, nullptr);
      } else if (entry == nullptr) {
        ASSERT_FALSE(reference.contains(id)) << "what is open stays within reach";
      } else {
        const auto known = reference.find(id);
        ASSERT_EQ(*entry, known == reference.end() ? 0 : known->second);
        *entry = reference[id] = random.next();
      }
    }
    std::size_t seen = 0;
    rings.for_each([&](const InstanceId& id, const std::uint64_t& value) {
      if (value == 0) return;
      EXPECT_EQ(reference.at(id), value);
      ++seen;
    });
    EXPECT_EQ(seen, reference.size()) << "seed " << seed;
  }
}

TEST(VersionRings, VersionsAtTheEndOfTheNumbersDoNotWrap) {
  Rings rings({.keys_max = 1, .versions_max = 8, .instances_max = 8});
  EXPECT_EQ(rings.find({~std::uint64_t{0}, 0}), nullptr);
  EXPECT_FALSE(rings.is_retired({~std::uint64_t{0}, 0}));
  rings.retire(0, 100, [](auto, auto&) {});
  EXPECT_NE(rings.find({100, 0}), nullptr);
  EXPECT_EQ(rings.find({99, 0}), nullptr);
  EXPECT_TRUE(rings.is_retired({99, 0}));
  EXPECT_EQ(rings.find({0, ~std::uint32_t{0}}), nullptr);
  EXPECT_FALSE(rings.is_retired({0, ~std::uint32_t{0}}));
}

constexpr InstanceLimits kSmall{.rings = {.keys_max = 3, .versions_max = 128, .instances_max = 256}, .retain = 4};

Request request(Phase phase, InstanceId id, Ballot ballot, Value value = 0, std::uint64_t decided_below = 0) {
  return {.instance = id,
          .ballot = ballot,
          .value = value,
          .decided_below = decided_below,
          .round = 17,
          .slot = 3,
          .phase = phase};
}

Reply ask(AcceptorNode& node, const Request& question) {
  Reply reply{.last_bal = Ballot(99, 9), .v_bal = Ballot(99, 9), .value = 99, .kind = ReplyKind::decided};  // dirty
  node.on_request(question, reply);
  return reply;
}

// Random traffic with watermarks: an instance at or above the watermark minus what is retained keeps its state.
TEST(AcceptorNode, ForgetsNoVoteOrPromiseOfAnOpenInstanceAndStepsAsAnAcceptorDoes) {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    Random random(seed);
    AcceptorNode node(2, kSmall);
    std::map<InstanceId, Acceptor> reference;
    std::map<std::uint32_t, std::uint64_t> watermark;
    int retired = 0;
    for (int step = 0; step < 600; ++step) {
      const auto key = static_cast<std::uint32_t>(random.below(2));
      const std::uint64_t below = random.below(4) == 0 ? watermark[key] + random.below(6) : 0;
      const InstanceId id{watermark[key] + random.below(20) - std::min<std::uint64_t>(watermark[key], 8), key};
      const Phase phase = random.below(2) == 0 ? Phase::prepare : Phase::accept;
      const Request question = request(phase, id, Ballot(1 + random.below(4), 1 + static_cast<ProposerId>(id.ver % 3)),
                                       static_cast<Value>(random.below(9)), below);
      const Reply reply = ask(node, question);
      watermark[key] = std::max(watermark[key], below);
      // Echoes, always.
      ASSERT_EQ(reply.instance, question.instance);
      ASSERT_EQ(reply.ballot, question.ballot);
      ASSERT_EQ(reply.round, question.round);
      ASSERT_EQ(reply.slot, question.slot);
      ASSERT_EQ(reply.phase, question.phase);
      ASSERT_EQ(reply.acceptor, 2);
      const bool may_be_retired = id.ver + kSmall.retain < watermark[key];
      if (reply.kind == ReplyKind::retired) {
        ASSERT_TRUE(may_be_retired) << "seed " << seed << ": version " << id.ver << " of " << watermark[key];
        ASSERT_GT(static_cast<std::uint64_t>(reply.value), id.ver);
        ASSERT_LE(static_cast<std::uint64_t>(reply.value), watermark[key]) << "it points at a version that is decided";
        ASSERT_FALSE(reply.granted());
        ++retired;
        continue;
      }
      ASSERT_EQ(reply.kind, ReplyKind::state);
      Acceptor& acceptor = reference[id];
      const AcceptorState before = phase == Phase::prepare ? acceptor.on_prepare(question.ballot)
                                                           : acceptor.on_accept(question.ballot, question.value);
      ASSERT_EQ(reply.last_bal, before.last_bal) << "seed " << seed;
      ASSERT_EQ(reply.v_bal, before.v_bal);
      ASSERT_EQ(reply.value, before.value);
    }
    EXPECT_GT(retired, 0) << "seed " << seed;
    EXPECT_EQ(node.counters().retired, static_cast<std::uint64_t>(retired));
  }
}

TEST(AcceptorNode, RefusesWhatItHasNoRoomForAndLivesOn) {
  AcceptorNode node(0, kSmall);
  EXPECT_EQ(ask(node, request(Phase::accept, {0, 0}, Ballot(1, 1), 5)).kind, ReplyKind::state);
  for (const InstanceId far :
       {InstanceId{128, 0}, InstanceId{~std::uint64_t{0}, 0}, InstanceId{0, 3}, InstanceId{0, ~0U}}) {
    for (int i = 0; i < 3; ++i) {
      const Reply reply = ask(node, request(Phase::prepare, far, Ballot(1, 1)));
      EXPECT_EQ(reply.kind, ReplyKind::refused);
      EXPECT_FALSE(reply.granted());
      EXPECT_EQ(reply.last_bal, Ballot());
      EXPECT_EQ(reply.v_bal, Ballot());
    }
  }
  for (std::uint64_t ver = 0; ver < 10'000; ++ver) {
    for (std::uint32_t key = 0; key < 5; ++key) ask(node, request(Phase::accept, {ver, key}, Ballot(1, 1), 5));
  }
  EXPECT_LE(node.table().capacity(), kSmall.rings.instances_max);
  EXPECT_EQ(ask(node, request(Phase::prepare, {0, 0}, Ballot(2, 1))).v_bal, Ballot(1, 1)) << "the first vote is there";
}

TEST(AcceptorNode, RunsForEverInBoundedMemoryBehindAWatermark) {
  AcceptorNode node(0, kSmall);
  for (std::uint64_t ver = 0; ver < 100'000; ++ver) {
    ASSERT_EQ(ask(node, request(Phase::accept, {ver, 0}, Ballot(1, 1), 5, ver)).kind, ReplyKind::state) << ver;
  }
  EXPECT_LE(node.table().capacity(), kSmall.rings.versions_max);
}

TEST(AcceptorNode, AHugeWatermarkForAForeignKeyCostsNothing) {
  AcceptorNode node(0, kSmall);
  for (const std::uint32_t key : {0U, 2U, 3U, ~0U}) {
    ask(node, request(Phase::prepare, {0, key}, Ballot(1, 1), 0, ~std::uint64_t{0}));
  }
  EXPECT_LE(node.table().capacity(), kSmall.rings.instances_max);
}

TEST(AcceptorNode, NoBallotIsRefusedAndChangesNothing) {
  AcceptorNode node(0, kSmall);
  for (const Phase phase : {Phase::prepare, Phase::accept}) {
    EXPECT_EQ(ask(node, request(phase, {0, 0}, Ballot(), 7)).kind, ReplyKind::refused);
  }
  EXPECT_EQ(ask(node, request(Phase::prepare, {0, 0}, Ballot(0, 1))).v_bal, Ballot());
}

TEST(AcceptorNode, CountsWhatItDid) {
  AcceptorNode node(0, kSmall);
  ask(node, request(Phase::prepare, {0, 0}, Ballot(2, 1)));
  ask(node, request(Phase::prepare, {0, 0}, Ballot(1, 1)));
  ask(node, request(Phase::accept, {0, 0}, Ballot(1, 1), 5));
  ask(node, request(Phase::accept, {0, 0}, Ballot(2, 1), 5));
  ask(node, request(Phase::accept, {0, 9}, Ballot(2, 1), 5));
  const AcceptorCounters& counters = node.counters();
  EXPECT_EQ(counters.prepares, 2U);
  EXPECT_EQ(counters.rejected_prepares, 1U);
  EXPECT_EQ(counters.accepts, 2U);
  EXPECT_EQ(counters.votes, 1U);
  EXPECT_EQ(counters.refused, 1U);
}

}  // namespace
}  // namespace paxoscope
