#include "core/trace/event_names.h"

#include <fmt/format.h>

namespace paxoscope {

std::string text_of(Ballot ballot) {
  return ballot.is_none() ? "none" : fmt::format("({},{})", ballot.n(), ballot.proposer());
}

std::string text_of(AgentKind kind, std::uint32_t agent) {
  return fmt::format("{}{}", kind == AgentKind::proposer ? 'P' : 'A', agent);
}

namespace {

std::string vote_of(const Event& event) {
  if (event.v_bal.is_none()) return "no vote";
  return fmt::format("vote {} in {}", event.vote, text_of(event.v_bal));
}

std::string reply_of(const Event& event) {
  if (event.round == 0) return fmt::format("the announcement of {} in {}", event.value, text_of(event.ballot));
  return fmt::format("{}'s {} to {} {}: promised {}, {}", agent_name(AgentKind::acceptor, event.peer),
                     event.granted ? "grant" : "refusal", name_of(event.phase), text_of(event.ballot),
                     text_of(event.last_bal), vote_of(event));
}

std::string request_of(const Event& event) {
  std::string text = fmt::format("{} {}", name_of(event.phase), text_of(event.ballot));
  if (event.phase == Phase::accept) text += fmt::format(" = {}", event.value);
  return text;
}

std::string details_of(const Event& event) {
  switch (event.kind) {
    case EventKind::proposed: return event.read ? "a read" : std::to_string(event.value);
    case EventKind::sent: return request_of(event);
    case EventKind::used:
    case EventKind::ignored: return reply_of(event);
    case EventKind::backed_off:
      return fmt::format("for {} ns, {} {}", event.value, event.last_bal.is_none() ? "timed out in" : "beaten by",
                         text_of(event.last_bal.is_none() ? event.ballot : event.last_bal));
    case EventKind::decided: return fmt::format("{} in {}", event.value, text_of(event.ballot));
    case EventKind::empty:
    case EventKind::abandoned: return "in " + text_of(event.ballot);
    case EventKind::answered:
      return fmt::format("{} of {}: {}, now promised {}, {}", request_of(event),
                         agent_name(AgentKind::proposer, event.peer), event.granted ? "granted" : "refused",
                         text_of(event.last_bal), vote_of(event));
    case EventKind::refused:
      return fmt::format("{} of {}", request_of(event), agent_name(AgentKind::proposer, event.peer));
    case EventKind::dropped:
    case EventKind::duplicated: return request_of(event);
    case EventKind::crashed:
    case EventKind::restarted:
    case EventKind::retired: break;
  }
  return "";
}

}  // namespace

std::string describe(const Event& event) {
  if (event.kind == EventKind::retired) {
    return fmt::format("retired key {} below version {}", event.instance.key, event.instance.ver);
  }
  if (!is_of_an_instance(event.kind)) return std::string(name_of(event.kind));
  return fmt::format("{} {}, key {} version {}", name_of(event.kind), details_of(event), event.instance.key,
                     event.instance.ver);
}

}  // namespace paxoscope
