// The scenario menu: short plays told step by step, and live clusters set up to show one thing.
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "core/error.h"
#include "viz/model/take.h"

namespace paxoscope::viz {

struct Scenario {
  enum class Kind : std::uint8_t { play, live, planted_bug };
  std::string_view name;     // "duel": what --scenario takes
  std::string_view title;    // "A duel: two proposers keep preempting each other"
  std::string_view summary;  // what to look at, one or two sentences
  Kind kind = Kind::play;
};

// In the order of the menu.
std::span<const Scenario> all_scenarios();
const Scenario* find_scenario(std::string_view name);

// Opens one, ready to be played; a live one is a LiveSource. Fails on an unknown name, and names those there are.
Expected<std::unique_ptr<Source>> open_scenario(std::string_view name);

// A play's script (core/scenario/play.h) as a take. A step takes kStep.
inline constexpr Nanos kStep = 400 * kMillisecond;
Expected<Take> take_of_play(std::string_view title, std::string_view script);

}  // namespace paxoscope::viz
