#include "viz/model/contest.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include "core/scenario/narrate.h"

namespace paxoscope::viz {

namespace {

constexpr std::size_t kNamesMax = 4;  // more are counted, not listed

// "P1", "P1 and P2", "A0, A1 and A2", "7 acceptors".
std::string listed(const std::vector<std::string>& names, std::string_view many) {
  if (names.size() > kNamesMax) return fmt::format("{} {}", names.size(), many);
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) text += i + 1 == names.size() ? " and " : ", ";
    text += names[i];
  }
  return text;
}

bool fights(const ProposerMoment& proposer) {
  using State = ProposerMoment::State;
  return proposer.up && (proposer.state == State::preparing || proposer.state == State::accepting ||
                         proposer.state == State::backing_off);
}

// Where no acceptor has promised anything, as far as is known: a record may begin between the phases.
std::string_view asked_for(const Moment& moment) {
  const bool votes = std::any_of(moment.proposers.begin(), moment.proposers.end(), [](const ProposerMoment& it) {
    return it.up && it.state == ProposerMoment::State::accepting;
  });
  return votes ? "votes" : "promises";
}

std::vector<std::string> voters(const Moment& moment, Ballot ballot) {
  std::vector<std::string> names;
  for (const AcceptorMoment& acceptor : moment.acceptors) {
    const bool voted = std::any_of(acceptor.votes.begin(), acceptor.votes.end(),
                                   [&](const Vote& vote) { return vote.ballot == ballot; });
    if (voted) names.push_back(text_of(AgentKind::acceptor, acceptor.id));
  }
  return names;
}

Contest decided(const Moment& moment) {
  const Knowledge& known = moment.knowledge;
  const std::uint32_t winner = known.ballot.proposer();
  return {winner, fmt::format("P{} has won: {} voted for {} in {}, and that is a quorum", winner,
                              listed(voters(moment, known.ballot), "acceptors"), text_of(moment.instance, known.value),
                              text_of(known.ballot))};
}

// The ballot that stands highest, and who has promised it or voted in it.
std::string lead(const Moment& moment, Ballot highest, bool fought_over) {
  const std::string who = text_of(AgentKind::proposer, highest.proposer());
  const std::vector<std::string> votes = voters(moment, highest);
  if (!votes.empty()) {
    return fmt::format("{} is ahead with {}: {} voted for it, {} needed", who, text_of(highest),
                       listed(votes, "acceptors"), moment.knowledge.quorum);
  }
  for (const ProposerMoment& proposer : moment.proposers) {
    if (proposer.id == highest.proposer() && proposer.state == ProposerMoment::State::backing_off)
      return fmt::format("{} holds the highest promise, {}, but backs off", who, text_of(highest));
  }
  std::vector<std::string> promised;
  for (const AcceptorMoment& acceptor : moment.acceptors) {
    if (acceptor.last_bal == highest) promised.push_back(text_of(AgentKind::acceptor, acceptor.id));
  }
  return fmt::format("{} {} {}: promised by {}", who, fought_over ? "is ahead with" : "is alone with", text_of(highest),
                     listed(promised, "acceptors"));
}

}  // namespace

Contest contest_of(const Moment& moment) {
  using Kind = Knowledge::Kind;
  if (!moment.safety.holds) return {std::nullopt, moment.safety.text};
  if (moment.knowledge.kind == Kind::chosen || moment.knowledge.kind == Kind::learned) return decided(moment);
  std::vector<std::string> fighters;
  for (const ProposerMoment& proposer : moment.proposers) {
    if (fights(proposer)) fighters.push_back(text_of(AgentKind::proposer, proposer.id));
  }
  Ballot highest;
  for (const AcceptorMoment& acceptor : moment.acceptors) highest = std::max(highest, acceptor.last_bal);
  if (highest.is_none()) {
    if (fighters.empty()) return {std::nullopt, "Nobody asks for anything yet"};
    return {std::nullopt, fmt::format("{} {} for {}", listed(fighters, "proposers"),
                                      fighters.size() > 1 ? "ask" : "asks", asked_for(moment))};
  }
  Contest contest{highest.proposer(), lead(moment, highest, fighters.size() > 1)};
  if (fighters.size() > 1)
    contest.text = fmt::format("{} are fighting. {}", listed(fighters, "proposers"), contest.text);
  return contest;
}

}  // namespace paxoscope::viz
