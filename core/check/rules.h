// The rules of a trace, R1 to R10, as one streaming checker over events.
//
// Events may come in any order that keeps each agent's own: nothing here compares clocks, and what one agent's event
// says of another's is settled when both have come, at the latest when the instance is closed.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/paxos/proposer.h"
#include "core/trace/event.h"

namespace paxoscope {

// What each rule demands, by its number; the place 0 is no rule of a trace.
inline constexpr std::array<std::string_view, 11> kRules = {
    "",
    "an acceptor's promise (last_bal) never falls and its vote (v_bal) is never above it, also across restarts",
    "an acceptor's replies and new states are exactly what its state and the requests make them",
    "a ballot has one value, and only its owner sends in it",
    "an Accept follows a quorum of promises for its ballot, and carries the value of the highest vote reported",
    "a decided value has the votes of a quorum in one ballot",
    "at most one value is ever chosen on an instance, and every result equals it",
    "a decided value was proposed by a client of that instance",
    "a proposer's ballots rise with each attempt, also across restarts, and (0,0) is never used",
    "a reply is used once, and only if it matches instance, ballot, phase, acceptor and request",
    "sequences are complete, no message arrives more often than it was sent, and who is down is silent",
};

struct RuleOptions {
  Quorums quorums = Quorums::majority(3);
  Learning learning = Learning::own_round;
  // Instances of one key that are kept at once. The oldest is judged and forgotten when there are more; an event of it
  // that comes later makes the verdict incomplete. As many as acceptors keep, so a full engine trace fits.
  std::uint32_t versions_kept = 1 << 17;
  // Over all keys, the instances that every acceptor has retired and that are kept all the same, for what proposers
  // may still learn of them. The others are judged and forgotten.
  std::uint32_t retired_kept = 1 << 17;
  // Of all that are kept, over all keys, how many lie ready though nobody is at work on them; the others are packed.
  // Changes no verdict.
  std::uint32_t unpacked_max = 4096;
  std::uint32_t violations_max = 16;  // kept in the report; all are counted
};

struct Violation {
  int rule = 0;  // 1 .. 10
  InstanceId instance = {};
  std::vector<std::uint64_t> events;  // positions in the order fed, from 0, of the events that show it
  std::string sentence;
};

// How often the interesting things happened.
struct RuleCounters {
  std::uint64_t events = 0;
  std::uint64_t instances = 0;
  std::uint64_t chosen = 0;  // instances
  std::uint64_t results = 0;
  std::uint64_t adopted = 0;           // Accepts that carried a reported vote
  std::uint64_t rejected_accepts = 0;  // by acceptors
  std::uint64_t retries = 0;           // rounds after the first of an operation
  std::uint64_t ties_broken = 0;       // refusals between ballots of equal n
  std::uint64_t crashes = 0;
  std::uint64_t duplicates = 0;  // messages that came again
  std::uint64_t dropped = 0;
};

struct RuleReport {
  enum class Verdict : std::uint8_t { ok, violation, incomplete };
  Verdict verdict = Verdict::ok;
  std::uint64_t violation_count = 0;
  std::array<std::uint64_t, 11> by_rule{};  // violations of each rule; of R10 also gaps, which alone are none
  std::vector<Violation> violations;        // the first ones
  std::vector<std::string> missing;         // why it is incomplete, the first reasons
  RuleCounters counters;
};

// One sentence per line; ends with a newline.
std::string to_string(const RuleReport& report);

// Memory is linear in the keys, and in the instances that are open, which are those that not every acceptor has
// retired: two kilobytes of one that somebody is at work on or was lately, half a kilobyte of any other, retired_kept
// included (measured on traces of two contending proposers). Not thread-safe.
class RuleChecker {
 public:
  explicit RuleChecker(const RuleOptions& options);
  ~RuleChecker();

  void feed(const Event& event);
  // How many events an agent recorded in all, for traces that say so: a lost end is then seen.
  void expect(AgentKind kind, std::uint32_t agent, std::uint64_t events);
  // The trace ends before the run did: any agent may have recorded more.
  void cut_short();
  // Closes everything. Feed nothing afterwards, unless it is reset.
  RuleReport finish();
  std::uint64_t kept() const;  // instances that it remembers now
  // As if new, for another trace; keeps the memory, so that many short traces cost no more than their events.
  void reset();

 private:
  class State;
  std::unique_ptr<State> state_;
};

// All events of a complete trace, with the length of each agent's part taken from it.
RuleReport check_rules(const std::vector<Event>& events, const RuleOptions& options);

}  // namespace paxoscope
