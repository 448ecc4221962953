// Many experiments from one: every combination of what is to vary.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/experiment/experiment.h"

namespace paxoscope {

struct SweepAxis {
  std::string name;
  std::vector<std::string> values;
};

// "NAME=VALUE,VALUE,...", or with semicolons between values that have commas in them. NAME is one of
//   a parameter of a strategy     base=0.5R,1R,2R     only strategies that have it vary; when one has, it goes before a
//                                                     member of the same name
//   spread                        spread=0,0.3,1      lognormal latency on every link, with the network's mean and this
//                                                     sigma, 0 .. 5; 0: constant
//   a member of an Experiment     learning=own_round,visible
// An error names what is wrong; the values themselves are checked by sweep_points.
Expected<SweepAxis> parse_axis(std::string_view text);

// For each strategy, in its canonical form, every combination of the axes' values; valid, each once. A combination of a
// strategy's parameters that contradict each other (a cap below the base) is left out. An error for a value that is
// right in none of them, and for more than 10,000 points.
Expected<std::vector<Experiment>> sweep_points(const Experiment& base, std::span<const std::string> strategies,
                                               std::span<const SweepAxis> axes);

// The strategy as it is, and with every combination of 1/4, 1/2, 1, 2 and 4 times those of its parameters that are
// multiples of R. `strategy`: in its canonical form.
std::vector<std::string> tunings(const std::string& strategy);

// The first parameter of the strategy that is a duration ("wait", "base", "window", ...); empty when it has none.
std::string wait_parameter(const std::string& strategy);

}  // namespace paxoscope
