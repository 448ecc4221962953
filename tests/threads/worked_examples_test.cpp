// The three worked examples of the reference program (paxoskv's own tests), step by step: acceptors are real threads
// behind their mailboxes; the test is every proposer, so that the order is that of the examples.
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "core/backoff/registry.h"
#include "core/threads/worker.h"

namespace paxoscope {
namespace {

// Three acceptors, each a thread, and the way to them.
class Acceptors {
 public:
  using W = Worker<PaxosNodes>;
  using AcceptorList = std::vector<AcceptorId>;

  Acceptors() {
    const Idle idle(WaitKind::park, 4, 4);
    for (AcceptorId id = 0; id < 3; ++id) {
      workers_.push_back(std::make_unique<W>(run_, idle, true, nullptr, workers_.size()));
      acceptors_.push_back(std::make_unique<W::Acceptor>(
          W::Acceptor{AcceptorNode(id, {}), Mailbox<Request>(workers_.back()->parking(), 64, 1), NoRecorder{}}));
      workers_.back()->seat(*acceptors_.back());
      senders_.emplace_back(acceptors_.back()->inbox);
    }
    const auto strategy = parse_strategy("none");
    for (std::uint32_t rank = 0; rank < kProposers; ++rank) {
      ProposerNodeOptions options;  // these nodes only lend their mailboxes to the test
      options.id = rank + 1;
      proposers_.push_back(
          std::make_unique<W::Proposer>(W::Proposer{.node = ProposerNode(options, **strategy, {}, picker_),
                                                    .inbox = Mailbox<Reply>(parking_, 64, 3),
                                                    .unanswered = {},
                                                    .measured = {},
                                                    .before = {},
                                                    .livelock = {},
                                                    .recorder = {}}));
    }
    run_.epoch = std::chrono::steady_clock::now();
    for (auto& worker : workers_) worker->connect(acceptors_, proposers_, false);
    for (auto& worker : workers_) threads_.emplace_back([&worker] { (*worker)(); });
  }

  // Ends and joins the threads; their states can be read from then on.
  void stop() {
    run_.stop.store(true, std::memory_order_relaxed);
    for (auto& worker : workers_) worker->parking().wake();
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }
  ~Acceptors() {
    if (!threads_.empty()) stop();
  }
  Acceptors(const Acceptors&) = delete;
  Acceptors& operator=(const Acceptors&) = delete;

  // Sends the proposer's request to these acceptors and lets it hear every reply: what it wants then.
  Action ask(Proposer& proposer, const ProposerRules& rules, const AcceptorList& whom) {
    Mailbox<Reply>& inbox = proposers_[proposer.ballot().proposer() - 1]->inbox;
    for (const AcceptorId id : whom) {
      senders_[id].push(proposer.request());
      senders_[id].flush();
    }
    Action action = Action::none;
    for (std::size_t heard = 0; heard < whom.size();) {
      Reply reply;
      if (inbox.receive({&reply, 1}) == 0) {
        std::this_thread::yield();
        continue;
      }
      ++heard;
      const Action asked = proposer.on_reply(rules, reply);
      if (asked != Action::none && asked != Action::ignored) action = asked;
    }
    return action;
  }

  // After stop().
  AcceptorState state(AcceptorId id, const InstanceId& instance) {
    InstanceTable table = acceptors_[id]->node.table();
    return table.find(instance, 0).acceptor->state();
  }

