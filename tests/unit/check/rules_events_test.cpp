// Single events that a rule must not trust, and events that are found to be missing only after an instance is closed.
#include <gtest/gtest.h>

#include <map>

#include "core/check/random_cluster.h"
#include "core/check/rules.h"

namespace paxoscope {
namespace {

constexpr Ballot kFirst{1, 1};

// Events written by hand, numbered as each agent would number its own.
class Script {
 public:
  Script& proposer(Event event, std::uint32_t id = 1) {
    event.agent = id;
    event.ballot = event.ballot.is_none() ? kFirst : event.ballot;
    return add(event);
  }
  Script& acceptor(std::uint32_t id, Event event) {
    event.agent = id;
    event.agent_kind = AgentKind::acceptor;
    event.ballot = kFirst;
    event.peer = 1;
    return add(event);
  }
  // An acceptor without a history promises, and the proposer counts it.
  Script& promise(std::uint32_t id) {
    acceptor(id, {.last_bal = kFirst, .round = 1, .kind = EventKind::answered, .granted = true});
    return proposer({.peer = id, .round = 1, .kind = EventKind::used, .granted = true});
  }
  Script& vote(std::uint32_t id, Value value) {
    acceptor(id, {.value = value,
                  .last_bal = kFirst,
                  .v_bal = kFirst,
                  .vote = value,
                  .round = 2,
                  .kind = EventKind::answered,
                  .phase = Phase::accept,
                  .granted = true});
    return proposer(
        {.last_bal = kFirst, .peer = id, .round = 2, .kind = EventKind::used, .phase = Phase::accept, .granted = true});
  }
  // An acceptor takes no step; value: 0, or the first version that may be open.
  Script& refusal(std::uint32_t id, Value value) {
    acceptor(id, {.round = 1, .kind = EventKind::refused});
    return proposer({.value = value, .vote = value, .peer = id, .round = 1, .kind = EventKind::used});
  }
  Script& begin(Value own) {
    proposer({.value = own, .kind = EventKind::proposed});
    return proposer({.round = 1, .kind = EventKind::sent});
  }
  Script& accept(Value value) {
    return proposer({.value = value, .round = 2, .kind = EventKind::sent, .phase = Phase::accept});
  }
  RuleReport judged(const RuleOptions& options = {}) const { return check_rules(events_, options); }

