// The names of what is in an Event, as every exporter and printout writes them.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "core/trace/event.h"

namespace paxoscope {

constexpr std::string_view name_of(EventKind kind) {
  constexpr std::array<std::string_view, kEventKinds> kNames = {
      "proposed", "sent",    "used",    "ignored",    "backed_off", "decided",   "empty",  "abandoned",
      "answered", "refused", "dropped", "duplicated", "crashed",    "restarted", "retired"};
  return kNames[static_cast<std::size_t>(kind)];
}

constexpr std::string_view name_of(AgentKind kind) {
  return kind == AgentKind::proposer ? "proposer" : "acceptor";
}

constexpr std::string_view name_of(Phase phase) {
  return phase == Phase::prepare ? "prepare" : "accept";
}

// How a ballot, and who an agent is, reads in sentences: "(3,11)" or "none"; "P10", "A1".
std::string text_of(Ballot ballot);
std::string text_of(AgentKind kind, std::uint32_t agent);

// "proposer2", "acceptor0".
inline std::string agent_name(AgentKind kind, std::uint32_t agent) {
  return std::string(name_of(kind)) + std::to_string(agent);
}

// One line for people, without who and when: "decided 7 in (3,2), key 0 version 5".
std::string describe(const Event& event);

}  // namespace paxoscope
