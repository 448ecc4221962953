// What carries messages and audit records between threads: nothing lost, doubled, or out of its producer's order.
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <numeric>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "core/threads/audit_hub.h"
#include "core/threads/mailbox.h"

namespace paxoscope {
namespace {

TEST(Mailbox, KeepsEachProducersOrderAndLosesNothing) {
  constexpr std::uint32_t kProducers = 4, kMessages = 5'000;
  Parking parking(false);
  Mailbox<Request> mailbox(parking, 64, kProducers);
  std::vector<std::thread> producers;
  for (std::uint32_t p = 0; p < kProducers; ++p) {
    producers.emplace_back([&, p] {
      Sender<Request> sender(mailbox);
      for (std::uint32_t i = 0; i < kMessages; ++i) {
        sender.push({.instance = {i, p}, .round = i});
        if (i % (p + 3) == 0) sender.flush();
      }
      sender.flush();
    });
  }
  std::array<std::uint32_t, kProducers> next{};
  std::array<Request, 256> batch;
  for (std::uint32_t received = 0; received < kProducers * kMessages;) {
    const std::size_t count = mailbox.receive(batch);
    if (count == 0) std::this_thread::yield();
    for (std::size_t i = 0; i < count; ++i) {
      ASSERT_EQ(batch[i].round, next[batch[i].instance.key]++);
      ++received;
    }
  }
  for (std::thread& producer : producers) producer.join();
  EXPECT_EQ(mailbox.receive(batch), 0U);
}

TEST(Sender, SendsByItselfWhenItsBatchIsFullAndWakesTheOwner) {
  Parking parking(true);
  Mailbox<Request> mailbox(parking, 64, 1);
  Sender<Request> sender(mailbox);
  std::array<Request, 256> batch;
  sender.push({});
  EXPECT_EQ(mailbox.receive(batch), 0U) << "staged";
  for (int i = 1; i < 64; ++i) sender.push({});
  EXPECT_EQ(mailbox.receive(batch), 64U);
  parking.announce();
  sender.push({});
  sender.flush();
  parking.park(20 * kSecond);  // woken at once
  EXPECT_EQ(mailbox.receive(batch), 1U);
  sender.flush();
  EXPECT_EQ(mailbox.receive(batch), 0U);
}

TEST(Fanout, SendsTheSameToAllAndMayLeaveSomeOutWithoutLosingTheOrder) {
  Parking parking(false);
  Mailbox<Request> left(parking, 64, 1), right(parking, 64, 1);
  Fanout<Request> fanout;
  fanout.connect(left);
  fanout.connect(right);
  const auto push = [&fanout](std::uint32_t round) {
    fanout.stage() = {.round = round};
    fanout.staged();
  };
  for (std::uint32_t round = 1; round <= 3; ++round) push(round);
  fanout.push_to(1, {.round = 4});
  for (std::uint32_t round = 5; round <= 68; ++round) push(round);  // a whole batch: sent by itself
  fanout.flush();
  const auto rounds = [](Mailbox<Request>& mailbox) {
    std::array<Request, 256> batch;
    std::vector<std::uint32_t> found;
    const std::size_t count = mailbox.receive(batch);
    for (std::size_t i = 0; i < count; ++i) found.push_back(batch[i].round);
    return found;
  };
  std::vector<std::uint32_t> all(68);
  std::iota(all.begin(), all.end(), 1U);
  EXPECT_EQ(rounds(right), all);
  all.erase(all.begin() + 3);
  EXPECT_EQ(rounds(left), all);
}

// Every interleaving of a model of AuditHub: two threads, only one of which judges unasked, hand in three chunks each
// through lanes of two. Judging a chunk takes two steps, so that two judges at once are seen.
class HubModel {
 public:
  // How the model differs from audit_hub.cpp.
  struct Variant {
    bool looks_then_sets = false;   // the flag is read, and set later, instead of an exchange
    bool lets_go_early = false;     // the flag falls before the last chunk is judged: a store that is not a release
    bool fills_too_early = false;   // the next chunk is filled without waiting until it is judged
    bool waits_idly = false;        // who finds all its chunks in use does not help judging, and nor does anybody
    bool forgets_the_rest = false;  // finish() does not judge what is left
  };

  explicit HubModel(const Variant& variant) : variant_(variant) { visit({}); }
  std::size_t states() const { return seen_.size(); }
  const std::string& fault() const { return fault_; }

 private:
  static constexpr std::uint8_t kThreads = 2, kChunks = 2, kHandIns = 3;
  enum class At : std::uint8_t { fill, hand_in, wait, try_judge, set_flag, next_lane, next_chunk, judging, done };
  struct Thread {
    At at = At::fill;
    std::uint8_t lane = 0, seen = 0;  // of the judge: the lane it is at, and how many were handed in when it looked
    auto operator<=>(const Thread&) const = default;
  };
  struct State {
    std::array<Thread, kThreads> threads{};
    std::array<std::uint8_t, kThreads> handed_in{}, judged{};
    std::uint8_t judges = 0;
    bool flag = false, overwritten = false;
    auto operator<=>(const State&) const = default;
  };

  void visit(const State& state) {
    if (!seen_.insert(state).second) return;
    if (state.judges > 1) fault_ = "two judges at once";
    if (state.overwritten) fault_ = "a chunk is overwritten before it is judged";
    bool moved = false;
    bool done = true;
    for (std::uint8_t i = 0; i < kThreads; ++i) {
      State next = state;
      step(next, i);
      done &= state.threads[i].at == At::done;
      if (next == state) continue;
      moved = true;
      visit(next);
    }
    const bool all = state.judged == state.handed_in;
    if (done && !all && variant_.forgets_the_rest) fault_ = "a chunk is never judged";
    if (!done && !moved) fault_ = "all wait for ever";
  }

