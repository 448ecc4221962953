#include "core/scenario/narrate.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "core/node/write_id.h"

namespace paxoscope {

namespace {

std::string_view request_of(Phase phase) {
  return phase == Phase::prepare ? "Prepare" : "Accept";
}

// "Prepare (2,10) from P10 to A1", or "A1's answer to Prepare (2,10)".
std::string message(const Event& e) {
  if (e.agent_kind == AgentKind::proposer) {
    return fmt::format("{} {} from P{} to A{}", request_of(e.phase), text_of(e.ballot), e.agent, e.peer);
  }
  return fmt::format("A{}'s answer to P{}'s {} {}", e.agent, e.peer, request_of(e.phase), text_of(e.ballot));
}

bool same_round(const Event& a, const Event& b) {
  return a.agent_kind == b.agent_kind && a.agent == b.agent && a.instance == b.instance && a.ballot == b.ballot;
}

std::string proposed(const Event& e, const Cast& cast) {
  if (e.read) return fmt::format("P{} begins to read {}", e.agent, cast.instance(e.instance));
  return fmt::format("P{} begins on {}: it proposes {}", e.agent, cast.instance(e.instance),
                     text_of(e.instance, e.value));
}

std::string sent(const Event& e, std::span<const Event> earlier) {
  if (e.phase == Phase::prepare) return fmt::format("P{} asks for promises in {}", e.agent, text_of(e.ballot));
  const std::string value = text_of(e.instance, e.value);
  const Event* highest = nullptr;
  bool knows_all = false;
  for (auto before = earlier.rbegin(); before != earlier.rend() && !knows_all; ++before) {
    if (!same_round(*before, e)) continue;
    knows_all = before->kind == EventKind::sent;  // its Prepare: all replies to it have been seen
    const bool reports = before->kind == EventKind::used && before->granted && !before->v_bal.is_none();
    if (reports && (highest == nullptr || before->v_bal > highest->v_bal)) highest = &*before;
  }
  if (highest != nullptr && highest->vote != e.value) {
    return fmt::format("P{} asks for votes for {} in {}, though {} was reported with the highest ballot, {}", e.agent,
                       value, text_of(e.ballot), text_of(e.instance, highest->vote), text_of(highest->v_bal));
  }
  if (highest != nullptr) {
    return fmt::format("P{} must carry on {}, the vote of the highest ballot reported, {}: it asks for votes in {}",
                       e.agent, value, text_of(highest->v_bal), text_of(e.ballot));
  }
  if (knows_all) {
    return fmt::format("P{} is free to propose its own {}, for no vote was reported: it asks for votes in {}", e.agent,
                       value, text_of(e.ballot));
  }
  return fmt::format("P{} asks for votes for {} in {}", e.agent, value, text_of(e.ballot));
}

std::string answered(const Event& e, std::span<const Event> earlier) {
  const std::string ballot = text_of(e.ballot);
  if (!e.granted) return fmt::format("A{} rejects {}: it has promised {}", e.agent, ballot, text_of(e.last_bal));
  const auto before = std::find_if(earlier.rbegin(), earlier.rend(), [&](const Event& other) {
    return other.kind == EventKind::answered && other.agent == e.agent && other.instance == e.instance;
  });
  // A broken acceptor's word is not repeated.
  if (before != earlier.rend() && before->last_bal > e.ballot && e.phase == Phase::accept) {
    return fmt::format("A{} votes for {} in {}, though it had promised {}", e.agent, text_of(e.instance, e.value),
                       ballot, text_of(before->last_bal));
  }
  if (before != earlier.rend() && before->v_bal > e.v_bal) {
    return fmt::format("A{} promises {}, and does not report its vote in {}", e.agent, ballot, text_of(before->v_bal));
  }
  if (e.phase == Phase::accept) {
    return fmt::format("A{} votes for {} in {}: it has promised nothing higher", e.agent, text_of(e.instance, e.value),
                       ballot);
  }
  if (e.v_bal.is_none()) return fmt::format("A{} promises {}: it has not voted yet", e.agent, ballot);
  return fmt::format("A{} promises {} and reports its vote for {} in {}", e.agent, ballot, text_of(e.instance, e.vote),
                     text_of(e.v_bal));
}

std::string used(const Event& e) {
  if (!e.granted && e.last_bal.is_none()) return fmt::format("P{} takes A{}'s answer as a refusal", e.agent, e.peer);
  if (!e.granted) {
    return fmt::format("P{} counts A{}'s refusal: {} was promised there", e.agent, e.peer, text_of(e.last_bal));
  }
  if (e.phase == Phase::accept) return fmt::format("P{} counts A{}'s vote", e.agent, e.peer);
  return fmt::format("P{} counts A{}'s promise", e.agent, e.peer);
}

std::string ignored(const Event& e, std::span<const Event> earlier) {
  std::string why = "it answers nothing that is still open";
  for (const Event& before : earlier) {
    const bool counted = before.kind == EventKind::used && same_round(before, e) && before.peer == e.peer &&
                         before.round == e.round && before.phase == e.phase;
    if (counted) why = "it has counted one already";
  }
  return fmt::format("P{} ignores A{}'s answer to {} {}: {}", e.agent, e.peer, request_of(e.phase), text_of(e.ballot),
                     why);
}

std::string backed_off(const Event& e) {
  const int phase = static_cast<int>(e.phase);
  if (e.last_bal.is_none()) {
    return fmt::format("P{} gives {} up in phase {}: too few have granted it in time", e.agent, text_of(e.ballot),
                       phase);
  }
  return fmt::format("P{} loses {} in phase {}: {} was promised, so it must try again above that", e.agent,
                     text_of(e.ballot), phase, text_of(e.last_bal));
}

// What a proposer has counted in this round: "the votes of A0 and A1"; no names where what is known does not reach back
// to where it asked for them.
std::string counted_votes(const Event& e, std::span<const Event> earlier) {
  std::vector<std::string> names;
  auto before = earlier.rbegin();
  for (; before != earlier.rend() && !(same_round(*before, e) && before->kind == EventKind::sent); ++before) {
    const bool vote = same_round(*before, e) && before->kind == EventKind::used && before->phase == Phase::accept;
    if (vote && before->granted) names.push_back(fmt::format("A{}", before->peer));
  }
  if (before == earlier.rend() || names.empty()) return "the votes";
  std::reverse(names.begin(), names.end());
  const std::string last = names.back();
  names.pop_back();
  if (names.empty()) return "the vote of " + last;
  return fmt::format("the votes of {} and {}", fmt::join(names, ", "), last);
}

std::string decided(const Event& e, std::span<const Event> earlier, const Cast& cast) {
  const std::string why = e.phase == Phase::accept
                              ? fmt::format("it has counted {} in {}", counted_votes(e, earlier), text_of(e.ballot))
                              : "it was seen or told that a quorum has voted for it";
  return fmt::format("P{} knows that {} is decided for {}: {}", e.agent, text_of(e.instance, e.value),
                     cast.instance(e.instance), why);
}

}  // namespace

std::string text_of(const InstanceId& instance, Value value) {
  return is_write_id(value, instance) ? fmt::format("v{}", writer_of(value)) : std::to_string(value);
}

std::string Cast::instance(const InstanceId& id) const {
  return fmt::format("key {} version {}", id.key < keys.size() ? keys[id.key] : std::to_string(id.key), id.ver);
}

std::string narrate(const Event& e, std::span<const Event> earlier, const Cast& cast) {
  const std::string who = text_of(e.agent_kind, e.agent);
  switch (e.kind) {
    case EventKind::proposed: return proposed(e, cast);
    case EventKind::sent: return sent(e, earlier);
    case EventKind::used: return used(e);
    case EventKind::ignored: return ignored(e, earlier);
    case EventKind::backed_off: return backed_off(e);
    case EventKind::decided: return decided(e, earlier, cast);
    case EventKind::empty: return fmt::format("{} reads nothing: a quorum promised, and none of it has voted", who);
    case EventKind::abandoned: return fmt::format("{} gives {} up", who, cast.instance(e.instance));
    case EventKind::answered: return answered(e, earlier);
    case EventKind::refused:
      return fmt::format("{} turns {} down: {} is retired there, or there is no room for it", who, text_of(e.ballot),
                         cast.instance(e.instance));
    case EventKind::dropped: return fmt::format("the network loses {}", message(e));
    case EventKind::duplicated: return fmt::format("the network doubles {}", message(e));
    case EventKind::crashed: return fmt::format("{} crashes", who);
    case EventKind::restarted:
      return fmt::format("{} is back, and must {}", who,
                         e.agent_kind == AgentKind::acceptor ? "stand by every promise and vote it ever made"
                                                             : "not use a ballot again");
    case EventKind::retired:
      return fmt::format("{} forgets every version below {}, since each is decided", who, cast.instance(e.instance));
  }
  return who;
}

}  // namespace paxoscope
