// Part of decree.h: what replaying an instance's events changes, and nothing else.
#pragma once

#include <vector>

#include "viz/model/decree.h"

namespace paxoscope::viz {

struct Decree::State {
  struct OfProposer {
    ProposerMoment shown;  // without `says` and `wait_left`
    std::uint32_t round = 0;
    Phase phase = Phase::prepare;
    Nanos waits_since = 0;
    bool took_part = false;
  };
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
