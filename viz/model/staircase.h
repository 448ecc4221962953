// Ballots over time: for each acceptor the staircase of last_bal, with its votes on it. A duel looks like a zipper.
#pragma once

#include <string>
#include <vector>

#include "viz/model/ladder.h"

namespace paxoscope::viz {

struct StairStep {
  float x0 = 0, x1 = 0;
  Ballot ballot = {};  // its n is the height, its proposer the colour
};

struct StairVote {
  float x = 0;
  Ballot ballot = {};
  Value value = 0;
  bool chosen = false;     // this vote's ballot is the one in which the value was chosen
  std::string label = {};  // "(2,11) = 200"
};

struct Stair {
  std::uint32_t acceptor = 0;
  std::vector<StairStep> steps;  // without gaps in between; before the first promise there is none
  std::vector<StairVote> votes;
  std::vector<LadderGap> gaps;  // what is missing from the acceptor's record
};

struct Staircase {
  TimeView view;
  std::uint64_t n_low = 0, n_high = 1;  // of all that shows; n_high > n_low
  std::vector<Stair> stairs;            // by acceptor id
};

// Steps shorter than `smallest` pixels join: where they do, the highest ballot of the place shows.
Staircase lay_out_staircase(const Decree& decree, const TimeView& view, const LadderOptions& options = {});

}  // namespace paxoscope::viz
