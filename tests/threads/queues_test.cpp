// What carries messages and audit records between threads: nothing lost, doubled, or out of its producer's order.
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <numeric>
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
  for (std::uint32_t round = 1; round <= 3; ++round) fanout.push({.round = round});
  fanout.push_to(1, {.round = 4});
  for (std::uint32_t round = 5; round <= 68; ++round) fanout.push({.round = round});  // a whole batch: sent by itself
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

AuditRecord vote(AcceptorId acceptor, std::uint64_t ver, ProposerId writer, Ballot ballot) {
  const InstanceId id{ver, 0};
  return AuditRecord::vote(acceptor, id, {ballot, ballot, write_id(id, writer)}, static_cast<Nanos>(ver));
}

// Threads play acceptors; one of them may vote for another value once.
Audit& judged(AuditHub& hub, std::uint64_t versions, bool planted) {
  std::vector<std::thread> acceptors;
  for (AcceptorId a = 0; a < 3; ++a) {
    acceptors.emplace_back([&hub, a, versions, planted] {
      AuditFeed feed(&hub, a == 0);
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
  AuditFeed feed(nullptr, true);
  EXPECT_FALSE(feed.on());
  feed.hand_in();
}

}  // namespace
}  // namespace paxoscope