 private:
  Script& add(Event event) {
    event.sequence = next_[{event.agent_kind, event.agent}]++;
    events_.push_back(event);
    return *this;
  }
  std::map<std::pair<AgentKind, std::uint32_t>, std::uint32_t> next_;
  std::vector<Event> events_;
};

TEST(RulesOnSingleEvents, ARefusalWithoutAStateIsNoPromise) {
  const RuleReport clean = Script().begin(100).promise(0).promise(1).accept(100).judged();
  EXPECT_EQ(clean.verdict, RuleReport::Verdict::ok) << to_string(clean);
  const RuleReport report = Script().begin(100).promise(0).refusal(1, 0).accept(100).judged();
  EXPECT_EQ(report.by_rule[4], 1U) << to_string(report);
  EXPECT_TRUE(to_string(report).starts_with("1 violation: ")) << to_string(report);
}

// A copy made for one acceptor does not explain that another answered twice.
TEST(RulesOnSingleEvents, ACopyIsExplainedOnlyByADuplicateOfTheSameAcceptor) {
  const auto answered_twice_by_1 = [](std::uint32_t duplicated_for) {
    return Script()
        .begin(100)
        .promise(0)
        .promise(1)
        .proposer({.peer = duplicated_for, .round = 1, .kind = EventKind::duplicated})
        .acceptor(1, {.last_bal = kFirst, .round = 1, .kind = EventKind::answered, .granted = true})
        .proposer({.last_bal = kFirst, .peer = 1, .round = 1, .kind = EventKind::ignored, .granted = true})
        .accept(100)
        .judged();
  };
  const RuleReport clean = answered_twice_by_1(1);
  EXPECT_EQ(clean.verdict, RuleReport::Verdict::ok) << to_string(clean);
  const RuleReport report = answered_twice_by_1(0);
  EXPECT_EQ(report.by_rule[10], 1U) << to_string(report);
  EXPECT_EQ(report.violation_count, 1U) << to_string(report);
}

TEST(RulesOnSingleEvents, WhoIsDownIsSilent) {
  const Event crash{.kind = EventKind::crashed};
  const Event restart{.kind = EventKind::restarted};
  const RuleReport clean = Script().begin(100).acceptor(0, crash).acceptor(0, restart).promise(0).judged();
  EXPECT_EQ(clean.verdict, RuleReport::Verdict::ok) << to_string(clean);
  const RuleReport acted = Script().begin(100).acceptor(0, crash).promise(0).acceptor(0, restart).judged();
  EXPECT_EQ(acted.by_rule[10], 1U) << to_string(acted);
  EXPECT_EQ(acted.verdict, RuleReport::Verdict::violation) << to_string(acted);
  const RuleReport never_down = Script().begin(100).acceptor(0, restart).promise(0).judged();
  EXPECT_EQ(never_down.by_rule[10], 1U) << to_string(never_down);
  EXPECT_EQ(never_down.verdict, RuleReport::Verdict::violation) << to_string(never_down);
}

TEST(RulesOnSingleEvents, AnInstanceIsRetiredOnlyWhenItIsDecided) {
  Script decided = Script().begin(100).promise(0).promise(1).refusal(2, 1).accept(100).vote(0, 100).vote(1, 100);
  EXPECT_EQ(decided.judged().verdict, RuleReport::Verdict::ok) << to_string(decided.judged());
  const RuleReport report = Script().begin(100).promise(0).refusal(1, 1).judged();
  EXPECT_EQ(report.by_rule[2], 1U) << to_string(report);
  const RuleReport full = Script().begin(100).promise(0).refusal(1, 0).judged();
  EXPECT_EQ(full.verdict, RuleReport::Verdict::ok) << to_string(full);
}

TEST(RulesOnSingleEvents, AnAcceptorForgetsOnlyWhatIsDecidedAndForGood) {
  const auto decided = [] { return Script().begin(100).promise(0).promise(1).accept(100).vote(0, 100).vote(1, 100); };
  const auto below = [](std::uint64_t ver) { return Event{.instance = {ver, 0}, .kind = EventKind::retired}; };
  const RuleReport clean = decided().acceptor(0, below(1)).acceptor(2, below(1)).acceptor(0, below(9)).judged();
  EXPECT_EQ(clean.verdict, RuleReport::Verdict::ok) << to_string(clean);
  const RuleReport open = Script().begin(100).promise(0).acceptor(0, below(1)).judged();
  EXPECT_EQ(open.by_rule[2], 1U) << to_string(open);
  EXPECT_EQ(Script().begin(100).promise(0).acceptor(0, below(0)).judged().by_rule[2], 1U) << "nothing is below 0";
  const RuleReport risen = decided().acceptor(0, below(9)).acceptor(0, below(1)).judged();
  EXPECT_EQ(risen.by_rule[2], 1U) << to_string(risen);
  const RuleReport anew = decided().acceptor(2, below(1)).promise(2).judged();
  EXPECT_EQ(anew.by_rule[2], 1U) << to_string(anew);
  EXPECT_TRUE(to_string(anew).find("though it has retired what is below 1") != std::string::npos) << to_string(anew);
}

// An acceptor that answers for what it had retired is found out even when the instance was forgotten here, too.
TEST(RulesOnSingleEvents, WhatWasRetiredIsNotBegunAnewAfterItWasClosed) {
  Script script = Script().begin(100).promise(0).promise(1).accept(100).vote(0, 100).vote(1, 100);
  script.proposer({.value = 100, .round = 2, .kind = EventKind::decided, .phase = Phase::accept});
  for (std::uint32_t a = 0; a < 3; ++a) script.acceptor(a, {.instance = {1, 0}, .kind = EventKind::retired});
  const RuleOptions forgetful{.retired_kept = 0};
  const RuleReport clean = script.judged(forgetful);
  EXPECT_EQ(clean.verdict, RuleReport::Verdict::ok) << to_string(clean);
  const RuleReport anew = script.promise(2).judged(forgetful);
  EXPECT_EQ(anew.by_rule[2], 1U) << to_string(anew);
  EXPECT_EQ(anew.verdict, RuleReport::Verdict::violation) << to_string(anew);
  // Who is no acceptor has retired nothing, whatever its number.
  const RuleReport mistaken = script.proposer({.kind = EventKind::answered}, Ballot::kMaxProposer).judged(forgetful);
  EXPECT_EQ(mistaken.by_rule[2], 1U) << to_string(mistaken);
}

TEST(RulesOnSingleEvents, AnAnnouncementOfWhatWasNotChosenIsNoResult) {
  Script script = Script().begin(100).promise(0).promise(1).accept(100).vote(0, 100).vote(1, 100);
  const Ballot other{1, 2};
  script.proposer({.ballot = other, .value = 200, .kind = EventKind::proposed}, 2)
      .proposer({.ballot = other, .round = 1, .kind = EventKind::sent}, 2)
      .proposer({.ballot = Ballot(1, 3), .value = 200, .vote = 200, .kind = EventKind::used}, 2)
      .proposer({.ballot = other, .value = 200, .round = 1, .kind = EventKind::decided}, 2);
  const RuleReport report = script.judged({.learning = Learning::announcement});
  EXPECT_EQ(report.by_rule[6], 1U) << to_string(report);
}

TEST(RulesOnSingleEvents, AnAnnouncementIsMadeByWhoWon) {
  const auto told_by = [](std::uint32_t winner) {
    const Ballot other{1, 2};
    return Script()
        .begin(100)
        .promise(0)
        .promise(1)
        .proposer({.ballot = other, .value = 200, .kind = EventKind::proposed}, 2)
        .proposer({.ballot = other, .round = 1, .kind = EventKind::sent}, 2)
        .proposer({.ballot = Ballot(1, winner), .value = 100, .vote = 100, .kind = EventKind::used}, 2)
        .proposer({.ballot = other, .value = 100, .round = 1, .kind = EventKind::decided}, 2)
        .accept(100)
        .vote(0, 100)
        .vote(1, 100)
        .proposer({.value = 100, .round = 2, .kind = EventKind::decided, .phase = Phase::accept})
        .judged({.learning = Learning::announcement});
  };
  const RuleReport clean = told_by(1);
  EXPECT_EQ(clean.verdict, RuleReport::Verdict::ok) << to_string(clean);
  for (const std::uint32_t liar : {2U, 3U}) {
    const RuleReport report = told_by(liar);
    EXPECT_EQ(report.by_rule[10], 1U) << to_string(report);
    EXPECT_EQ(report.violation_count, 1U) << to_string(report);
  }
}

// What an acceptor recorded is lost, and only the end of the trace says that there was anything.
TEST(RulesOnSingleEvents, ALossFoundAfterInstancesAreClosedIsNoViolation) {
  RuleChecker checker({.versions_kept = 32});
  auto feed = [&checker](const Event& event) {
    if (event.agent_kind == AgentKind::proposer || event.agent != 2) checker.feed(event);
  };
  const auto strategy = parse_strategy("full_jitter").value();
  RandomCluster cluster(RandomClusterOptions{.keys = 1, .operations_max = 200}, *strategy, feed);
  while (cluster.step()) {
  }
  cluster.totals([&checker](AgentKind kind, std::uint32_t agent, std::uint64_t n) { checker.expect(kind, agent, n); });
  const RuleReport report = checker.finish();
  EXPECT_EQ(report.verdict, RuleReport::Verdict::incomplete) << to_string(report);
}

// A merge may bring an acceptor's events after the instance has made room for others.
TEST(RulesOnSingleEvents, EventsThatComeAfterInstancesAreClosedAreNoViolation) {
  std::vector<Event> of_acceptors;
  RuleChecker checker({.versions_kept = 32});
  auto feed = [&](const Event& event) {
    if (event.agent_kind == AgentKind::proposer) {
      checker.feed(event);
    } else {
      of_acceptors.push_back(event);
    }
  };
  const auto strategy = parse_strategy("full_jitter").value();
  RandomCluster cluster(RandomClusterOptions{.keys = 1, .operations_max = 200}, *strategy, feed);
  while (cluster.step()) {
  }
  for (const Event& event : of_acceptors) checker.feed(event);
  const RuleReport report = checker.finish();
  EXPECT_EQ(report.verdict, RuleReport::Verdict::incomplete) << to_string(report);
}

}  // namespace
}  // namespace paxoscope
