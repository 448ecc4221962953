// What is remembered from one start to the next: how the window looks, and which panels show.
#pragma once

#include <cstdint>
#include <string>

#include "viz/view/theme.h"

namespace paxoscope::viz {

enum class SidePanel : std::uint8_t { inspect, meters, experiment, capture };
enum class LowerPanel : std::uint8_t { messages, ballots, compare };

struct Settings {
  bool dark = true;
  ColourBy colour_by = ColourBy::owner;
  SidePanel side = SidePanel::inspect;
  LowerPanel lower = LowerPanel::messages;
  float split = 0.55F;        // the arena's share of the height; 0.3 .. 0.75
  float side_width = 0.235F;  // the side's share of the width; 0.15 .. 0.4
  bool tour_seen = false;
  int width = 1600, height = 1000;  // of the window

  // One "name value" a line. Reading takes what it understands, and the defaults for the rest: a damaged file is no
  // reason not to start.
  std::string to_text() const;
  static Settings from_text(const std::string& text);
};

}  // namespace paxoscope::viz
