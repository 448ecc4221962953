// The audit catches each kind of violation in whatever order threads report it, never flags a history that happened,
// and reads the three clocks right.
#include "core/node/audit_chunk.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <numeric>
#include <string>
#include <vector>

#include "core/scenario/stage.h"

namespace paxoscope {
namespace {

// What each agent reports, in its own order.
using History = std::map<Role, std::vector<AuditRecord>>;

constexpr InstanceId kInstance{.ver = 7, .key = 1};

AuditRecord vote(AcceptorId acceptor, Ballot ballot, ProposerId writer, Nanos at, InstanceId id = kInstance) {
  return AuditRecord::vote(acceptor, id, {ballot, ballot, write_id(id, writer)}, at);
}
AuditRecord result(ProposerId proposer, ProposerId writer, Ballot ballot, Nanos at, InstanceId id = kInstance) {
  return {id, ballot, write_id(id, writer), 0, at, proposer, AuditRecord::Kind::result};
}
void add(History& history, const AuditRecord& record) {
  const bool proposer = record.kind == AuditRecord::Kind::result;
  history[{proposer ? AgentKind::proposer : AgentKind::acceptor, record.agent}].push_back(record);
}

// One order that real threads could hand the history in: each agent's own order kept, otherwise mixed.
std::vector<AuditRecord> mixed(const History& history, Random& random) {
  std::vector<const std::vector<AuditRecord>*> lanes;
  std::vector<std::size_t> next;
  std::vector<AuditRecord> order;
  for (const auto& [role, lane] : history) {
    lanes.push_back(&lane);
    next.push_back(0);
  }
  // Bursts, so that one agent can be far ahead of another.
  while (true) {
    std::vector<std::size_t> open;
    for (std::size_t i = 0; i < lanes.size(); ++i) {
      if (next[i] < lanes[i]->size()) open.push_back(i);
    }
    if (open.empty()) return order;
    const std::size_t lane = open[random.below(open.size())];
    for (std::uint64_t burst = 1 + random.below(6); burst > 0 && next[lane] < lanes[lane]->size(); --burst) {
      order.push_back((*lanes[lane])[next[lane]++]);
    }
  }
}

struct Judged {
  std::string violation;
  AuditReport report;
};
Judged judge(const std::vector<AuditRecord>& order, const AuditOptions& options = {}) {
  Audit audit(options);
  for (const AuditRecord& record : order) audit.feed(record);
  audit.finish();
  return {audit.violation(), audit.report()};
}

// A history that really happened: a random play of three proposers on shipped nodes. Its clock is the play's step.
History random_history(std::uint64_t seed, int acceptors) {
  Random random(seed);
  Stage stage({Quorums::majority(acceptors), GiveUp::first_nack, Learning::own_round});
  for (ProposerId p = 1; p <= 3; ++p) (void)stage.propose(p, kInstance, write_id(kInstance, p), 1);
  for (int step = 0; step < 120; ++step) {
    const auto p = static_cast<ProposerId>(1 + random.below(3));
    const auto a = static_cast<AcceptorId>(random.below(static_cast<std::uint64_t>(acceptors)));
    if (random.below(12) == 0) (void)stage.timeout(p);
    (void)stage.retry(p);
    (void)stage.exchange(p, {a});
  }
  History history;
  for (const Event& event : stage.events()) {
    if (event.kind == EventKind::answered && event.phase == Phase::accept && event.granted) {
      add(history, AuditRecord::vote(static_cast<AcceptorId>(event.agent), event.instance,
                                     {event.last_bal, event.v_bal, event.vote}, event.at));
    }
    if (event.kind == EventKind::decided) {
      add(history, {event.instance, event.ballot, event.value, 0, event.at, event.agent, AuditRecord::Kind::result});
    }
  }
  return history;
}

// When a quorum had first voted in one ballot, from the definition; nothing: never.
std::optional<Nanos> chosen_at(const History& history, int quorum) {
  std::map<Ballot, std::vector<Nanos>> votes;
  for (const auto& [role, lane] : history) {
    for (const AuditRecord& record : lane) {
      if (record.kind == AuditRecord::Kind::vote) votes[record.ballot].push_back(record.at);
    }
  }
  std::optional<Nanos> first;
  for (auto& [ballot, times] : votes) {
    std::sort(times.begin(), times.end());
    if (static_cast<int>(times.size()) < quorum) continue;
    const Nanos at = times[static_cast<std::size_t>(quorum - 1)];
    first = std::min(first.value_or(at), at);
  }
  return first;
}

TEST(Audit, NeverFlagsWhatHappenedAndReadsTheClocksRightInAnyOrder) {
  int two_learned = 0, many_ballots = 0, decided = 0;
  for (std::uint64_t seed = 0; seed < 600; ++seed) {
    const int acceptors = 3 + 2 * static_cast<int>(seed % 3);
    const History history = random_history(seed, acceptors);
    const AuditOptions options{.quorums = Quorums::majority(acceptors)};
    const auto expected = chosen_at(history, options.quorums.size(Phase::accept));
    std::vector<Nanos> learned;
    for (const auto& [role, lane] : history) {
      for (const AuditRecord& r : lane) {
        if (r.kind == AuditRecord::Kind::result) learned.push_back(r.at);
      }
    }
    Random random(seed);
    for (int order = 0; order < 6; ++order) {
      const auto [violation, report] = judge(mixed(history, random), options);
      ASSERT_EQ(violation, "") << "seed " << seed;
      ASSERT_EQ(report.chosen_ever, expected ? 1U : 0U) << "seed " << seed;
      ASSERT_EQ(report.results, learned.size());
      if (learned.empty()) continue;
      ASSERT_TRUE(expected);
      ASSERT_EQ(report.to_chosen.max(), *expected) << "seed " << seed;
      ASSERT_EQ(report.to_first_learner.max(), *std::min_element(learned.begin(), learned.end()));
      ASSERT_EQ(report.to_every_learner.max(), *std::max_element(learned.begin(), learned.end()));
      many_ballots += static_cast<int>(report.many_ballots);
      ++decided;
      two_learned += static_cast<int>(learned.size() > 1);
    }
  }
  EXPECT_GT(decided, 500);
  EXPECT_GT(many_ballots, 500);
  EXPECT_GT(two_learned, 100);
}

struct Violation {
  std::string name;
  History history;
  AuditOptions options = {};
};

std::vector<Violation> violations() {
  const Ballot b1(1, 1), b2(2, 2), b3(3, 1);
  std::vector<Violation> all;
  const auto violation = [&](const std::string& name, const std::vector<AuditRecord>& records) {
    all.push_back({name, {}, {.lag = 4}});
    for (const AuditRecord& record : records) add(all.back().history, record);
  };
  violation("two values are chosen", {vote(0, b1, 1, 1), vote(1, b1, 1, 2), vote(1, b2, 2, 3), vote(2, b2, 2, 4)});
  violation("a vote against what is chosen, in a higher ballot",
            {vote(0, b1, 1, 1), vote(1, b1, 1, 2), vote(2, b2, 2, 3)});
  violation("the same, the vote cast before the value was chosen",
            {vote(2, b2, 2, 1), vote(0, b1, 1, 2), vote(1, b1, 1, 3)});
  violation("the same, by an acceptor that was in the quorum",
            {vote(0, b1, 1, 1), vote(1, b1, 1, 2), vote(0, b3, 3, 3)});
  violation("the same, between two ballots that chose one value",
            {vote(0, b1, 1, 1), vote(1, b1, 1, 2), vote(2, b2, 2, 3), vote(0, b3, 1, 4), vote(1, b3, 1, 5)});
  violation("two values in one ballot", {vote(0, b1, 1, 1), vote(1, b1, 2, 2)});
  violation("two values in one ballot of one acceptor", {vote(0, b1, 1, 1), vote(0, b1, 2, 2)});
  AuditRecord invented = vote(0, b1, 1, 1);
  ++invented.value;
  invented.value ^= Value{1} << 40;
  violation("a value that nobody proposed", {invented});
  violation("a value that was proposed for another version",
            {AuditRecord::vote(0, kInstance, {b1, b1, write_id({8, 1}, 1)}, 1)});
  violation("a result without a quorum", {vote(0, b1, 1, 1), result(1, 1, b1, 2)});
  violation("a result out of nothing", {result(1, 1, b1, 2)});
  violation("votes of two ballots taken together", {vote(0, b1, 1, 1), vote(1, b3, 1, 2), result(1, 1, b3, 3)});
  violation("a result that is not what was chosen", {vote(0, b1, 1, 1), vote(1, b1, 1, 2), result(2, 2, b2, 3)});
  violation("two results", {vote(0, b1, 1, 1), vote(1, b1, 1, 2), result(1, 1, b1, 3), result(2, 2, b2, 3)});
  violation("retired, but never chosen", {vote(0, b1, 1, 1), AuditRecord::retired(0, {50, 1}),
                                          AuditRecord::retired(1, {50, 1}), AuditRecord::retired(2, {50, 1})});
  violation("a vote after retiring", {AuditRecord::retired(0, {50, 1}), vote(0, b1, 1, 5)});
  violation("the same in a run",
            {AuditRecord::retired(0, {50, 1}), vote(0, b1, 1, 5, {48, 1}), vote(0, b1, 1, 5, {49, 1})});
  return all;
}

TEST(Audit, CatchesEveryKindOfViolationInAnyOrder) {
  for (const Violation& violation : violations()) {
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
      Random random(seed);
      const auto order = mixed(violation.history, random);
      const std::string said = judge(order, violation.options).violation;
      ASSERT_NE(said, "") << violation.name << ", seed " << seed;
      ASSERT_EQ(said.find('\n'), std::string::npos);
      ASSERT_NE(said.find("key 1 version "), std::string::npos) << said;
    }
  }
}

TEST(Audit, CatchesThemInTheMiddleOfAHistoryOfOtherInstances) {
  for (const Violation& violation : violations()) {
    History history = violation.history;
    for (const std::uint64_t ver : {6U, 8U, 9U}) {
      for (const AcceptorId a : {AcceptorId{1}, AcceptorId{2}}) add(history, vote(a, Ballot(1, 1), 1, 9, {ver, 2}));
      add(history, result(1, 1, Ballot(1, 1), 10, {ver, 2}));
    }
    Random random(5);
    EXPECT_NE(judge(mixed(history, random), violation.options).violation, "") << violation.name;
  }
}

TEST(Audit, KnowsFlexibleQuorums) {
  const AuditOptions options{.quorums = *Quorums::make(4, 3, 2)};
  EXPECT_EQ(judge({vote(0, Ballot(1, 1), 1, 1), vote(3, Ballot(1, 1), 1, 2), result(1, 1, Ballot(1, 1), 3)}, options)
                .violation,
            "");
  EXPECT_NE(judge({vote(0, Ballot(1, 1), 1, 1), result(1, 1, Ballot(1, 1), 3)}, options).violation, "");
}

// A long run of decided versions with watermarks: bounded, counted, and clean, with late results told apart.
History long_history(std::uint64_t versions, bool one_time) {
  History history;
  for (std::uint64_t ver = 0; ver < versions; ++ver) {
    const InstanceId id{ver, 0};
    const auto at = static_cast<Nanos>(one_time ? ver / 16 : ver);
    const ProposerId writer = ver % 64 < 48 ? 1 : 2;  // stretches of one writer, so that runs are long
    for (const AcceptorId a : {AcceptorId{0}, AcceptorId{1}, AcceptorId{2}}) {
      if (ver % 32 == 31 && ver > 100) add(history, AuditRecord::retired(a, {ver - 100, 0}));
      add(history, vote(a, Ballot(1, writer), writer, at + a, id));
    }
    add(history, result(writer, writer, Ballot(1, writer), at + 5, id));
  }
  return history;
}

// One audit told everything one by one, the other in chunks of threads that interleave at random.
TEST(Audit, ChunksAreTheSameAsTheirSingles) {
  const History singles = long_history(4'000, true);
  std::vector<std::vector<AuditChunk>> lanes;
  std::size_t runs = 0;
  for (const auto& [role, lane] : singles) {
    std::vector<AuditChunk>& chunks = lanes.emplace_back(1);
    for (const AuditRecord& record : lane) {
      if (chunks.back().full()) chunks.emplace_back();
      chunks.back().push(record);
    }
    for (const AuditChunk& chunk : chunks) runs += chunk.runs();
  }
  EXPECT_LT(runs, 3'000U) << "of 16,000: the runs are real";
  Random random(1);
  Audit audit({.lag = 4'000});
  for (std::vector<std::size_t> next(lanes.size());;) {
    std::vector<std::size_t> open;
    for (std::size_t i = 0; i < lanes.size(); ++i) {
      if (next[i] < lanes[i].size()) open.push_back(i);
    }
    if (open.empty()) break;
    const std::size_t lane = open[random.below(open.size())];
    AuditChunk& chunk = lanes[lane][next[lane]++];
    chunk.judge(audit);
    EXPECT_TRUE(chunk.empty());
  }
  audit.finish();
  EXPECT_EQ(audit.violation(), "");
  const Judged a = judge(mixed(singles, random), {.lag = 4'000});
  const AuditReport& b = audit.report();
  EXPECT_EQ(a.violation, "");
  for (const auto member : {&AuditReport::votes, &AuditReport::chosen, &AuditReport::chosen_ever, &AuditReport::results,
                            &AuditReport::many_ballots}) {
    EXPECT_EQ(a.report.*member, b.*member);
  }
  for (const auto clock : {&AuditReport::to_chosen, &AuditReport::to_first_learner, &AuditReport::to_every_learner}) {
    EXPECT_EQ((a.report.*clock).count(), 4'000U);
    EXPECT_EQ(a.report.*clock, b.*clock);
  }
  EXPECT_EQ(a.report.livelock, b.livelock);
}

// A value of its own goes unnoticed here: each version's is kept apart.
TEST(Audit, ARunTakesOnlyWhatGoesOnWhereItEnds) {
  const AuditRecord first = vote(0, Ballot(1, 1), 1, 5, {4, 1});
  const AuditRecord next = vote(0, Ballot(1, 1), 2, 5, {5, 1});
  EXPECT_TRUE(first.goes_on(next, 1));
  EXPECT_FALSE(first.goes_on(next, 2)) << "it has that one";
  const std::vector<std::function<void(AuditRecord&)>> changes{
      [](AuditRecord& r) { ++r.instance.ver; },
      [](AuditRecord& r) { ++r.instance.key; },
      [](AuditRecord& r) { r.ballot = Ballot(2, 1); },
      [](AuditRecord& r) { ++r.began; },
      [](AuditRecord& r) { ++r.at; },
      [](AuditRecord& r) { ++r.agent; },
      [](AuditRecord& r) { r.kind = AuditRecord::Kind::result; },
      [](AuditRecord& r) { r.kind = AuditRecord::Kind::retired; }};
  for (const auto& change : changes) {
    AuditRecord other = next;
    change(other);
    EXPECT_FALSE(first.goes_on(other, 1));
  }
  const AuditRecord retired = AuditRecord::retired(0, {5, 1});
  EXPECT_FALSE(retired.goes_on(AuditRecord::retired(0, {6, 1}), 1)) << "a retirement is about many versions already";
  const AuditRecord crashed = AuditRecord::crashed(0);
  AuditRecord again = crashed;
  ++again.instance.ver;
  EXPECT_FALSE(crashed.goes_on(again, 1)) << "a crash is of an acceptor, and of no version";
}

TEST(Audit, IsBoundedBehindTheWatermarkAndTellsLateResultsApart) {
  Audit audit({.lag = 64});
  for (const auto& [role, lane] : long_history(2'000, false)) {
    if (role.kind == AgentKind::proposer) continue;
    for (const AuditRecord& record : lane) audit.feed(record);
  }
  audit.feed(result(1, 1, Ballot(1, 1), 9, {3, 0}));
  audit.finish();
  EXPECT_EQ(audit.violation(), "");
  EXPECT_EQ(audit.report().results_too_late, 1U);
  EXPECT_EQ(audit.report().results, 0U);
  EXPECT_EQ(audit.report().chosen_ever, 2'000U);
}

// An acceptor that is down retires nothing. What the others have retired is forgotten all the same; what it votes for
// there when it is back is not judged, and said so, until it is up to date itself.
TEST(Audit, IsBoundedWhileAnAcceptorIsDown) {
  constexpr std::uint64_t kVersions = 2'000;
  for (const bool down : {false, true}) {
    Audit audit({.lag = 64});
    const auto vote_of = [&](AcceptorId acceptor, std::uint64_t ver) {
      audit.feed(vote(acceptor, Ballot(1, 1), 1, 10, {ver, 0}));
    };
    if (down) audit.feed(AuditRecord::crashed(2));
    for (std::uint64_t ver = 0; ver < kVersions; ++ver) {
      for (const AcceptorId up : {AcceptorId{0}, AcceptorId{1}}) {
        vote_of(up, ver);
        if (ver % 32 == 31) audit.feed(AuditRecord::retired(up, {ver, 0}));
      }
    }
    if (down) audit.feed(AuditRecord::restarted(2));
    vote_of(2, 3);
    EXPECT_EQ(audit.violation(), "");
    EXPECT_EQ(audit.report().votes_too_late, down ? 1U : 0U);
    EXPECT_EQ(audit.report().votes, 2 * kVersions + 1);
    vote_of(2, kVersions - 1);
    EXPECT_EQ(audit.report().votes_too_late, down ? 1U : 0U);
    audit.feed(AuditRecord::retired(2, {kVersions - 100, 0}));
    EXPECT_EQ(audit.violation(), "");
    vote_of(2, 3);
    EXPECT_NE(audit.violation().find("voted after it retired it"), std::string::npos);
    audit.finish();
    EXPECT_EQ(audit.report().chosen_ever, kVersions);
  }
}

// Nobody waits for one that is down, yet its votes count until it went down, and what nobody chose is no less wrong.
TEST(Audit, JudgesWhatIsRetiredWhileAnAcceptorIsDown) {
  for (const bool voted : {false, true}) {
    Audit audit({.lag = 0});
    if (voted) audit.feed(vote(2, Ballot(1, 1), 1, 10, {0, 0}));
    audit.feed(AuditRecord::crashed(2));
    audit.feed(vote(0, Ballot(1, 1), 1, 11, {0, 0}));
    for (const AcceptorId up : {AcceptorId{0}, AcceptorId{1}}) audit.feed(AuditRecord::retired(up, {1, 0}));
    EXPECT_EQ(audit.violation().empty(), voted) << audit.violation();
  }
}

TEST(Audit, MeasuresOnlyWithinTheMeasuredTime) {
  const AuditOptions options{.round_trip = 10, .measure_from = 100, .measure_to = 200};
  std::vector<AuditRecord> order;
  const auto decide = [&](std::uint64_t ver, Nanos began, Nanos at) {
    for (const AcceptorId a : {AcceptorId{0}, AcceptorId{1}}) order.push_back(vote(a, Ballot(1, 1), 1, at, {ver, 0}));
    AuditRecord learned = result(1, 1, Ballot(1, 1), at + 1, {ver, 0});
    learned.began = began;
    order.push_back(learned);
  };
  decide(0, 50, 60);    // warm-up
  decide(1, 90, 110);   // begun in the warm-up: chosen in time, no latency
  decide(2, 120, 160);  // 40 to chosen, 25 beyond 1.5 R
  decide(3, 150, 165);  // 15, just 1.5 R
  decide(4, 190, 210);  // chosen too late
  const auto [violation, report] = judge(order, options);
  EXPECT_EQ(violation, "");
  EXPECT_EQ(report.chosen_ever, 5U);
  EXPECT_EQ(report.chosen, 3U);
  EXPECT_EQ(report.to_chosen.count(), 2U);
  EXPECT_EQ(report.to_chosen.max(), 40);
  EXPECT_EQ(report.livelock, 25);
  EXPECT_EQ(report.livelock_longest, 25);
  EXPECT_EQ(report.longest_silence, 50) << "from 110 to 160";
}

}  // namespace
}  // namespace paxoscope
