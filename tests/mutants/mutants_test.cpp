// Every bug of the table, planted: which checks catch it, and after how much. And the changes that are no bugs.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <iterator>

#include "tests/mutants/examine.h"
#include "tests/mutants/mutant_acceptors.h"
#include "tests/mutants/mutant_proposers.h"
#include "tests/mutants/planted_trace.h"

namespace paxoscope::mutants {
namespace {

template <class AcceptorType, class ProposerType, bool RepliesDie = true, bool RequestsDie = true>
struct MutantModel : ShippedModel {
  using Acceptor = AcceptorType;
  using Proposer = ProposerType;
  static constexpr bool kRepliesDie = RepliesDie;
  static constexpr bool kRequestsDie = RequestsDie;
  static Acceptor recovered(const Acceptor& acceptor) { return acceptor; }
  static std::uint64_t memory(const Proposer&) { return 0; }
};
// What a bug is planted in: the model, and which mutant it is to be of those that share one.
template <class Whole>
struct Alone {
  using Model = Whole;
  static void choose() {}
};
template <class Mutant>
struct BadAcceptor {
  using Model = MutantModel<AnyMutantAcceptor, Proposer, true, false>;
  static void choose() { AnyMutantAcceptor::choose<Mutant>(); }
};
template <class Mutant>
struct BadChoice {
  using Model = MutantModel<Acceptor, AnyMutantProposer>;
  static void choose() { AnyMutantProposer::choose<Mutant>(); }
};
template <class Mutant>
struct BadCount {
  using Model = MutantModel<Acceptor, AnyMutantProposer, false, false>;
  static void choose() { AnyMutantProposer::choose<Mutant>(); }
};

using Forgetful = MutantModel<MutantAcceptor, Proposer, true, false>;
struct ZeroBallot : MutantModel<Acceptor, Proposer, true, false> {
  static Ballot first_ballot(ProposerId id) { return id == 1 ? Ballot() : Ballot(1, id); }
};
struct CrashLosesAll : Forgetful {
  static MutantAcceptor recovered(const MutantAcceptor&) { return {}; }
};
struct CrashLosesLastBal : Forgetful {
  static MutantAcceptor recovered(MutantAcceptor acceptor) {
    acceptor.state_.last_bal = acceptor.state_.v_bal;
    return acceptor;
  }
};
struct CrashLosesVote : Forgetful {
  static MutantAcceptor recovered(MutantAcceptor acceptor) {
    acceptor.state_ = {acceptor.state_.last_bal, {}, 0};
    return acceptor;
  }
};
struct RestartReusesBallot : ShippedModel {
  static Ballot ballot_after_crash(Ballot last_used) { return last_used; }
  static Value value_after_crash(Value own) { return own + 1; }
};
struct AddsUpVotes : MutantModel<Acceptor, AddsUpVotesOfBallots> {
  static std::uint64_t memory(const AddsUpVotesOfBallots& p) {
    return p.voters | static_cast<std::uint64_t>(p.voted_for) << 8 | std::uint64_t{p.finished} << 40;
  }
};
struct ReadsPhase1 : MutantModel<Acceptor, ReadReturnsPhase1Vote> {
  static std::uint64_t memory(const ReadReturnsPhase1Vote& p) { return p.returned ? 1 : 0; }
};

struct Bug {
  Case c;
  std::function<Examined(const Case&)> run;
  std::function<Counterexample(const Case&)> play;
};

template <class Place>
Bug bug(std::string name, std::string schedule, std::vector<int> rules, const std::function<void(Case&)>& adjust = {}) {
  Case c{.name = std::move(name), .schedule = std::move(schedule), .rules = std::move(rules)};
  if (!Place::Model::kRepliesDie) c.world.symmetry = false;
  c.world.states_max = 1'200'000;
  if (adjust) adjust(c);
  return {c,
          [](const Case& asked) {
            Place::choose();
            return examine<typename Place::Model>(asked);
          },
          [](const Case& asked) {
            Place::choose();
            return counterexample<typename Place::Model>(asked);
          }};
}

void rounds_2(Case& c) {
  c.world.rounds = 2;
}
void proposers_3(Case& c) {
  c.world.proposers = 3;
}
void duplicates(Case& c) {
  c.world.duplicates = true;
}
void misrouted(Case& c) {
  c.world.misrouted = true;
  c.chance.misroutes = 100;
}
void crashes(Case& c) {
  c.world.crashes = 1;
  c.world.rounds = 1;
}
void restarts(Case& c) {
  c.world.crashes = 1;
  c.world.rounds = 2;
}
void reader(Case& c) {
  c.world.proposers = 3;
  c.world.readers = c.chance.readers = 1;
}
void visible(Case& c) {
  c.world.rounds = 2;
  c.world.learning = c.chance.rules.learning = Learning::visible;
}
void harmless(Case& c) {
  c.checks_min = 1;
}
void refused(Case& c) {
  c.refused_at_start = true;
}

std::vector<Bug> bugs() {
  return {
      bug<BadAcceptor<AcceptIgnoresLastBal>>("Accept ignores last_bal", "P1:12 P2:13 V1:12 V2:12", {2, 6}),
      bug<BadAcceptor<AcceptNeedsGreater>>("Accept needs bal > last_bal", "P1:12 V1:12", {2, 5}),
      bug<BadAcceptor<AcceptDoesNotRaiseLastBal>>("Accept does not raise last_bal",
                                                  "P1:12 P2:12 V2:23 V1:3 P3:13 V3:12", {2}, proposers_3),
      bug<BadAcceptor<KeepsFirstValue>>("keeps first value, raises v_bal", "P1:12 V1:2 P2:13 V2:12", {2, 5}),
      bug<BadAcceptor<PrepareDoesNotRaise>>("Prepare does not raise last_bal", "P1:12 P2:13 V1:12 V2:12", {2}),
      bug<BadAcceptor<PrepareLowers>>("Prepare lowers last_bal", "P1:12 p1:3 P2:13 V1:2 p1:3 V1:3 V2:12", {1}),
      bug<Alone<MutantModel<ComparesOnlyN, AnyNGrants, false, false>>>("proposer id ignored in comparison",
                                                                       "P1:12 P2:13 V1:12 V2:12", {2}),
      bug<Alone<ZeroBallot>>("ballot (0,0) usable", "P1:12 V1:12 P2:12 V2:12", {8, 6}),
      bug<Alone<CrashLosesAll>>("crash loses everything", "P1:12 P2:1 C1 V1:12 P2:3 V2:12", {1}, crashes),
      bug<Alone<CrashLosesLastBal>>("crash loses last_bal", "P1:12 P2:1 C1 V1:12 P2:3 V2:12", {1}, crashes),
      bug<BadChoice<FirstVoteReported>>("first vote reported, not the highest",
                                        "P1:12 V1:2 P2:13 V2:1 P3:21 V3:12 V2:3", {4}, proposers_3),
      bug<BadChoice<LowestVoteReported>>("lowest vote reported, not the highest",
                                         "P1:12 V1:2 P2:13 V2:1 P3:12 V3:12 V2:3", {4}, proposers_3),
      bug<BadChoice<OwnValueAlways>>("own value although a vote was reported", "P1:12 V1:2 P2:12 V2:12 V1:3", {4}),
      bug<BadCount<QuorumOfOne<true, true>>>("quorum n/2", "P1:1 V1:1 P2:2 V2:1", {5}, refused),
      bug<BadCount<QuorumOfOne<false, true>>>("q1 + q2 <= n", "P1:12 V1:1 P2:23 V2:3", {5}, refused),
      bug<BadCount<CountsTwice>>("a doubled reply counts twice", "P1:1 h1P1:1 V1:1 h1V1:1", {9}, duplicates),
      bug<BadCount<CountsForeign>>("reply of another proposer counts", "P1:1 P2:2 h1P2:2 V1:1 P2:23 V2:23", {9},
                                   misrouted),
      bug<BadCount<CountsForeign>>("reply of another instance counts", "P1:1 P2:2 i1P2:2 V1:1", {9}, misrouted),
      bug<BadCount<CountsEarlierBallot<Phase::prepare>>>("promise of an own earlier ballot counts",
                                                         "p1:1 P2:12 V2:12 R1 P1:3 h1P1:1 V1:3", {9}, rounds_2),
      bug<BadCount<CountsEarlierBallot<Phase::accept>>>("vote of an own earlier ballot counts",
                                                        "P1:12 v1:1 R1 P1:12 V1:2 h1V1:1", {9}, rounds_2),
      bug<BadCount<LatePromiseIsVote>>("late promise counted as a vote", "P1:12 p1:3 V1:1 h1P1:3", {5, 9}),
      bug<BadCount<CountsRejectedAccept>>("a rejected Accept counted", "P1:12 P2:1 V1:12", {5}),
      bug<Alone<RestartReusesBallot>>("restart reuses a ballot", "P1:12 v1:1 K1 P1:23 V1:2", {8, 3}, restarts),
      bug<Alone<ReadsPhase1>>("read returns a vote without phase 2", "P1:12 V1:2 P3:12 P2:13 V2:13", {5}, reader),
      bug<Alone<MutantModel<Acceptor, AlwaysReportsSuccess>>>("set reports success, another won",
                                                              "P1:12 V1:2 P2:12 V2:12", {}),
      bug<Alone<AddsUpVotes>>("learner adds up votes of ballots", "P1:12 V1:1 R1 P1:12 V1:2", {5}, rounds_2),
      bug<BadAcceptor<TornReply>>("reply read from a torn state", "P1:12 V1:2 P2:12 V2:12", {2}),
      // Not in the table.
      bug<BadAcceptor<StoresAnotherValue>>("acceptor stores another value", "P1:12 V1:12 P2:12 V2:12", {2}),
      bug<BadAcceptor<PrepareErasesVote>>("Prepare erases the vote", "P1:12 V1:12 P2:12 P3:12 V3:12", {1}, proposers_3),
      bug<Alone<MutantModel<Acceptor, RetryKeepsBallot, false, false>>>("retry keeps the ballot", "P1:12 R1 P1:12", {8},
                                                                        [](Case& c) {
                                                                          rounds_2(c);
                                                                          c.checks_min = 1;
                                                                        }),
  };
}

// More that are not in the table; the window's menu does not have these.
std::vector<Bug> further_bugs() {
  return {
      bug<BadAcceptor<VotesInPromisedBallot>>("votes in the promised ballot", "P1:12 P2:23 V2:13", {2}, rounds_2),
      bug<BadAcceptor<PromiseRaisesVote>>("a promise raises v_bal", "P1:12 P2:12 V2:12", {2}),
      bug<BadAcceptor<StoresRefusedValue>>("stores the value it refuses", "P1:12 P2:12 V2:12 V1:1 P3:13 V3:13", {2},
                                           proposers_3),
      bug<BadAcceptor<AnswersStateAfter>>("answers with the state after", "P1:12 V1:12", {2}, harmless),
      bug<Alone<CrashLosesVote>>("crash loses the vote", "P1:12 V1:12 C1 P2:13 V2:13", {1}, crashes),
      bug<BadChoice<HighestVoteByN>>("highest vote by n alone", "P1:12 V1:2 P2:13 V2:1 P3:21 V3:12 V2:3", {4},
                                     proposers_3),
      bug<BadChoice<OwnValueOnEqualVotes>>("own value if a vote is reported twice", "P1:12 V1:12 P2:12 V2:12", {4}),
      bug<BadChoice<SeesVotesOfBallots>>("votes of several ballots seen as decided",
                                         "P1:12 V1:1 R1 P1:12 V1:2 P2:12 R2 P2:12", {5}, visible),
  };
}

TEST(Mutants, EveryPlantedBugIsCaughtByIndependentChecks) {
  std::string table = fmt::format("{:<40} {:<22} {:<16} {:<24} {}\n", "bug", "explorer (states)", "its schedule",
                                  "by chance (schedules)", "client view");
  std::set<int> all;
  std::vector<Bug> planted = bugs();
  std::ranges::move(further_bugs(), std::back_inserter(planted));
  for (const Bug& b : planted) {
    const Examined e = b.run(b.c);
    const auto cell = [](const Finding& finding) {
      return finding.caught ? fmt::format("{} ({})", finding.text, finding.after) : std::string("-");
    };
    table += fmt::format("{:<40} {:<22} {:<16} {:<24} {}{}\n", b.c.name, cell(e.explorer),
                         e.scripted.caught ? e.scripted.text : "-", cell(e.chance),
                         e.client.caught ? e.client.text : "-", b.c.refused_at_start ? ", refused at start" : "");
    if (kSanitized) continue;  // in a tenth of the schedules not every bug shows
    EXPECT_GE(e.caught() + (b.c.refused_at_start ? 1 : 0), b.c.checks_min) << b.c.name;
    std::set<int> rules = e.scripted.rules;
    rules.insert(e.chance.rules.begin(), e.chance.rules.end());
    for (const int rule : b.c.rules) EXPECT_TRUE(rules.contains(rule)) << b.c.name << ": R" << rule << " did not fire";
    all.insert(rules.begin(), rules.end());
  }
  fmt::print("{}", table);
  for (int rule = 1; rule <= 9 && !kSanitized; ++rule)
    EXPECT_TRUE(all.contains(rule)) << "no bug makes R" << rule << " fire";
}

// The window's menu has a trace of each. PAXOSCOPE_REWRITE=1 writes them anew.
TEST(Mutants, EveryPlantedBugsCounterexampleIsKeptForTheWindow) {
  for (const Bug& b : bugs()) {
    const std::string path = fmt::format("{}/{}.trace", PAXOSCOPE_PLANTED_TRACES, file_name(b.c.name));
    const std::string trace = trace_of(b.c, b.play(b.c));
    if (std::getenv("PAXOSCOPE_REWRITE") != nullptr) std::ofstream(path, std::ios::binary) << trace;
    std::ifstream in(path, std::ios::binary);
    const std::string kept{std::istreambuf_iterator<char>(in), {}};
    EXPECT_TRUE(kept == trace) << path << " differs; PAXOSCOPE_REWRITE=1 writes it anew";
  }
}

TEST(Mutants, TheExplorerSeesAVoteFallInACrash) {
  ExplorerOptions world;
  world.crashes = 1;
  EXPECT_EQ(explore_model<CrashLosesVote>(world).rule, "R1");
}

TEST(Mutants, QuorumsThatCouldMissEachOtherAreRefusedAtStart) {
  EXPECT_FALSE(Quorums::make(3, 1, 1));
  EXPECT_FALSE(Quorums::make(3, 2, 1));
  EXPECT_FALSE(Quorums::make(4, 2, 2));
  EXPECT_TRUE(Quorums::make(5, 4, 2));
}

// A trace with one event missing is incomplete wherever it was, never ok.
TEST(Mutants, ARingThatDropsEventsIsNeverGreen) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    RandomPlay<ShippedModel> random({}, seed);
    const std::vector<Event> events = random.run().events();
    const std::size_t lost = Random(seed).below(events.size());
    RuleChecker checker({});
    std::map<std::pair<AgentKind, std::uint32_t>, std::uint64_t> recorded;
    for (std::size_t i = 0; i < events.size(); ++i) {
      ++recorded[{events[i].agent_kind, events[i].agent}];
      if (i != lost) checker.feed(events[i]);
    }
    for (const auto& [agent, count] : recorded) checker.expect(agent.first, agent.second, count);
    const RuleReport report = checker.finish();
    EXPECT_EQ(report.verdict, RuleReport::Verdict::incomplete) << "seed " << seed << "\n" << to_string(report);
    EXPECT_GT(report.by_rule[10], 0U);
  }
}

