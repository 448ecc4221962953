// Part of decree.h: what replaying an instance's events changes, and nothing else.
#pragma once

#include <algorithm>
#include <utility>
#include <vector>

#include "viz/model/decree.h"

namespace paxoscope::viz {

struct Decree::OfProposer {
  ProposerMoment shown;  // without `says` and `wait_left`
  std::uint32_t round = 0;
  Phase phase = Phase::prepare;
  Nanos waits_since = 0;
  bool took_part = false;

  // Whether the event is of the phase that it is in.
  bool is_at(const Event& event) const {
    return event.ballot == shown.ballot && event.phase == phase && event.round == round;
  }
  void lamps_out() { std::fill(shown.lamps.begin(), shown.lamps.end(), Lamp::idle); }
  void propose(const Event& event) {
    shown = {.id = shown.id,
             .state = ProposerMoment::State::waiting_to_start,
             .why = Why::own_choice,
             .lamps = std::move(shown.lamps),
             .last_event = shown.last_event};
    lamps_out();
    shown.read = event.read;
    if (!event.read) shown.own = event.value;
    waits_since = event.at;
    took_part = true;
  }
};

struct Decree::State {
  std::vector<OfProposer> proposers;
  std::vector<AcceptorMoment> acceptors;  // without `votes` and `promises`
};

// One vote more, or the first event.
struct Decree::Progress {
  std::uint32_t event = 0;  // place of the event that made it so
  Knowledge::Kind kind = Knowledge::Kind::open;
  Ballot ballot = {};
  Value value = 0;
  std::uint32_t votes = 0;
};

}  // namespace paxoscope::viz
