// The store over a network in virtual time that loses and reorders, and over acceptors on threads.
#include "core/kv/store.h"

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <set>
#include <thread>
#include <utility>

#include "core/backoff/registry.h"
#include "core/check/linearizability.h"
#include "core/experiment/kv_links.h"
#include "core/node/acceptor_node.h"

namespace paxoscope::kv {
namespace {

// The acceptors of all links, and the names of keys.
struct World {
  std::vector<AcceptorNode> acceptors;
  std::map<std::string, std::uint32_t, std::less<>> numbers;
  Nanos now = 0;

  explicit World(int count = 3) {
    for (int i = 0; i < count; ++i) acceptors.emplace_back(static_cast<AcceptorId>(i), InstanceLimits{});
  }
};

class FakeLink : public Link {
 public:
  explicit FakeLink(World& world) : world_(world) {}

  double loss = 0;                                     // of each request, and of each reply
  std::uint64_t answering = ~std::uint64_t{0};         // a bit for each acceptor
  std::function<void(const Request&)> before_request;  // somebody else's chance

  std::uint32_t number_of(std::string_view key) override {
    return world_.numbers.emplace(key, static_cast<std::uint32_t>(world_.numbers.size())).first->second;
  }
  void broadcast(const Request& request, Nanos) override {
    if (before_request) before_request(request);
    for (AcceptorNode& acceptor : world_.acceptors) {
      if ((answering >> acceptor.id() & 1U) == 0 || lost()) continue;
      Reply reply;
      acceptor.on_request(request, reply);
      if (lost()) continue;
      const auto place = static_cast<std::ptrdiff_t>(random_.below(replies_.size() + 1));
      replies_.insert(replies_.begin() + place, reply);
    }
  }
  std::optional<Reply> receive(Nanos wait) override {
    if (replies_.empty()) {
      world_.now += std::max<Nanos>(wait, 1);
      return std::nullopt;
    }
    world_.now += kMicrosecond;
    const Reply reply = replies_.back();
    replies_.pop_back();
    return reply;
  }
  Nanos now() override { return world_.now; }

 private:
  bool lost() { return random_.unit() < loss; }
  World& world_;
  std::vector<Reply> replies_;
  Random random_{7};
};

// A client with its store.
struct Person {
  explicit Person(World& world, ProposerId id = 1, std::uint64_t rounds_max = 1'000)
      : link(world),
        client(link, **parse_strategy("full_jitter"),
               {.id = id,
                .rules = {.quorums = Quorums::majority(static_cast<int>(world.acceptors.size()))},
                .rounds_max = rounds_max}),
        store(client, {.nonce = id}) {}
  FakeLink link;
  Client client;
  Store store;
};

// Three acceptors that take any version, as those on the wire do, and lose every so many-th reply.
using AnyInstance = std::map<std::pair<AcceptorId, InstanceId>, Acceptor>;

struct ClaimLink : Link {
  ClaimLink(AnyInstance& all, int lost_every) : acceptors(all), every(lost_every) {}

  std::uint32_t number_of(std::string_view) override { return 0; }
  void broadcast(const Request& request, Nanos) override {
    if (before_request) std::exchange(before_request, {})(request);
    for (AcceptorId id = 0; id < 3; ++id) {
      if ((answering >> id & 1U) == 0) continue;
      Reply reply{.instance = request.instance, .ballot = request.ballot, .acceptor = id};
      reply.last_bal = acceptors[{id, request.instance}].on_prepare(request.ballot).last_bal;
      if (every == 0 || ++answered % every != 0) replies.push_back(reply);
    }
  }
  std::optional<Reply> receive(Nanos wait) override {
    time += replies.empty() ? wait : 1;
    if (replies.empty()) return std::nullopt;
    const Reply reply = replies.back();
    replies.pop_back();
    return reply;
  }
  Nanos now() override { return time; }

