// One corruption anywhere in a clean trace is flagged, or it is harmless. It is harmless only in one of the ways listed
// in `harmless`: it changed nothing that a rule is about, or what it says instead could have happened just as well.
#include <gtest/gtest.h>

#include <map>

#include "core/check/ladder.h"
#include "core/check/random_cluster.h"
#include "core/check/rules.h"
#include "tests/support/effort.h"

namespace paxoscope {
namespace {

std::vector<Event> clean_trace(std::uint64_t seed) {
  std::vector<Event> events;
  auto keep = [&events](const Event& event) { events.push_back(event); };
  const auto strategy = parse_strategy("full_jitter").value();
  RandomCluster cluster(RandomClusterOptions{.drops = 20, .duplicates = 20, .operations_max = 4, .seed = seed},
                        *strategy, keep);
  while (cluster.step()) {
  }
  return events;
}

using Totals = std::map<std::pair<AgentKind, std::uint32_t>, std::uint64_t>;

Totals totals_of(const std::vector<Event>& events) {
  Totals totals;
  for (const Event& event : events) ++totals[{event.agent_kind, event.agent}];
  return totals;
}

RuleReport judge(const std::vector<Event>& events, const Totals& totals, const RuleOptions& options = {}) {
  RuleChecker checker(options);
  for (const Event& event : events) checker.feed(event);
  for (const auto& [agent, count] : totals) checker.expect(agent.first, agent.second, count);
  return checker.finish();
}

enum class Field : std::uint8_t {
  at,
  key,
  version,
  ballot_n,
  ballot_proposer,
  value,
  last_bal,
  v_bal,
  vote,
  agent,
  peer,
  sequence,
  round,
  kind,
  agent_kind,
  phase,
  read,
  granted,
  count
};

Ballot other_ballot(Ballot ballot, Random& random) {
  return {ballot.n() + random.below(3), static_cast<ProposerId>(random.below(5))};
}

bool same(const Event& x, const Event& y) {
  const auto fields = [](const Event& e) {
    return std::tuple(e.instance, e.ballot, e.value, e.last_bal, e.v_bal, e.vote, e.agent, e.peer, e.sequence, e.round,
                      e.kind, e.agent_kind, e.phase, e.read, e.granted);
  };
  return fields(x) == fields(y);
}

// Changes the field to something else that could be there; false when the draw changed nothing.
bool change(Event& event, Field field, const std::vector<Event>& events, Random& random) {
  const Event before = event;
  const Event& other = events[random.below(events.size())];
  switch (field) {
    case Field::at: event.at += 1 + static_cast<Nanos>(random.below(1000)); break;
    case Field::key: event.instance.key = static_cast<std::uint32_t>(random.below(4)); break;
    case Field::version: event.instance.ver = random.below(8); break;
    case Field::ballot_n: event.ballot = Ballot(random.below(6), event.ballot.proposer()); break;
    case Field::ballot_proposer:
      event.ballot = Ballot(event.ballot.n(), static_cast<ProposerId>(random.below(5)));
      break;
    case Field::value: event.value = other.value; break;
    case Field::last_bal: event.last_bal = other_ballot(other.last_bal, random); break;
    case Field::v_bal: event.v_bal = other_ballot(other.v_bal, random); break;
    case Field::vote: event.vote = other.vote; break;
    case Field::agent: event.agent = static_cast<std::uint32_t>(random.below(5)); break;
    case Field::peer: event.peer = static_cast<std::uint32_t>(random.below(5)); break;
    case Field::sequence: event.sequence = static_cast<std::uint32_t>(random.below(100)); break;
    case Field::round: event.round = static_cast<std::uint32_t>(random.below(6)); break;
    case Field::kind: event.kind = static_cast<EventKind>(random.below(kEventKinds)); break;
    case Field::agent_kind: event.agent_kind = static_cast<AgentKind>(random.below(2)); break;
    case Field::phase: event.phase = random.below(2) == 0 ? Phase::prepare : Phase::accept; break;
    case Field::read: event.read = !event.read; break;
    case Field::granted: event.granted = !event.granted; break;
    case Field::count: break;
  }
  return !same(before, event) || before.at != event.at;
}

bool is_reply(EventKind kind) {
  return kind == EventKind::used || kind == EventKind::ignored;
}
bool is_lost(EventKind kind) {
  return kind >= EventKind::dropped && kind <= EventKind::restarted;
}
bool is_end(EventKind kind) {
  return kind >= EventKind::backed_off && kind <= EventKind::abandoned;
}

// The event without the fields that mean nothing for its kind (see core/trace/event.h); times are clients' business.
Event meaning(Event event) {
  event.at = 0;
  const bool reply = event.kind == EventKind::used || event.kind == EventKind::ignored;
  const bool step = reply || event.kind == EventKind::answered;
  if (!step) {
    event.v_bal = Ballot();
    event.vote = 0;
    event.granted = false;
  }
  if (!step && event.kind != EventKind::backed_off) event.last_bal = Ballot();
  if (event.kind != EventKind::proposed) event.read = false;
  const bool network = is_lost(event.kind);
  if (event.kind == EventKind::backed_off || event.kind == EventKind::empty || event.kind == EventKind::abandoned ||
      network) {
    event.value = 0;
  }
  if (event.agent_kind == AgentKind::proposer && !reply) event.peer = 0;
  if (network) {
    event.instance = {};
    event.ballot = Ballot();
    event.peer = event.round = 0;
    event.phase = Phase::prepare;
  }
  // Before the first request there is no phase or round to be wrong about, and a read's value is nobody's.
  if (event.kind == EventKind::proposed) {
    event.phase = Phase::prepare;
    event.round = 0;
    if (event.read) event.value = 0;
  }
  return event;
}

// Why a corruption that no rule flags does no harm; empty when there is no such reason. Apart from the first, each is a
// change of the event's kind into something that could have happened instead. That nothing later rests on what is gone
// is not assumed: what rests on a promise, a vote or a state without it breaks R4, R5, R2 or R9.
std::string harmless(const Event& was, const Event& is, const std::vector<Event>& trace) {
  const Event before = meaning(was), after = meaning(is);
  if (same(before, after)) return "a field without meaning";
  if (is.agent != was.agent || is.agent_kind != was.agent_kind || is.sequence != was.sequence) return {};
  Event other_kind = is;
  other_kind.kind = was.kind;
  const bool kind_only = was.kind != is.kind && same(was, other_kind);
  if (kind_only && is_reply(was.kind) && is_reply(is.kind)) return "a reply used or ignored on which nothing rests";
  if (kind_only && is_reply(was.kind) && is_lost(is.kind)) return "a reply lost on which nothing rests";
  if (kind_only && was.kind == EventKind::answered && is_lost(is.kind)) return "a request lost on which nothing rests";
  if (kind_only && is_end(was.kind) && (is_end(is.kind) || is_lost(is.kind))) return "an end not claimed, or another";
  if (kind_only && (is_lost(was.kind) || was.kind == EventKind::ignored)) {
    if (is_lost(is.kind)) return "another fault that has no effect by itself";
    if (is.kind == EventKind::proposed) return "a client that begins and never sends";
    if (is.kind == EventKind::refused) return "a request refused instead of lost";
    if (is_end(is.kind) && is.kind != EventKind::decided) return "a round given up at another time";
  }
  if (kind_only && is_reply(was.kind) && is.kind == EventKind::backed_off) return "a round given up at another time";
  if (kind_only && was.kind == EventKind::answered && is.kind == EventKind::refused) {
    return "a request refused on which nothing rests";
  }
  Event other_peer = after;
  other_peer.peer = before.peer;
  if (is_reply(was.kind) && is.peer < 3 && same(before, other_peer)) return "an equal reply of another acceptor";
  Event other_content = after;
  other_content.last_bal = before.last_bal;
  other_content.v_bal = before.v_bal;
  other_content.value = before.value;
  other_content.vote = before.vote;
  const auto answers = std::count_if(trace.begin(), trace.end(), [&was](const Event& event) {
    return event.kind == EventKind::answered && event.agent == was.peer && event.instance == was.instance &&
           event.ballot == was.ballot && event.phase == was.phase;
  });
  if (is_reply(was.kind) && answers > 1 && same(before, other_content)) return "its answer to a copy of the request";
  Event other_beaten = after;
  other_beaten.last_bal = before.last_bal;
  if (was.kind == EventKind::backed_off && same(before, other_beaten)) return "beaten by another ballot it had seen";
  Event other_instance = after;
  other_instance.instance = before.instance;
  if (was.kind == EventKind::backed_off && same(before, other_instance)) return "another of its open rounds given up";
  Event other_value = after;
  other_value.value = before.value;
  other_value.read = before.read;
  const bool carried = std::any_of(trace.begin(), trace.end(), [&was](const Event& event) {
    return event.kind == EventKind::sent && event.phase == Phase::accept && event.agent == was.agent &&
           event.instance == was.instance && event.value == was.value;
  });
  if (was.kind == EventKind::proposed && same(before, other_value) && !carried)
    return "an own value that it never sent";
  return {};
}

TEST(Corruption, OfAnyEventIsFlaggedOrHarmless) {
  std::map<std::string, std::uint64_t> outcomes;
  std::uint64_t corruptions = 0;
  constexpr std::uint64_t kCorruptions = effort(100'000);
  constexpr std::uint64_t kPerTrace = 2'000;
  for (std::uint64_t seed = 1; corruptions < kCorruptions; ++seed) {
    const std::vector<Event> clean = clean_trace(seed);
    const Totals totals = totals_of(clean);
    ASSERT_EQ(judge(clean, totals).verdict, RuleReport::Verdict::ok);
    Random random(seed);
    for (std::uint64_t trial = 0; trial < kPerTrace; ++trial) {
      std::vector<Event> events = clean;
      const std::size_t at = random.below(events.size());
      const std::uint64_t what = random.below(static_cast<std::uint64_t>(Field::count) + 2);
      std::string reason;
      if (what == 0) {
        events.erase(events.begin() + static_cast<std::ptrdiff_t>(at));
      } else if (what == 1) {
        const std::size_t with = random.below(events.size());
        std::swap(events[at], events[with]);
        // Only an exchange that leaves each agent's own order is harmless, and that is what the checker promises.
        bool moved = false;
        for (const auto& [agent, count] : totals) {
          std::uint32_t next = 0;
          for (const Event& event : events) {
            if (event.agent_kind == agent.first && event.agent == agent.second) moved |= event.sequence != next++;
          }
        }
        if (!moved) reason = "another order across agents";
      } else {
        const auto field = static_cast<Field>(what - 2);
        if (!change(events[at], field, clean, random)) continue;
        reason = harmless(clean[at], events[at], clean);
      }
      ++corruptions;
      const RuleReport report = judge(events, totals);
      if (trial % 8 == 0) {
        const RuleReport packed = judge(events, totals, {.unpacked_max = 1});
        ASSERT_EQ(to_string(packed), to_string(report)) << "instances that were packed between their events";
      }
      const bool flagged = report.verdict != RuleReport::Verdict::ok;
      ++outcomes[flagged ? (report.verdict == RuleReport::Verdict::violation ? "violation" : "incomplete") : reason];
      ASSERT_TRUE(flagged || !reason.empty())
          << "seed " << seed << ", event " << at << ", change " << what << "\nwas " << in_words(clean[at]) << " round "
          << clean[at].round << " instance " << clean[at].instance.key << "." << clean[at].instance.ver << "\nis  "
          << in_words(events[at]) << " round " << events[at].round << " instance " << events[at].instance.key << "."
          << events[at].instance.ver;
    }
  }
  for (const auto& [outcome, count] : outcomes) std::printf("%8lu %s\n", count, outcome.c_str());
  EXPECT_GT(outcomes["violation"], corruptions / 4);
  EXPECT_GT(outcomes["incomplete"], corruptions / 100);
}

}  // namespace
}  // namespace paxoscope
