#include "viz/model/inspector.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "viz/model/text.h"

namespace paxoscope::viz {

namespace {

std::string_view name_of_state(ProposerMoment::State state) {
  constexpr std::array<std::string_view, 8> kNames = {"idle",
                                                      "waiting to start",
                                                      "preparing: collects promises",
                                                      "accepting: collects votes",
                                                      "backing off",
                                                      "decided",
                                                      "read nothing",
                                                      "gave up"};
  return kNames.at(static_cast<std::size_t>(state));
}

std::string_view reason(Why why) {
  switch (why) {
    case Why::none: return "";
    case Why::timeout: return "nobody refused, but too few answered in time";
    case Why::refusal: return "a higher ballot had been promised";
    case Why::own_choice: return "its strategy has it wait first";
  }
  return "";
}

std::string ids_with(const ProposerMoment& proposer, std::span<const std::uint32_t> acceptors, Lamp lamp) {
  std::string text;
  for (std::size_t i = 0; i < proposer.lamps.size(); ++i) {
    if (proposer.lamps[i] == lamp) text += fmt::format("{}A{}", text.empty() ? "" : ", ", acceptors[i]);
  }
  return text;
}

Inspection inspect(const Decree& decree, const ProposerMoment& p) {
  Inspection found{fmt::format("P{}, a proposer", p.id), p.says, {}};
  auto& facts = found.facts;
  facts.push_back({"state", std::string(p.up ? name_of_state(p.state) : "crashed")});
  if (p.own) facts.push_back({"own value", text_of(decree.instance(), *p.own)});
  if (p.read) facts.push_back({"own value", "none: it reads"});
  if (!p.ballot.is_none()) facts.push_back({"ballot", fmt::format("{}, attempt {}", text_of(p.ballot), p.attempt)});
  if (p.candidate) {
    const std::string why =
        p.adopted ? fmt::format("a vote that it must carry on, cast in {}", text_of(p.adopted_from)) : "its own";
    facts.push_back({"asks votes for", fmt::format("{}, {}", text_of(decree.instance(), *p.candidate), why)});
  }
  if (p.needed > 0)
    facts.push_back({"quorum", fmt::format("{} of {} granted, {} refused", p.granted, p.needed, p.refused)});
  const std::array<std::pair<Lamp, const char*>, 6> lamps = {{{Lamp::granted, "granted"},
                                                              {Lamp::refused, "refused"},
                                                              {Lamp::request_flying, "asked"},
                                                              {Lamp::request_lost, "request lost"},
                                                              {Lamp::granted_silent, "granted, not heard"},
                                                              {Lamp::refused_silent, "refused, not heard"}}};
  for (const auto& [lamp, name] : lamps) {
    if (const std::string ids = ids_with(p, decree.acceptors(), lamp); !ids.empty()) facts.push_back({name, ids});
  }
  const bool waits =
      p.state == ProposerMoment::State::backing_off || p.state == ProposerMoment::State::waiting_to_start;
  if (waits && p.why != Why::none) facts.push_back({"why", std::string(reason(p.why))});
  if (waits && !p.beaten_by.is_none()) facts.push_back({"beaten by", text_of(p.beaten_by)});
  if (waits && p.wait > 0) {
    facts.push_back({"wait", fmt::format("{} left of {}", time_text(p.wait_left, 3), time_text(p.wait, 3))});
  }
  if (p.learned) {
    facts.push_back(
        {"learned", fmt::format("{} at {}", text_of(decree.instance(), *p.learned), time_text(p.learned_at))});
  }
  return found;
}

Inspection inspect(const Decree& decree, const Moment& moment, const AcceptorMoment& a) {
  Inspection found{fmt::format("A{}, an acceptor", a.id), "", {}};
  for (std::uint32_t i = decree.events_before(moment.at); i-- > 0;) {
    const Event& event = decree.events()[i];
    if (event.agent_kind != AgentKind::acceptor || event.agent != a.id) continue;
    found.sentence = sentence_of(decree, i);
    break;
  }
  found.facts.push_back({"state", a.up ? "up" : "crashed: what it promised and voted is kept"});
  found.facts.push_back({"last_bal", a.last_bal.is_none() ? "none: it has promised nothing" : text_of(a.last_bal)});
  found.facts.push_back({"v_bal", a.v_bal.is_none() ? "none: it has not voted" : text_of(a.v_bal)});
  if (!a.v_bal.is_none()) found.facts.push_back({"vote", text_of(decree.instance(), a.vote)});
  found.facts.push_back({"so far", fmt::format("{} promises, {} votes", a.promises.size(), a.votes.size())});
  return found;
}

std::string place(const Decree& decree, std::uint32_t message) {
  return message == Decree::kNone ? "nothing: its sender decided by itself" : name_of(decree.messages()[message]);
}

}  // namespace

std::string_view kind_text(MessageKind kind) {
  constexpr std::array<std::string_view, 6> kNames = {"Prepare",  "Promise",  "Accept",
                                                      "Accepted", "Rejected", "Announcement"};
  return kNames.at(static_cast<std::size_t>(kind));
}

std::string name_of(const Message& message) {
  return fmt::format("{} {} from {} to {}", kind_text(message.kind), text_of(message.ballot),
                     text_of(message.from_kind(), message.from), text_of(message.to_kind(), message.to));
}

std::string sentence_of(const Decree& decree, std::uint32_t event) {
  constexpr std::uint32_t kReasons = 256;  // events back
  const std::uint32_t first = event - std::min(event, kReasons);
  return narrate(decree.events()[event], decree.events().subspan(first, event - first), decree.take().cast);
}

Inspection inspect_agent(const Decree& decree, const Moment& moment, AgentKind kind, std::uint32_t id) {
  if (kind == AgentKind::proposer) {
    for (const ProposerMoment& p : moment.proposers) {
      if (p.id == id) return inspect(decree, p);
    }
  } else {
    for (const AcceptorMoment& a : moment.acceptors) {
      if (a.id == id) return inspect(decree, moment, a);
    }
  }
  return {text_of(kind, id), "", {}};
}

Inspection inspect_message(const Decree& decree, std::uint32_t index) {
  const Message& m = decree.messages()[index];
  Inspection found{name_of(m), "", {}};
  if (m.received_by != Decree::kNone) found.sentence = sentence_of(decree, m.received_by);
  auto& facts = found.facts;
  facts.push_back({"sent", time_text(m.sent, 6)});
  switch (m.fate) {
    case Fate::delivered:
      facts.push_back(
          {"arrived", fmt::format("{}, after {}", time_text(m.arrives, 6), time_text(m.arrives - m.sent, 3))});
      break;
    case Fate::lost: facts.push_back({"lost", "it never arrived"}); break;
    case Fate::unknown: facts.push_back({"arrives", "not seen: the record ends first, or has a gap"}); break;
  }
  if (m.kind == MessageKind::accept || m.kind == MessageKind::accepted || m.kind == MessageKind::announcement) {
    facts.push_back({"value", text_of(decree.instance(), m.value)});
  }
  if (m.kind == MessageKind::promise) {
    const std::string vote =
        m.v_bal.is_none() ? "no vote" : fmt::format("{} in {}", text_of(decree.instance(), m.value), text_of(m.v_bal));
    facts.push_back({"reports", vote});
  }
  if (m.kind == MessageKind::rejected) facts.push_back({"promised there", text_of(m.last_bal)});
  if (m.duplicate) facts.push_back({"copy", "made by the network"});
  if (m.ignored) facts.push_back({"ignored", "it answered nothing outstanding"});
  facts.push_back({"caused by", place(decree, decree.cause_of(index))});
  std::string effects;
  for (const std::uint32_t effect : decree.effects_of(index)) {
    effects += fmt::format("{}{}", effects.empty() ? "" : "; ", name_of(decree.messages()[effect]));
  }
  facts.push_back({"caused", effects.empty() ? "no message" : effects});
  return found;
}

Inspection inspect_event(const Decree& decree, std::uint32_t index) {
  const Event& event = decree.events()[index];
  Inspection found{fmt::format("{} at {}", text_of(event.agent_kind, event.agent), time_text(event.at, 6)),
                   sentence_of(decree, index),
                   {}};
  found.facts.push_back({"event", fmt::format("number {} of its agent", event.sequence)});
  if (!event.ballot.is_none()) found.facts.push_back({"ballot", text_of(event.ballot)});
  return found;
}

}  // namespace paxoscope::viz
