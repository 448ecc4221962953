// Which events of a trace are missing: every agent numbers its events from 0 without gaps, so a jump is a loss, and a
// total above the last number is a lost tail.
#pragma once

#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include "core/error.h"
#include "core/trace/event.h"
#include "core/trace/recorder.h"

namespace paxoscope {

// The events with numbers first .. first + count - 1 of one agent are missing.
struct Gap {
  AgentKind agent_kind = AgentKind::proposer;
  std::uint32_t agent = 0;
  std::uint64_t first = 0;
  std::uint64_t count = 0;
  friend bool operator==(const Gap&, const Gap&) = default;
};

// Not thread-safe. Memory: a few words per agent and per gap.
class GapFinder {
 public:
  // The next event of its agent. Refused, and forgotten, when its number is not above the last one's or its time is
  // before it.
  Expected<void> add(const Event& event);

  // How many events the agent recorded in all; after its last event, once per agent. Refused when it recorded fewer
  // than were added, or has a total already.
  Expected<void> add(const AgentTotal& total);

  const std::vector<Gap>& gaps() const { return gaps_; }  // in the order in which they were found
  std::uint64_t missing() const { return missing_; }      // events in all gaps
  // Agents whose events were added and no total: their tails may be missing.
  std::uint64_t without_total() const;

 private:
  struct Agent {
    std::uint64_t next = 0;  // number
    Nanos at = 0;
    bool totalled = false;
  };
  Agent& agent_of(AgentKind kind, std::uint32_t agent) {
    return agents_[std::uint64_t{agent} << 1 | static_cast<std::uint64_t>(kind)];
  }
  void miss(AgentKind kind, std::uint32_t agent, std::uint64_t first, std::uint64_t end);

  std::unordered_map<std::uint64_t, Agent> agents_;
  std::vector<Gap> gaps_;
  std::uint64_t missing_ = 0;
};

}  // namespace paxoscope