 private:
  static constexpr std::uint32_t kProposers = 11;  // the examples' X is 10, their Y is 11
  SharedRun run_;
  Parking parking_{false};
  KeyPicker picker_{Workload{}};
  std::vector<std::unique_ptr<W>> workers_;
  std::vector<std::unique_ptr<W::Acceptor>> acceptors_;
  std::vector<std::unique_ptr<W::Proposer>> proposers_;
  std::vector<Sender<Request>> senders_;
  std::vector<std::thread> threads_;
};

constexpr ProposerId kX = 10, kY = 11;
constexpr InstanceId kI0{.ver = 0, .key = 0};  // ("i", 0)
const ProposerRules kRules{.give_up = GiveUp::first_nack};

TEST(WorkedExample, OneASingleProposer) {
  Acceptors acceptors;
  Proposer x;
  ASSERT_EQ(x.propose(kI0, 10, Ballot(0, kX)), Action::broadcast);
  ASSERT_EQ(acceptors.ask(x, kRules, {0, 1}), Action::broadcast) << "both promised";
  EXPECT_FALSE(x.adopted()) << "no vote was there";
  EXPECT_EQ(x.value(), 10);
  ASSERT_EQ(acceptors.ask(x, kRules, {0, 1}), Action::decided);
  EXPECT_TRUE(x.won());
  acceptors.stop();
  for (const AcceptorId id : {AcceptorId{0}, AcceptorId{1}}) {
    EXPECT_EQ(acceptors.state(id, kI0), (AcceptorState{Ballot(0, kX), Ballot(0, kX), 10}));
  }
  EXPECT_EQ(acceptors.state(2, kI0), AcceptorState()) << "nobody asked it";
}

TEST(WorkedExample, TwoTwoProposers) {
  Acceptors acceptors;
  Proposer x, y;
  x.propose(kI0, 100, Ballot(1, kX));
  ASSERT_EQ(acceptors.ask(x, kRules, {0, 1}), Action::broadcast);
  y.propose(kI0, 200, Ballot(2, kY));
  ASSERT_EQ(acceptors.ask(y, kRules, {1, 2}), Action::broadcast);
  EXPECT_EQ(y.value(), 200);

  ASSERT_EQ(acceptors.ask(x, kRules, {0, 1}), Action::back_off) << "acceptor 1 has promised Y more";
  EXPECT_EQ(x.beaten_by(), Ballot(2, kY));
  ASSERT_EQ(acceptors.ask(y, kRules, {1, 2}), Action::decided);

  ASSERT_EQ(x.retry(), Action::broadcast);
  EXPECT_EQ(x.ballot(), Ballot(3, kX));
  ASSERT_EQ(acceptors.ask(x, kRules, {0, 1}), Action::broadcast);
  EXPECT_TRUE(x.adopted());
  EXPECT_EQ(x.value(), 200) << "the vote of acceptor 1 counts more than its own value";
  ASSERT_EQ(acceptors.ask(x, kRules, {0, 1}), Action::decided);
  EXPECT_EQ(x.value(), 200);
  EXPECT_FALSE(x.won());
  acceptors.stop();
  EXPECT_EQ(acceptors.state(0, kI0), (AcceptorState{Ballot(3, kX), Ballot(3, kX), 200}));
  EXPECT_EQ(acceptors.state(1, kI0), (AcceptorState{Ballot(3, kX), Ballot(3, kX), 200}));
  EXPECT_EQ(acceptors.state(2, kI0), (AcceptorState{Ballot(2, kY), Ballot(2, kY), 200}));
}

TEST(WorkedExample, ThreeTheKeyValueStore) {
  Acceptors acceptors;
  const auto operate = [&](std::uint64_t ver, std::optional<Value> value) {
    Proposer client;
    client.propose({.ver = ver, .key = 0}, value, Ballot(0, 2));
    EXPECT_EQ(acceptors.ask(client, kRules, {0, 1}), Action::broadcast);
    EXPECT_EQ(acceptors.ask(client, kRules, {0, 1}), Action::decided);
    return client.value();
  };
  EXPECT_EQ(operate(0, 5), 5);             // set foo₀
  EXPECT_EQ(operate(0, std::nullopt), 5);  // get foo₀
  EXPECT_EQ(operate(1, 6), 6);             // set foo₁
  EXPECT_EQ(operate(1, std::nullopt), 6);  // get foo₁
}

}  // namespace
}  // namespace paxoscope
