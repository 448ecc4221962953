// Every retry strategy by name, and the text that chooses one: "full_jitter:base=1R,cap=8R".
// Durations are multiples of R ("0.5R") or absolute ("20us").
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/backoff/backoff.h"
#include "core/error.h"

namespace paxoscope {

class Parameters;
class Strategy;

// What a strategy takes for granted beyond its own history.
struct StrategyNeeds {
  bool proposers = false;     // RetryContext.rank and .proposers
  bool common_clock = false;  // RetryContext.now means the same instant to every proposer
  bool threads = false;       // in virtual time it is the same as `none`
};

// One line of the registry; lives as long as the program.
struct StrategyInfo {
  std::string_view name;
  std::string_view description;  // one line
  std::string_view defaults;     // every parameter, such as "base=1R,cap=8R,reset=win"; may be empty
  std::unique_ptr<Strategy> (*make)(Parameters);
  StrategyNeeds needs = {};

  std::string default_text() const;  // "full_jitter:base=1R,cap=8R,reset=win"
};

// In the order in which help shows them: from the simplest to the best informed.
std::span<const StrategyInfo> all_strategies();

// nullptr if there is none of that name.
const StrategyInfo* find_strategy(std::string_view name);

// Between the strategies of groups of proposers (core/backoff/groups.h).
inline constexpr char kGroupSeparator = '/';

// "name" or "name:parameter=value,...". Parameters that are not named have their defaults. Several of these with a
// slash between ("none/lease:length=4R") are one for each group of proposers.
// Fails on an unknown name, an unknown or repeated parameter, and a value that is missing or out of range.
Expected<std::unique_ptr<Backoff>> parse_strategy(std::string_view text);

// The strategies of a comma-separated list, not yet parsed: "none,full_jitter:base=1R,cap=8R,lease" is three.
// A comma followed by `word=` continues the parameters before it, unless `word` is a strategy's name.
// "all" is every strategy with its defaults. Fails on an empty place in the list.
Expected<std::vector<std::string>> split_strategies(std::string_view list);

}  // namespace paxoscope
