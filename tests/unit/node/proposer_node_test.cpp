// One proposer node, reply by reply: windows, watermarks, deadlines, bounds, arrivals, reads, and how it learns.
#include "core/node/proposer_node.h"

#include <gtest/gtest.h>

#include <set>

#include "core/node/write_id.h"
#include "tests/unit/node/tiny_host.h"

namespace paxoscope::node_test {
namespace {

ProposerNodeOptions options() {
  ProposerNodeOptions o;
  o.id = 1;
  o.proposers = 3;
  o.round_trip = 10;
  o.timeout = 1'000;
  return o;
}

// Two acceptors grant the request: a majority of three.
void grant(Client& client, const Request& request, Nanos now, const AcceptorState& before = {}) {
  for (const AcceptorId a : {AcceptorId{0}, AcceptorId{1}}) client.reply(answer(request, a, before), now);
}
// Through both phases.
void decide(Client& client, const Request& prepare, Nanos now) {
  grant(client, prepare, now);
  const Request accept = client.last();
  EXPECT_EQ(accept.phase, Phase::accept);
  grant(client, accept, now, {prepare.ballot, Ballot(), 0});
}
void refuse(Client& client, const Request& request, Ballot by, Nanos now) {
  for (const AcceptorId a : {AcceptorId{0}, AcceptorId{1}}) client.reply(answer(request, a, {by, Ballot(), 0}), now);
}

TEST(ProposerNode, KeepsItsWindowFullWithConsecutiveVersions) {
  ProposerNodeOptions o = options();
  o.window = 4;
  Client client(o);
  client.begin(0);
  ASSERT_EQ(client.host.sent.size(), 4U);
  std::set<std::uint16_t> slots;
  for (std::uint64_t ver = 0; ver < 4; ++ver) {
    const Request& request = client.host.sent[ver];
    EXPECT_EQ(request.instance, (InstanceId{ver, 0}));
    EXPECT_EQ(request.ballot, Ballot(1, 1));
    slots.insert(request.slot);
  }
  EXPECT_EQ(slots.size(), 4U);
  EXPECT_EQ(client.node.busy(), 4U);
  const Request second = client.host.sent[1];
  decide(client, second, 5);
  EXPECT_EQ(client.node.busy(), 3U);
  client.begin(5);
  EXPECT_EQ(client.last().instance.ver, 4U);
  const Outcome& outcome = client.host.outcomes.front();
  EXPECT_TRUE(outcome.won);
  EXPECT_EQ(outcome.value, write_id({1, 0}, 1));
  EXPECT_EQ(outcome.began, 0);
  EXPECT_EQ(outcome.ended, 5);
  EXPECT_EQ(outcome.rounds, 1U);
}

TEST(ProposerNode, ItsWatermarkIsTheLowestVersionInFlight) {
  ProposerNodeOptions o = options();
  o.window = 3;
  Client client(o);
  client.begin(0);
  const std::vector<Request> first(client.host.sent);
  for (const Request& request : first) EXPECT_EQ(request.decided_below, 0U);
  // The higher ones finish first, and say nothing about the lowest.
  decide(client, first[2], 1);
  decide(client, first[1], 2);
  client.begin(2);
  EXPECT_EQ(client.last().instance.ver, 4U);
  EXPECT_EQ(client.last().decided_below, 0U);
  decide(client, first[0], 3);
  client.begin(3);
  EXPECT_EQ(client.last().instance.ver, 5U);
  EXPECT_EQ(client.last().decided_below, 3U);
}

TEST(ProposerNode, ItsWatermarkNeverPassesAVersionThatItGaveUp) {
  ProposerNodeOptions o = options();
  o.rounds_max = 1;
  Client client(o);
  client.begin(0);
  decide(client, client.last(), 1);
  client.begin(1);
  refuse(client, client.last(), Ballot(9, 2), 2);
  ASSERT_EQ(client.host.outcomes.back().kind, Outcome::Kind::gave_up);
  for (Nanos now = 3; now < 200; ++now) {
    client.begin(now);
    ASSERT_LE(client.last().decided_below, 1U) << "version 1 is not decided: no acceptor may forget it";
    decide(client, client.last(), now);
  }
  // Once somebody else has seen it through, the watermark moves on.
  client.begin(200);
  Reply retired = answer(client.last(), 0);
  retired.kind = ReplyKind::retired;
  retired.value = 500;
  client.reply(retired, 200);
  client.begin(201);
  EXPECT_EQ(client.last().instance.ver, 500U);
  EXPECT_EQ(client.last().decided_below, 500U);
}

TEST(ProposerNode, ARoundTimesOutAtItsDeadlineAndNotBefore) {
  Client client(options(), {}, "constant:wait=50ns");
  client.begin(100);
  const Request first = client.last();
  EXPECT_EQ(client.node.next_deadline(), 1'100);
  client.deadlines(1'099);
  EXPECT_EQ(client.host.sent.size(), 1U);
  client.deadlines(1'100);
  EXPECT_EQ(client.host.sent.size(), 1U) << "it backs off first";
  EXPECT_EQ(client.node.counters().timeouts, 1U);
  EXPECT_EQ(client.node.backing_off(), 1U);
  client.deadlines(1'149);
  EXPECT_EQ(client.host.sent.size(), 1U);
  client.deadlines(1'150);
  ASSERT_EQ(client.host.sent.size(), 2U);
  EXPECT_EQ(client.last().ballot, Ballot(2, 1));
  EXPECT_EQ(client.node.backing_off(), 0U);
  client.reply(answer(first, 0), 1'151);
  EXPECT_EQ(client.node.counters().replies_ignored, 1U);
  const ProposerCounters& c = client.node.counters();
  EXPECT_EQ(c.waits, 1U);
  EXPECT_EQ(c.wait_asked, 50);
  EXPECT_EQ(c.wait_actual, 50);
  // A late host: what was asked and what it was are both known.
  client.deadlines(5'000);
  client.deadlines(5'777);
  EXPECT_EQ(c.wait_asked, 100);
  EXPECT_EQ(c.wait_actual, 50 + 777);
}

TEST(ProposerNode, EverythingDueIsFoundHoweverManyAtOnce) {
  ProposerNodeOptions o = options();
  o.window = 100;
  Client client(o);
  client.begin(0);
  ASSERT_EQ(client.host.sent.size(), 100U);
  client.deadlines(1'000);
  EXPECT_EQ(client.node.counters().timeouts, 100U);
  EXPECT_EQ(client.host.sent.size(), 200U) << "strategy none retries at once";
  client.deadlines(1'999);
  EXPECT_EQ(client.host.sent.size(), 200U);
  client.deadlines(2'000);
  EXPECT_EQ(client.host.sent.size(), 300U);
}

TEST(ProposerNode, AccountsForAllItsSlotTime) {
  Client client(options(), {}, "constant:wait=50ns");
  client.begin(0);
  refuse(client, client.last(), Ballot(5, 2), 30);
  client.deadlines(80);
  grant(client, client.last(), 100);
  client.node.settle(110);
  EXPECT_EQ(client.node.counters().waiting, 60);
  EXPECT_EQ(client.node.counters().backing_off, 50);
  const ProposerCounters before = client.node.counters();
  client.node.settle(150);
  const ProposerCounters since = client.node.counters() - before;
  EXPECT_EQ(since.waiting, 40);
  EXPECT_EQ(since.ballots, 0U);
}

TEST(ProposerNode, GivesUpAfterItsRoundsAndSaysWhy) {
  ProposerNodeOptions o = options();
  o.rounds_max = 3;
  Client client(o);
  client.begin(0);
  for (std::uint64_t n = 10; n < 13; ++n) {
    ASSERT_TRUE(client.host.outcomes.empty());
    refuse(client, client.last(), Ballot(n, n == 12 ? 2 : 3), 1);
  }
  ASSERT_EQ(client.host.outcomes.size(), 1U);
  EXPECT_EQ(client.host.outcomes[0].kind, Outcome::Kind::gave_up);
  EXPECT_EQ(client.host.outcomes[0].rounds, 3U);
  EXPECT_EQ(client.node.counters().gave_up, 1U);
  EXPECT_EQ(client.node.counters().preempted_prepare, 3U);
  EXPECT_EQ(client.node.counters().preempted_by, (std::vector<std::uint32_t>{0, 1, 2}));
  EXPECT_EQ(client.host.events.back().kind, EventKind::abandoned);
}

TEST(ProposerNode, EndsAfterItsOperations) {
  ProposerNodeOptions o = options();
  o.operations_max = 3;
  o.window = 2;
  Client client(o);
  for (Nanos now = 0; now < 10 && !client.node.done(); ++now) {
    client.begin(now);
    const std::vector<Request> sent(std::move(client.host.sent));
    client.host.sent.clear();
    for (const Request& request : sent) {
      if (request.phase == Phase::prepare) decide(client, request, now);
    }
  }
  EXPECT_TRUE(client.node.done());
  EXPECT_EQ(client.host.outcomes.size(), 3U);
  client.begin(99);
  EXPECT_EQ(client.node.busy(), 0U);
  client.deadlines(client.node.next_deadline());
  EXPECT_EQ(client.node.next_deadline(), kNever);
}

TEST(ProposerNode, OpenLoopOperationsBeginWhenTheyArriveAndCountFromThen) {
  ProposerNodeOptions o = options();
  o.window = 2;
  Client client(o, {.arrivals_per_second = 1e6});
  client.begin(0);
  EXPECT_TRUE(client.host.sent.empty()) << "nobody has arrived";
  // The node says when to come back; each time exactly one operation has arrived.
  Nanos now = 0;
  while (client.node.busy() < 2) {
    const Nanos next = client.node.next_deadline();
    ASSERT_NE(next, kNever);
    now = std::max(now, next);
    client.deadlines(now);
    client.begin(now);
    ASSERT_LT(now, 100'000);
  }
  // The window is full: those who arrive now wait, and their latency counts from their arrival.
  const Nanos late = 1'000'000;
  const std::vector<Request> sent(client.host.sent);
  decide(client, sent[0], late);
  client.begin(late);
  decide(client, client.last(), late);
  const Outcome& outcome = client.host.outcomes.back();
  EXPECT_LT(outcome.intended, late / 10) << "the backlog is served in order, from its intended start";
  EXPECT_EQ(outcome.began, late);
}

TEST(ProposerNode, PoissonArrivalsHaveTheirRate) {
  Client client(options(), {.arrivals_per_second = 1e6});
  Nanos now = 0;
  for (int i = 0; i < 4'000; ++i) {
    client.begin(now);
    while (client.node.busy() == 0) {
      now = std::max(now, client.node.next_deadline());
      client.deadlines(now);
      client.begin(now);
    }
    decide(client, client.last(), now);
  }
  EXPECT_NEAR(static_cast<double>(now) / 4'000, 1'000, 80);
}

TEST(ProposerNode, AReadGoesToTheLatestDecidedVersionWithAFreshBallot) {
  Client client(options(), {.read_share = 1});
  client.begin(0);
  const Request write = client.last();
  EXPECT_EQ(write.instance.ver, 0U) << "there is nothing to read yet";
  decide(client, write, 1);
  Ballot last = write.ballot;
  for (Nanos now = 2; now < 20; ++now) {
    client.begin(now);
    const Request read = client.last();
    ASSERT_EQ(read.instance.ver, 0U);
    ASSERT_GT(read.ballot, last) << "never the ballot of the write or of another read";
    last = read.ballot;
    grant(client, read, now, {write.ballot, write.ballot, write_id({0, 0}, 1)});
    grant(client, client.last(), now, {read.ballot, write.ballot, write_id({0, 0}, 1)});
    ASSERT_EQ(client.host.outcomes.back().kind, Outcome::Kind::decided);
    EXPECT_TRUE(client.host.outcomes.back().read);
    EXPECT_FALSE(client.host.outcomes.back().won);
    EXPECT_EQ(client.host.outcomes.back().value, write_id({0, 0}, 1));
  }
  EXPECT_EQ(client.node.counters().read, 18U);
}

TEST(ProposerNode, SkipsWhatIsRetiredAndResumesWhereItIsTold) {
  Client client(options());
  client.begin(0);
  Reply retired = answer(client.last(), 2);
  retired.kind = ReplyKind::retired;
  retired.value = 40;
  client.reply(retired, 1);
  EXPECT_EQ(client.host.outcomes.back().kind, Outcome::Kind::retired);
  client.begin(1);
  EXPECT_EQ(client.last().instance.ver, 40U);
  EXPECT_EQ(client.last().ballot.n(), 1U);
  EXPECT_GE(client.node.counters().skipped, 39U);
  // One that points back changes nothing.
  retired = answer(client.last(), 2);
  retired.kind = ReplyKind::retired;
  retired.value = 7;
  client.reply(retired, 2);
  client.begin(2);
  EXPECT_EQ(client.last().instance.ver, 41U);
}

TEST(ProposerNode, AnAnnouncementEndsTheInstanceItWorksOnOrIsAboutToBegin) {
  ProposerNodeOptions o = options();
  o.rules.learning = Learning::announcement;
  Client client(o, {}, "constant:wait=50ns");
  client.begin(0);
  refuse(client, client.last(), Ballot(5, 2), 1);
  ASSERT_EQ(client.node.backing_off(), 1U);
  const auto news = [](std::uint64_t ver) {
    return Reply{
        .instance = {ver, 0}, .ballot = Ballot(5, 2), .value = write_id({ver, 0}, 2), .kind = ReplyKind::decided};
  };
  client.reply(news(0), 10);
  EXPECT_EQ(client.host.outcomes.back().kind, Outcome::Kind::decided);
  EXPECT_FALSE(client.host.outcomes.back().won);
  EXPECT_EQ(client.host.outcomes.back().value, write_id({0, 0}, 2));
  EXPECT_EQ(client.node.backing_off(), 0U) << "the wait ends with it";
  EXPECT_TRUE(client.host.announced.empty()) << "only the winner announces";
  client.reply(news(1), 11);
  client.reply(news(2), 12);
  client.reply(news(9), 13);  // beyond the next: it cannot know about those between
  client.reply(news(1), 14);  // again
  EXPECT_EQ(client.node.counters().told, 2U);
  client.begin(15);
  EXPECT_EQ(client.last().instance.ver, 3U);
  EXPECT_EQ(client.last().decided_below, 3U);
  decide(client, client.last(), 16);
  ASSERT_EQ(client.host.announced.size(), 1U);
  EXPECT_EQ(client.host.announced[0].kind, ReplyKind::decided);
  EXPECT_EQ(client.host.announced[0].instance.ver, 3U);
}

TEST(ProposerNode, RepliesForNobodyAreCountedAndIgnored) {
  Client client(options());
  client.begin(0);
  const Request request = client.last();
  Reply reply = answer(request, 0);
  reply.slot = 7;
  client.reply(reply, 1);
  reply = answer(request, 0);
  ++reply.instance.ver;
  client.reply(reply, 1);
  EXPECT_EQ(client.node.counters().replies_ignored, 2U);
  EXPECT_EQ(client.host.events.back().kind, EventKind::ignored);
  decide(client, request, 2);
  client.reply(answer(request, 2), 3);
  EXPECT_EQ(client.node.counters().replies_ignored, 3U) << "the slot is free";
  EXPECT_EQ(client.node.counters().replies_used, 4U);
}

TEST(ProposerNode, CountsMessagesAndUsefulOnes) {
  Client client(options());
  client.begin(0);
  refuse(client, client.last(), Ballot(5, 2), 1);
  decide(client, client.last(), 2);
  const ProposerCounters& c = client.node.counters();
  EXPECT_EQ(c.prepares, 6U);
  EXPECT_EQ(c.accepts, 3U);
  EXPECT_EQ(c.useful_requests, 6U) << "of the round that succeeded";
  EXPECT_EQ(c.ballots, 2U);
  EXPECT_EQ(c.won, 1U);
}

}  // namespace
}  // namespace paxoscope::node_test
