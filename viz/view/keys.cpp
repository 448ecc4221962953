#include "viz/view/keys.h"

#include <array>
#include <string_view>

namespace paxoscope::viz {

std::string name_of(KeyPress press) {
  constexpr std::array<std::string_view, 13> kNames = {"left", "right",     "up",        "down",  "Home",
                                                       "End",  "Page up",   "Page down", "Enter", "Esc",
                                                       "Tab",  "Backspace", "Delete"};
  std::string name = press.shift ? "shift " : "";
  if (press.key >= keys::left) return name + std::string(kNames[press.key - keys::left]);
  if (press.key == ' ') return "space";
  return std::string(1, static_cast<char>(press.key));
}

}  // namespace paxoscope::viz