template <class Place>
void expect_survives(const char* name, ExplorerOptions world, RandomPlayOptions chance) {
  Place::choose();
  const Examined e = examine<typename Place::Model>({.name = name, .world = world, .chance = chance});
  EXPECT_EQ(e.caught(), 0) << name << ": " << e.explorer.text << " " << e.chance.text << " " << e.client.text;
}

TEST(Mutants, EquivalentChangesSurvive) {
  expect_survives<Alone<ShippedModel>>("shipped", {}, {});
  expect_survives<BadAcceptor<PrepareNeedsGreater>>("Prepare needs >", {}, {});
  ExplorerOptions world;
  world.states_max = effort(500'000);
  expect_survives<BadCount<CountsRefusalsWithVotes>>("refusals with their votes", world, {});
  expect_survives<BadCount<RetryForgetsWhatItSaw>>("retry forgets what it saw", world, {});
  RandomPlayOptions five;
  five.acceptors = 5;
  five.rules.quorums = *Quorums::make(5, 4, 2);
  ExplorerOptions flexible;
  flexible.acceptors = 5;
  flexible.quorums = five.rules.quorums;
  expect_survives<Alone<ShippedModel>>("flexible quorums", flexible, five);
}

}  // namespace
}  // namespace paxoscope::mutants
