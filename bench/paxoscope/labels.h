// What to call the points of a comparison, in few words: what they share is not repeated.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "core/experiment/comparison.h"

namespace paxoscope::cli {

// "full_jitter".
std::string name_of_strategy(const Experiment& experiment);

// "full_jitter", with those of its parameters that are not the same in every point: "full_jitter:base=2R".
std::string strategy_label(const Comparison& comparison, const Experiment& experiment);

// The points that differ in nothing but the strategy: what a ranking is about.
struct Group {
  std::string title;  // "16 proposers, 3 acceptors, in virtual time", and what else distinguishes it
  std::vector<const ComparisonPoint*> points;  // with samples; at least one
};
std::vector<Group> groups(const Comparison& comparison);

// The members that are not the same in all points of an engine: what no single configuration can say.
std::set<std::string> varied_members(const Comparison& comparison, Engine engine);

}  // namespace paxoscope::cli
