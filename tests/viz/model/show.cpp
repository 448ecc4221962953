#include "tests/viz/model/show.h"

#include <fmt/format.h>

#include <array>

namespace paxoscope::viz {

namespace {

template <class Enum, std::size_t N>
const char* name(Enum value, const std::array<const char*, N>& names) {
  return names.at(static_cast<std::size_t>(value));
}

const char* name(MessageKind kind) {
  return name(kind, std::array{"Prepare", "Promise", "Accept", "Accepted", "Rejected", "Announcement"});
}

std::string lamps(const ProposerMoment& proposer) {
  std::string text;
  for (const Lamp lamp : proposer.lamps) text += name(lamp, std::array{".", ">", "L", "s", "x", "+", "X"});
  return text;
}

}  // namespace

std::string show(const Moment& moment, const Decree& decree) {
  using State = ProposerMoment::State;
  std::string text;
  for (const ProposerMoment& p : moment.proposers) {
    text += fmt::format("P{} {}{} {} try {} [{}] {}/{}", p.id, p.up ? "" : "down ",
                        name(p.state, std::array{"idle", "waiting to start", "preparing", "accepting", "backing off",
                                                 "decided", "empty", "abandoned"}),
                        text_of(p.ballot), p.attempt, lamps(p), p.granted, p.needed);
    if (p.own) text += fmt::format(" own {}", text_of(moment.instance, *p.own));
    if (p.candidate)
      text += fmt::format(" {} {}", p.adopted ? "carries" : "asks for", text_of(moment.instance, *p.candidate));
    if (p.state == State::backing_off) text += fmt::format(" beaten by {}", text_of(p.beaten_by));
    if (p.wait > 0) text += fmt::format(" {} of {} left", time_text(p.wait_left), time_text(p.wait));
    if (p.learned) text += fmt::format(" learned {}", text_of(moment.instance, *p.learned));
    text += "\n";
  }
  for (const AcceptorMoment& a : moment.acceptors) {
    text += fmt::format("A{}{} promised {}", a.id, a.up ? "" : " down", text_of(a.last_bal));
    if (!a.v_bal.is_none()) text += fmt::format(", voted {} in {}", text_of(moment.instance, a.vote), text_of(a.v_bal));
    text += fmt::format(" ({} promises, {} votes)\n", a.promises.size(), a.votes.size());
  }
  for (const Flying& flying : moment.flying) {
    const Message& m = decree.messages()[flying.message];
    text += fmt::format("{} {} {}->{} at {:.2f}{}\n", name(m.kind), text_of(m.ballot), text_of(m.from_kind(), m.from),
                        text_of(m.to_kind(), m.to), flying.progress, m.fate == Fate::delivered ? "" : " lost");
  }
  return text + moment.knowledge.text + "\n" + moment.safety.text + "\n" + moment.last + "\n";
}

std::string show(const Ladder& ladder) {
  std::string text;
  const auto lane = [&](std::uint32_t number) { return ladder.lanes.at(number).label; };
  for (const LadderRound& r : ladder.rounds) {
    text += fmt::format("{} {:.0f}..{:.0f} {} {}{}\n", lane(r.lane), r.x0, r.x1,
                        r.phase == Phase::prepare ? "prepares" : "asks for votes in", r.label,
                        r.repeats_chosen ? " (dim)" : "");
  }
  for (const LadderWait& w : ladder.waits) {
    text += fmt::format("{} {:.0f}..{:.0f} waits after try {}\n", lane(w.lane), w.x0, w.x1, w.attempt);
  }
  for (const LadderBand& b : ladder.bands) {
    text += fmt::format("{} {:.0f}..{:.0f} {} {}\n", lane(b.lane), b.x0, b.x1, b.voted ? "voted" : "promised", b.label);
  }
  for (const LadderLine& l : ladder.lines) {
    text += fmt::format("{} {} {:.0f} -> {} {:.0f}{}\n", name(l.kind), lane(l.from_lane), l.x0, lane(l.to_lane), l.x1,
                        l.fate == Fate::delivered ? "" : " lost");
  }
  for (const LadderBlock& b : ladder.blocks) {
    text += fmt::format("{} {:.0f}..{:.0f} {}\n", lane(b.lane), b.x0, b.x1, text_of(ladder, b));
  }
  for (const LadderChosen& c : ladder.chosen) text += fmt::format("{:.0f} {}\n", c.x, c.label);
  return text;
}

}  // namespace paxoscope::viz
