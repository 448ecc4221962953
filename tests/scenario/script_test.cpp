// The script language: what it refuses, and that a play that does not go as expected fails where it goes wrong.
#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/random.h"
#include "core/scenario/play.h"
#include "core/scenario/stage.h"

namespace paxoscope {
namespace {

std::string error_of(const std::string& script) {
  const auto story = play(script);
  EXPECT_FALSE(story) << script;
  return story ? "" : story.error().message;
}

const std::string kBegun = "propose P1 n=1 key=k version=0 value=7\n";

TEST(Script, NamesTheLineAndWhatIsAllowed) {
  for (const auto& [script, words] : {
           std::pair<std::string, std::string>("\n# x\nfly P1\n", "line 3: \"fly\" is no step"),
           {"acceptors 0\n", "line 1: allowed: 1 to 128"},
           {"acceptors 129\n", "1 to 128"},
           {"acceptors three\n", "1 to 128"},
           {"acceptors\n", "write it as: acceptors 3"},
           {kBegun + "acceptors 5\n", "line 2: the play has begun"},
           {"quorums 1 2\n", "together more than 3"},
           {"learning hearsay\n", "own_round, visible"},
           {"give_up never\n", "first_nack"},
           {"propose P1 n=1 key=k version=0 at A1\n", "needed: n=, key=, version=, value="},
           {"read P1 n=1 key=k version=0 value=3\n", "makes no sense"},
           {"propose A1 n=1 key=k version=0 value=7\n", "no proposer's name"},
           {"propose P1 n=-1 key=k version=0 value=7\n", "makes no sense"},
           {"propose P0 n=0 key=k version=0 value=7\n", "(0,0) is no ballot"},
           {"propose P1 n=1099511627777 key=k version=0 value=7\n", "is no ballot"},
           {"propose P1 n=1 key=k version=0 value=7 at A3\n", "there is no A3"},
           {"propose P1 n=1 key=k version=0 value=7 at A1 A1\n", "A1 is named twice"},
           {kBegun + kBegun, "line 2: P1 is busy"},
           {kBegun + "deliver A0 -> P1\n", "line 2: nothing is in flight from A0 to P1"},
           {kBegun + "deliver P1 A0\n", "write it as: deliver P10 -> A0"},
           {kBegun + "deliver A0 -> A1\n", "write it as: P10 -> A0"},
           {kBegun + "retry P1\n", "has lost no round"},
           {"timeout P1\n", "no round open"},
           {"exchange P1\n", "has not begun"},
           {kBegun + "exchange P1 A0\nexchange P1 A0\n", "line 3: P1's request is not in flight to A0"},
           {"restart A0\n", "A0 is not down"},
           {"crash A9\n", "A9 is not up"},
           {"crash A0\ncrash A0\n", "line 2: A0 is not up"},
           {"partition P1 A0 | A0\n", "both sides"},
           {"expect P1 decided 7\n", "has not begun"},
           {kBegun + "expect P1 decided 7\n", "line 2: P1 should be decided 7, but is preparing (1,1)"},
           {kBegun + "expect A0 promised (1,1)\n", "A0 should have promised (1,1), but has promised none"},
       }) {
    EXPECT_NE(error_of(script).find(words), std::string::npos) << error_of(script) << "\n" << script;
  }
}

TEST(Script, AnythingAtAllIsEitherAStoryOrOneLine) {
  const std::vector<std::string> words{"propose",   "read",    "P1",        "P2",        "A0",    "A1",      "A2",
                                       "->",        "deliver", "exchange",  "drop",      "n=1",   "n=2",     "key=k",
                                       "version=0", "value=7", "at",        "duplicate", "retry", "timeout", "crash",
                                       "restart",   "expect",  "partition", "|",         "heal",  "\n",      "\n",
                                       "\n",        "#",       "="};
  int stories = 0;
  for (std::uint64_t seed = 0; seed < 3'000; ++seed) {
    Random random(seed);
    std::string script = random.below(2) == 0 ? kBegun : "";
    for (std::uint64_t i = random.below(40); i > 0; --i) script += words[random.below(words.size())] + " ";
    const auto story = play(script);
    stories += static_cast<int>(story.has_value());
    if (story) continue;
    ASSERT_EQ(story.error().message.find('\n'), std::string::npos) << script;
  }
  EXPECT_GT(stories, 0);
}

// Any schedule at all is safe: random steps with crashes, losses and doubles never make two values.
TEST(Stage, KeepsAgreementUnderRandomPlays) {
  constexpr InstanceId kOnly{};
  std::map<EventKind, int> seen;
  int adopted = 0, rejected = 0;
  for (std::uint64_t seed = 0; seed < 1'500; ++seed) {
    Random random(seed);
    Stage stage({Quorums::majority(3), static_cast<GiveUp>(random.below(3)), static_cast<Learning>(random.below(2))});
    for (ProposerId p = 1; p <= 3; ++p) {
      ASSERT_TRUE(stage.propose(p, kOnly, p == 3 ? std::nullopt : std::optional<Value>(100 * p), 1));
    }
    for (int step = 0; step < 150; ++step) {
      const auto p = static_cast<ProposerId>(1 + random.below(3));
      const Role proposer{AgentKind::proposer, p};
      const Role acceptor{AgentKind::acceptor, static_cast<std::uint32_t>(random.below(3))};
      const bool there = random.below(2) == 0;
      const Role from = there ? proposer : acceptor, to = there ? acceptor : proposer;
      // Steps that cannot be taken now fail and do nothing.
      switch (random.below(20)) {
        case 0: (void)stage.drop(from, to); break;
        case 1: (void)stage.duplicate(from, to); break;
        case 2: (void)stage.timeout(p); break;
        case 3: (void)stage.crash(acceptor); break;
        case 4:
        case 5: (void)stage.restart(acceptor); break;
        case 6:
        case 7: (void)stage.retry(p); break;
        case 8:
        case 9:
        case 10: (void)stage.exchange(p, {static_cast<AcceptorId>(acceptor.id)}); break;
        default: (void)stage.deliver(from, to); break;
      }
    }
    ASSERT_EQ(stage.verdict(), "") << "seed " << seed;
    for (const Event& event : stage.events()) {
      ++seen[event.kind];
      rejected += static_cast<int>(event.kind == EventKind::answered && !event.granted);
    }
    for (ProposerId p = 1; p <= 3; ++p) adopted += static_cast<int>(stage.proposer(p)->adopted());
  }
  // Not only nothing bad: the interesting things did happen.
  EXPECT_GT(adopted, 100);
  EXPECT_GT(rejected, 100);
  for (const EventKind kind : {EventKind::decided, EventKind::empty, EventKind::backed_off, EventKind::ignored,
                               EventKind::dropped, EventKind::duplicated, EventKind::crashed, EventKind::restarted}) {
    EXPECT_GT(seen[kind], 100) << static_cast<int>(kind);
  }
}

TEST(Narrator, SaysTheSameRuleWithAndWithoutTheStoryBefore) {
  const auto story = play(kBegun + "exchange P1 A0 A1\nexchange P1 A0 A1\n");
  ASSERT_TRUE(story);
  for (std::size_t i = 0; i < story->events.size(); ++i) {
    const Event& event = story->events[i];
    const std::string alone = narrate(event);
    EXPECT_FALSE(alone.empty());
    EXPECT_EQ(alone.find('\n'), std::string::npos);
    if (event.kind == EventKind::sent && event.phase == Phase::accept) {
      EXPECT_EQ(alone, "P1 asks for votes for 7 in (1,1)");
      EXPECT_EQ(narrate(event, std::span(story->events).first(i)),
                "P1 is free to propose its own 7, for no vote was reported: it asks for votes in (1,1)");
    }
  }
}

TEST(Narrator, DoesNotRepeatTheWordOfABrokenAcceptor) {
  Event promised;
  promised.kind = EventKind::answered;
  promised.agent_kind = AgentKind::acceptor;
  promised.granted = true;
  promised.ballot = promised.last_bal = Ballot(1, 2);
  Event voted = promised;
  voted.phase = Phase::accept;
  voted.ballot = voted.last_bal = voted.v_bal = Ballot(1, 1);
  voted.value = voted.vote = 7;
  const auto after = [](const Event& event, const Event& before) { return narrate(event, std::span(&before, 1)); };
  EXPECT_EQ(narrate(voted), "A0 votes for 7 in (1,1): it has promised nothing higher");
  EXPECT_EQ(after(voted, promised), "A0 votes for 7 in (1,1), though it had promised (1,2)");
  EXPECT_EQ(after(promised, voted), "A0 promises (1,2), and does not report its vote in (1,1)");
}

TEST(Narrator, HasASentenceForEveryKindOfEvent) {
  for (unsigned kind = 0; kind < kEventKinds; ++kind) {
    for (const bool granted : {false, true}) {
      const Event event{.ballot = Ballot(2, 10), .agent = 1, .kind = static_cast<EventKind>(kind), .granted = granted};
      EXPECT_GT(narrate(event).size(), 8U) << kind;
    }
  }
  EXPECT_EQ(narrate({.ballot = Ballot(2, 10),
                     .last_bal = Ballot(3, 11),
                     .agent = 1,
                     .kind = EventKind::answered,
                     .agent_kind = AgentKind::acceptor}),
            "A1 rejects (2,10): it has promised (3,11)");
}

}  // namespace
}  // namespace paxoscope