  void step(State& s, std::uint8_t self) const {
    Thread& t = s.threads[self];
    switch (t.at) {
      case At::fill:
        if (s.handed_in[self] - s.judged[self] >= kChunks) s.overwritten = true;
        t.at = s.handed_in[self] == kHandIns ? At::done : At::hand_in;
        break;
      case At::hand_in:
        ++s.handed_in[self];
        t.at = variant_.fills_too_early ? At::fill : At::wait;
        break;
      case At::wait: {
        const bool all_in_use = s.handed_in[self] - s.judged[self] >= kChunks;
        if (all_in_use ? !variant_.waits_idly : self == 0 && !variant_.waits_idly && s.judged != s.handed_in) {
          t.at = At::try_judge;
        } else if (!all_in_use) {
          t.at = At::fill;
        }
        break;
      }
      case At::try_judge:
        t.at = s.flag ? At::wait : variant_.looks_then_sets ? At::set_flag : At::next_lane;
        if (t.at == At::next_lane) s.flag = true;
        t.lane = 0;
        break;
      case At::set_flag:
        s.flag = true;
        t.at = At::next_lane;
        break;
      case At::next_lane:
        if (t.lane == kThreads) {
          s.flag = false;
          t.at = At::wait;
          break;
        }
        t.seen = s.handed_in[t.lane];
        t.at = At::next_chunk;
        break;
      case At::next_chunk:
        if (s.judged[t.lane] >= t.seen) {
          ++t.lane;
          t.at = At::next_lane;
          break;
        }
        ++s.judges;
        if (variant_.lets_go_early) s.flag = false;
        t.at = At::judging;
        break;
      case At::judging:
        --s.judges;
        ++s.judged[t.lane];
        t.at = At::next_chunk;
        break;
      case At::done: break;
    }
  }

  Variant variant_;
  std::set<State> seen_;
  std::string fault_;
};

TEST(AuditHubModel, HasOneJudgeAndLosesNothingInAnyInterleaving) {
  const HubModel model({});
  EXPECT_EQ(model.fault(), "");
  EXPECT_GT(model.states(), 1'000U);
}

TEST(AuditHubModel, SeesWhatGoesWrongInBrokenHubs) {
  EXPECT_EQ(HubModel({.looks_then_sets = true}).fault(), "two judges at once");
  EXPECT_EQ(HubModel({.lets_go_early = true}).fault(), "two judges at once");
  EXPECT_EQ(HubModel({.fills_too_early = true}).fault(), "a chunk is overwritten before it is judged");
  EXPECT_EQ(HubModel({.waits_idly = true}).fault(), "all wait for ever");
  EXPECT_EQ(HubModel({.forgets_the_rest = true}).fault(), "a chunk is never judged");
}

AuditRecord vote(AcceptorId acceptor, std::uint64_t ver, ProposerId writer, Ballot ballot) {
  const InstanceId id{ver, 0};
  return AuditRecord::vote(acceptor, id, {ballot, ballot, write_id(id, writer)}, static_cast<Nanos>(ver));
}

// Threads play acceptors; one of them may vote for another value once.
Audit& judged(AuditHub& hub, std::uint64_t versions, bool planted) {
  std::vector<std::thread> acceptors;
  for (AcceptorId a = 0; a < 3; ++a) {
    acceptors.emplace_back([&hub, a, versions, planted] {
      AuditFeed feed(&hub, a, a == 0);
      for (std::uint64_t ver = 0; ver < versions; ++ver) {
        const auto writer = static_cast<ProposerId>(1 + ver % 3);  // no runs
        feed.push(vote(a, ver, writer, Ballot(1, writer)));
        if (planted && a == 1 && ver == versions / 2) feed.push(vote(a, ver, 9, Ballot(2, 9)));
        if (ver % 1'000 == 0) feed.push(AuditRecord::retired(a, {ver / 2, 0}));
        if (ver % 777 == 0) feed.hand_in();
      }
      feed.hand_in();
    });
  }
  for (std::thread& acceptor : acceptors) acceptor.join();
  return hub.finish(INT64_MAX);
}

TEST(AuditHub, JudgesEverythingThatManyThreadsHandIn) {
  constexpr std::uint64_t kVersions = 20'000;
  AuditHub hub({.lag = 64}, 3);
  const Audit& audit = judged(hub, kVersions, false);
  EXPECT_EQ(audit.violation(), "");
  EXPECT_FALSE(hub.violated());
  EXPECT_EQ(audit.report().votes, 3 * kVersions);
  EXPECT_EQ(audit.chosen_ever(), kVersions);
  EXPECT_EQ(hub.chosen(), kVersions);
}

TEST(AuditHub, CatchesOneVoteAmongMany) {
  AuditHub hub({.lag = 64}, 3);
  EXPECT_NE(judged(hub, 20'000, true).violation(), "");
  EXPECT_TRUE(hub.violated());
}

TEST(AuditFeed, WithoutAHubRecordsNothing) {
  AuditFeed feed(nullptr, 0, true);
  EXPECT_FALSE(feed.on());
  feed.hand_in();
}

}  // namespace
}  // namespace paxoscope
