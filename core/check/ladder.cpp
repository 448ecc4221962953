#include "core/check/ladder.h"

#include <fmt/format.h>

#include <set>
#include <utility>

namespace paxoscope {

namespace {

constexpr std::size_t kWidth = 30;

std::string request_text(const Event& event) {
  return event.phase == Phase::prepare ? fmt::format("Prepare {}", text_of(event.ballot))
                                       : fmt::format("Accept {} {}", text_of(event.ballot), event.value);
}

std::string vote_text(const Event& event) {
  return event.v_bal.is_none() ? "no vote" : fmt::format("{} in {}", event.vote, text_of(event.v_bal));
}

// What the agent does, without its name.
std::string action_text(const Event& event) {
  switch (event.kind) {
    case EventKind::proposed: return event.read ? "reads" : fmt::format("proposes {}", event.value);
    case EventKind::sent: return "sends " + request_text(event);
    case EventKind::used:
      return fmt::format("{} A{} {}: {}", event.phase == Phase::prepare ? "promise" : "vote", event.peer,
                         event.granted ? "yes" : "no, " + text_of(event.last_bal), vote_text(event));
    case EventKind::ignored: return fmt::format("ignores A{} {}", event.peer, text_of(event.ballot));
    case EventKind::backed_off: return event.last_bal.is_none() ? "times out" : "beaten by " + text_of(event.last_bal);
    case EventKind::decided: return fmt::format("DECIDED {}", event.value);
    case EventKind::empty: return "finds nothing";
    case EventKind::abandoned: return "gives up";
    case EventKind::answered:
      return fmt::format("{} {}", request_text(event), event.granted ? "yes" : "no: " + text_of(event.last_bal));
    case EventKind::refused: return "refuses " + request_text(event);
    case EventKind::dropped: return "lost: " + request_text(event);
    case EventKind::duplicated: return "again: " + request_text(event);
    case EventKind::crashed: return "CRASH";
    case EventKind::restarted: return "restart";
    case EventKind::retired: return fmt::format("retires key {} below {}", event.instance.key, event.instance.ver);
  }
  return "?";
}

}  // namespace

std::string in_words(const Event& event) {
  const std::string who = text_of(event.agent_kind, event.agent);
  switch (event.kind) {
    case EventKind::answered:
      return fmt::format("{} {} {}: it has {}", who, event.granted ? "grants" : "refuses", request_text(event),
                         in_words(AcceptorState{event.last_bal, event.v_bal, event.vote}));
    case EventKind::used:
      return event.granted ? fmt::format("{} counts A{}'s {}", who, event.peer,
                                         event.phase == Phase::prepare ? "promise" : "vote")
                           : fmt::format("{} counts A{}'s refusal", who, event.peer);
    case EventKind::decided: return fmt::format("{} returns {} as decided", who, event.value);
    default: return who + " " + action_text(event);
  }
}

std::string in_words(const AcceptorState& state) {
  return fmt::format(
      "promised {}, and {}", state.last_bal.is_none() ? "nothing" : text_of(state.last_bal),
      state.v_bal.is_none() ? "not voted" : fmt::format("voted for {} in {}", state.value, text_of(state.v_bal)));
}

std::string ladder(const std::vector<Event>& events) {
  std::set<std::pair<AgentKind, std::uint32_t>> agents;
  for (const Event& event : events) agents.emplace(event.agent_kind, event.agent);
  std::string text = "    ";
  for (const auto& [kind, agent] : agents) text += fmt::format("{:<{}}", text_of(kind, agent), kWidth);
  for (std::size_t i = 0; i < events.size(); ++i) {
    text.erase(text.find_last_not_of(' ') + 1);
    text += fmt::format("\n{:>3} ", i);
    for (const auto& [kind, agent] : agents) {
      const bool acts = events[i].agent_kind == kind && events[i].agent == agent;
      text += fmt::format("{:<{}.{}}", acts ? action_text(events[i]) : "|", kWidth, kWidth - 1);
    }
  }
  text.erase(text.find_last_not_of(' ') + 1);
  return text + "\n";
}

}  // namespace paxoscope
