#include "viz/view/settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>

namespace paxoscope::viz {

std::string Settings::to_text() const {
  return fmt::format(
      "dark {}\nby_value {}\nside {}\nlower {}\nsplit {:.3f}\nside_width {:.3f}\ntour_seen {}\nwidth {}\nheight {}\n",
      dark ? 1 : 0, colour_by == ColourBy::value ? 1 : 0, static_cast<int>(side), static_cast<int>(lower), split,
      side_width, tour_seen ? 1 : 0, width, height);
}

Settings Settings::from_text(const std::string& text) {
  Settings settings;
  std::istringstream lines(text);
  std::string name;
  double number = 0;
  while (lines >> name >> number) {
    const auto whole = static_cast<int>(std::clamp(number, -1e6, 1e6));
    if (name == "dark") settings.dark = whole != 0;
    if (name == "by_value") settings.colour_by = whole != 0 ? ColourBy::value : ColourBy::owner;
    if (name == "side")
      settings.side = static_cast<SidePanel>(std::clamp(whole, 0, static_cast<int>(SidePanel::capture)));
    if (name == "lower")
      settings.lower = static_cast<LowerPanel>(std::clamp(whole, 0, static_cast<int>(LowerPanel::compare)));
    if (name == "split") settings.split = std::clamp(static_cast<float>(number), 0.3F, 0.75F);
    if (name == "side_width") settings.side_width = std::clamp(static_cast<float>(number), 0.15F, 0.4F);
    if (name == "tour_seen") settings.tour_seen = whole != 0;
    if (name == "width") settings.width = std::clamp(whole, 640, 8192);
    if (name == "height") settings.height = std::clamp(whole, 480, 8192);
  }
  return settings;
}

}  // namespace paxoscope::viz