  AnyInstance& acceptors;
  int every;
  unsigned answering = 0b111;
  int answered = 0;
  std::function<void(const Request&)> before_request;
  std::vector<Reply> replies;
  Nanos time = 0;
};

TEST(KvClaim, NoTwoClientsGetOneIdThoughTheyDrawTheSame) {
  for (const int lost_every : {0, 2, 5}) {
    AnyInstance acceptors;
    std::set<ProposerId> ids;
    for (int pair = 0; pair < 20; ++pair) {
      ClaimLink one(acceptors, lost_every);
      ClaimLink two(acceptors, lost_every);
      one.before_request = [&](const Request& asked) {
        if (pair % 2 == 0) acceptors[{AcceptorId{1}, asked.instance}].on_prepare(asked.ballot);  // killed half-way
        ids.insert(claim_id(two, 3, Random(1), 100'000 * kSecond).value());
      };
      ids.insert(claim_id(one, 3, Random(1), 100'000 * kSecond).value());
    }
    EXPECT_EQ(ids.size(), 40U) << lost_every;
    EXPECT_GE(*ids.begin(), kFirstClaimed);
    EXPECT_LE(*ids.rbegin(), Ballot::kMaxProposer);
  }
}

TEST(KvClaim, AMinorityGivesNoId) {
  AnyInstance acceptors;
  ClaimLink link(acceptors, 0);
  link.answering = 0b001;
  EXPECT_FALSE(claim_id(link, 3, Random(1), 10 * kSecond));
  EXPECT_EQ(link.time, 10 * kSecond);
  link.answering = 0b101;
  EXPECT_TRUE(claim_id(link, 3, Random(2), 20 * kSecond));
}

TEST(KvStore, TheThirdWorkedExample) {
  World world;
  Person person(world, 2);
  EXPECT_EQ(person.store.set("foo", 0, 5).value, 5);
  EXPECT_EQ(person.store.get("foo", 0).value, 5);
  EXPECT_EQ(person.store.set("foo", 1, 6).value, 6);
  EXPECT_EQ(person.store.get("foo", 1).value, 6);
  EXPECT_EQ(person.store.get("foo").value, 6);
  EXPECT_EQ(person.store.get("foo", 2).outcome, Outcome::absent);
}

TEST(KvStore, ACellIsWrittenOnceAndTheLoserIsToldWhatIsThere) {
  World world;
  Person one(world, 1);
  Person two(world, 2);
  EXPECT_EQ(one.store.set("k", 0, 1).outcome, Outcome::ok);
  const Result lost = two.store.set("k", 0, 2);
  EXPECT_EQ(lost.outcome, Outcome::lost);
  EXPECT_EQ(lost.value, 1);
}

TEST(KvStore, ASetWalksOnUntilItsOwnValueWon) {
  World world;
  Person one(world, 1);
  Person two(world, 2);
  int rivals = 3;
  one.link.before_request = [&](const Request& request) {
    if (request.phase != Phase::accept || rivals == 0) return;
    --rivals;
    EXPECT_EQ(two.store.set("k", 100 + rivals).outcome, Outcome::ok);
  };
  const Result result = one.store.set("k", 1);
  EXPECT_EQ(result.outcome, Outcome::ok);
  EXPECT_EQ(result.ver, 3U);
  EXPECT_EQ(one.store.get("k", 3).value, 1);
  EXPECT_EQ(one.store.get("k", 0).value, 102);
}

TEST(KvStore, WhoComesNewFindsTheLatestOfManyVersionsWithFewReads) {
  World world;
  Person one(world, 1);
  for (Value i = 0; i < 1'000; ++i) ASSERT_EQ(one.store.set("k", i).ver, static_cast<std::uint64_t>(i));
  Person two(world, 2);
  int requests = 0;
  two.link.before_request = [&](const Request&) { ++requests; };
  EXPECT_EQ(two.store.get("k").ver, 999U);
  EXPECT_LT(requests, 60);
}

TEST(KvStore, WithoutAQuorumAnOperationEndsAtItsDeadlineAndSaysSo) {
  World world;
  Person person(world);
  person.link.answering = 1;
  const Nanos before = world.now;
  EXPECT_EQ(person.store.set("k", 1).outcome, Outcome::late);
  EXPECT_EQ(person.store.get("k", 0).outcome, Outcome::late);
  EXPECT_LT(world.now - before, 11 * kSecond);
  person.link.answering = 6;
  EXPECT_EQ(person.store.get("k").outcome, Outcome::absent) << "nobody voted: nothing was told to two of them";
  EXPECT_EQ(person.store.set("k", 2).outcome, Outcome::ok);
}

TEST(KvStore, TheRetryBudgetIsABudget) {
  World world;
  Person person(world, 1, 3);
  Person rival(world, 2);
  person.link.before_request = [&](const Request& request) {
    rival.link.broadcast({.instance = request.instance, .ballot = Ballot(request.ballot.n() + 5, 2)}, 0);
  };
  EXPECT_EQ(person.store.set("k", 0, 1).outcome, Outcome::spent);
}

TEST(KvStore, NumbersAtTheEdgesAndRefusedKeys) {
  World world;
  Person person(world);
  for (const Value value : {INT64_MIN, Value{-1}, Value{0}, INT64_MAX}) {
    const Result set = person.store.set("k", value);
    EXPECT_EQ(set.outcome, Outcome::ok);
    EXPECT_EQ(person.store.get("k").value, value);
  }
  for (const std::string& key : {std::string(), std::string("~keys"), std::string(1025, 'k')}) {
    EXPECT_EQ(person.store.set(key, 1).outcome, Outcome::refused);
    EXPECT_EQ(person.store.get(key).outcome, Outcome::refused);
    EXPECT_EQ(person.store.set_text(key, "").outcome, Outcome::refused);
  }
  EXPECT_EQ(person.store.set_text("k", std::string(kTextMax + 1, 'x')).outcome, Outcome::refused);
}

TEST(KvStore, TextsOfAnyLengthUpTo64KibAndAnyBytesComeBack) {
  World world;
  Person one(world, 1);
  Person two(world, 2);
  Random random(3);
  std::uint64_t ver = 0;
  for (const std::size_t length : {0UL, 1UL, 7UL, 8UL, 9UL, 1'000UL, kTextMax}) {
    std::string text(length, '\0');
    for (char& c : text) c = static_cast<char>(random.next());
    const TextResult set = one.store.set_text("k", text);
    ASSERT_EQ(set.outcome, Outcome::ok) << length;
    EXPECT_EQ(set.ver, ver);
    EXPECT_TRUE(two.store.get_text("k").text == text) << length;
    EXPECT_TRUE(two.store.get_text("k", ver++).text == text) << length;
  }
}

TEST(KvStore, ListNamesEveryKeyOnce) {
  World world;
  Person one(world, 1);
  Person two(world, 2);
  for (const char* key : {"b", "a", "c", "a"}) one.store.set_text(key, "1");
  two.store.set_text("b", "2");
  two.store.set_text("d", "2");
  std::vector<std::string> keys;
  EXPECT_EQ(one.store.list(keys), Outcome::ok);
  EXPECT_EQ(keys, (std::vector<std::string>{"a", "b", "c", "d"}));
}

TEST(KvStore, LostAndReorderedMessagesCostTimeOnly) {
  World world(5);
  Person one(world, 1);
  Person two(world, 2);
  one.link.loss = two.link.loss = 0.2;
  for (Value i = 0; i < 50; ++i) {
    ASSERT_EQ(one.store.set("k", 2 * i).outcome, Outcome::ok);
    ASSERT_EQ(two.store.get("k").value, 2 * i);
    ASSERT_EQ(two.store.set("k", 2 * i + 1).outcome, Outcome::ok);
  }
  EXPECT_EQ(one.store.get("k").ver, 99U);
}

// Readers and writers contend on threads; what they saw is linearizable.
TEST(KvStore, HistoriesOfContendingClientsAreLinearizable) {
  constexpr std::uint32_t kClients = 4;
  constexpr int kOperations = 150;
  KvCluster cluster(3, kClients);
  const std::vector<std::string> names = {"x", "y"};
  std::vector<std::vector<KvOperation>> histories(kClients);
  std::vector<std::thread> threads;
  for (std::uint32_t me = 0; me < kClients; ++me) {
    threads.emplace_back([&, me] {
      const auto link = cluster.link(me);
      Client client(*link, **parse_strategy("full_jitter"), {.id = me + 1, .seed = me});
      Store store(client, {.deadline = 100 * kSecond, .nonce = me + 1});
      Random random(me);
      for (int i = 0; i < kOperations; ++i) {
        KvOperation operation{.key = static_cast<std::uint32_t>(random.below(names.size())), .client = me};
        operation.began = link->now();
        Result result;
        if (random.below(2) == 0) {
          operation.kind = KvOperation::Kind::set;
          operation.value = store.write_id();
          result = store.set(names[operation.key], operation.value);
        } else {
          result = store.get(names[operation.key]);
          operation.value = result.value;
        }
        operation.ended = link->now();
        const bool absent = result.outcome == Outcome::absent;
        ASSERT_TRUE(result.outcome == Outcome::ok || absent) << name_of(result.outcome);
        operation.version = absent ? KvOperation::kUnknown : static_cast<std::int64_t>(result.ver);
        histories[me].push_back(operation);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::vector<KvOperation> all;
  for (const auto& history : histories) all.insert(all.end(), history.begin(), history.end());
  const KvVerdict verdict = check_kv(all);
  EXPECT_EQ(verdict.linearizable, Linearizable::yes) << verdict.sentence;
  // The check would have noticed: a set that claims the version of another.
  auto wrong = all;
  const auto a_set = std::find_if(wrong.begin(), wrong.end(), [](const KvOperation& operation) {
    return operation.kind == KvOperation::Kind::set && operation.version > 0;
  });
  ASSERT_NE(a_set, wrong.end());
  --a_set->version;
  EXPECT_EQ(check_kv(wrong).linearizable, Linearizable::no);
}

}  // namespace
}  // namespace paxoscope::kv
