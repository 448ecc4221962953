// The nodes on a tiny host with a seeded network: agreement, every operation ends, nothing is counted wrongly.
#include "core/node/turn.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "tests/support/effort.h"
#include "tests/unit/node/tiny_host.h"

namespace paxoscope::node_test {
namespace {

constexpr InstanceLimits kLimits{.rings = {.keys_max = 16, .versions_max = 1024, .instances_max = 4096}, .retain = 16};
constexpr std::uint64_t kOperations = 60;

struct Setting {
  ProposerRules rules;
  std::uint32_t proposers = 1;
  std::uint32_t window = 1;
  Workload workload;
  std::string backoff;
  Cluster::Faults faults;
};

// A setting for every seed, over everything that can be set.
Setting setting(std::uint64_t seed) {
  Random random(seed);
  static const std::vector<Quorums> quorums{Quorums::majority(1), Quorums::majority(3),    Quorums::majority(4),
                                            Quorums::majority(5), *Quorums::make(4, 3, 2), *Quorums::make(5, 2, 4)};
  static const std::vector<std::string> backoffs{"full_jitter:base=50ns,cap=2us", "linear:step=70ns,cap=2us",
                                                 "lease:length=500ns", "slotted:slot=60ns", "ranked:slot=80ns"};
  Setting s;
  s.rules = {quorums[random.below(quorums.size())], static_cast<GiveUp>(random.below(3)),
             static_cast<Learning>(random.below(3))};
  s.proposers = 1 + static_cast<std::uint32_t>(random.below(4));
  s.window = 1 + static_cast<std::uint32_t>(random.below(6));
  s.workload.choice = static_cast<KeyChoice>(random.below(4));
  s.workload.keys = 3;
  s.workload.read_share = random.below(3) == 0 ? 0.3 : 0;
  s.workload.arrivals_per_second = random.below(4) == 0 ? 1e6 : 0;
  s.backoff = backoffs[random.below(backoffs.size())];
  if (random.below(2) == 0) s.faults = {random.below(8), random.below(8)};
  return s;
}

TEST(Turn, EveryOperationEndsInAgreementOverAnyNetwork) {
  std::map<Outcome::Kind, std::uint64_t> ends;
  ProposerCounters sum;
  std::uint64_t retired = 0, won = 0;
  for (std::uint64_t seed = 0; seed < effort(400); ++seed) {
    const Setting s = setting(seed);
    Cluster cluster(
        seed, s.rules, s.proposers,
        {.rules = s.rules, .window = s.window, .round_trip = 20, .timeout = 1'000, .operations_max = kOperations},
        s.workload, s.backoff, kLimits, s.faults);
    ASSERT_TRUE(cluster.run(3'000'000)) << "seed " << seed << " is not done";
    ASSERT_EQ(cluster.verdict(), "") << "seed " << seed;
    ASSERT_EQ(cluster.outcomes().size(), s.proposers * kOperations);
    // Whoever was told a value was told the same.
    std::map<InstanceId, Value> decided;
    for (const Outcome& outcome : cluster.outcomes()) {
      ++ends[outcome.kind];
      won += outcome.won;
      ASSERT_LE(outcome.intended, outcome.began);
      ASSERT_LE(outcome.began, outcome.ended);
      if (outcome.kind != Outcome::Kind::decided) continue;
      ASSERT_EQ(decided.emplace(outcome.instance, outcome.value).first->second, outcome.value) << "seed " << seed;
    }
    for (const auto& client : cluster.clients()) {
      ASSERT_EQ(client->node.busy(), 0U);
      ASSERT_EQ(client->node.backing_off(), 0U);
      ASSERT_EQ(client->node.next_deadline() == kNever || client->node.next_deadline() >= 0, true);
      const ProposerCounters& c = client->node.counters();
      ASSERT_GE(c.ballots, kOperations);
      ASSERT_LE(c.ballots - kOperations, c.waits) << "every further ballot follows a wait; news may end one";
      ASSERT_LE(c.useful_requests, c.prepares + c.accepts);
      ASSERT_EQ(c.gave_up, 0U);
      const auto sides = static_cast<std::uint64_t>(s.rules.quorums.acceptors());
      ASSERT_EQ(c.prepares % sides + c.accepts % sides, 0U);
      ASSERT_LE(c.prepares, c.ballots * sides);
      sum.preempted_prepare += c.preempted_prepare;
      sum.preempted_accept += c.preempted_accept;
      sum.timeouts += c.timeouts;
      sum.told += c.told;
      sum.adopted += c.adopted;
      sum.read += c.read;
      sum.replies_ignored += c.replies_ignored;
    }
    for (const AcceptorNode& acceptor : cluster.acceptors()) {
      retired += acceptor.counters().retired;
      ASSERT_EQ(acceptor.counters().refused, 0U);
    }
  }
  for (const std::uint64_t seen :
       {ends[Outcome::Kind::decided], ends[Outcome::Kind::retired], retired, won, sum.told, sum.preempted_prepare,
        sum.preempted_accept, sum.timeouts, sum.adopted, sum.read, sum.replies_ignored}) {
    EXPECT_GT(seen, effort(20));
  }
}

TEST(Turn, TheSameSeedGivesTheSameRun) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const Setting s = setting(seed);
    const auto story = [&] {
      Cluster cluster(seed, s.rules, s.proposers,
                      {.rules = s.rules, .window = s.window, .round_trip = 20, .timeout = 1'000, .operations_max = 30},
                      s.workload, s.backoff, kLimits, s.faults);
      EXPECT_TRUE(cluster.run(3'000'000));
      std::vector<std::tuple<InstanceId, Ballot, Value, Nanos>> told;
      for (const Outcome& o : cluster.outcomes()) told.emplace_back(o.instance, o.ballot, o.value, o.ended);
      return std::pair(told, cluster.now());
    };
    EXPECT_EQ(story(), story()) << seed;
  }
}

TEST(Turn, NoProposerEverUsesABallotTwice) {
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    Random random(seed);
    Client client({.id = 3, .rules = {}, .window = 4, .round_trip = 10, .timeout = 50, .operations_max = 200},
                  {.choice = KeyChoice::uniform, .keys = 2, .read_share = 0.5}, "full_jitter:base=10ns,cap=40ns");
    std::set<std::pair<InstanceId, Ballot>> prepared;
    AcceptorNode acceptors[3] = {{0, kLimits}, {1, kLimits}, {2, kLimits}};
    Nanos now = 0;
    client.begin(now);
    while (!client.node.done() && now < 1'000'000) {
      ++now;
      std::vector<Request> sent;
      sent.swap(client.host.sent);
      for (const Request& request : sent) {
        if (request.phase == Phase::prepare) {
          ASSERT_TRUE(prepared.insert({request.instance, request.ballot}).second)
              << "seed " << seed << ": (" << request.ballot.n() << ",3) twice on version " << request.instance.ver;
        }
        for (AcceptorNode& acceptor : acceptors) {
          Reply reply;
          Probe host;
          on_request(acceptor, request, reply, host);
          if (random.below(3) != 0) client.reply(reply, now);
        }
      }
      client.deadlines(now);
      client.begin(now);
    }
    EXPECT_TRUE(client.node.done());
    EXPECT_GT(client.node.counters().read, 0U);
    EXPECT_GT(client.node.counters().timeouts, 0U);
  }
}

}  // namespace
}  // namespace paxoscope::node_test
