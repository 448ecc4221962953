// Keys as the window hands them over: one entry per press, in order. ImGui 1.86 looks at the keyboard once a picture
// and loses what goes down and up in between, so shortcuts come from a queue of our own.
#pragma once

#include <cstdint>
#include <string>

namespace paxoscope::viz {

// A key is a character as it was typed (so that ? is ? on every keyboard), or one of these, above all characters.
namespace keys {
enum : std::uint32_t {
  left = 0x110000,
  right,
  up,
  down,
  home,
  end,
  page_up,
  page_down,
  enter,
  escape,
  tab,
  backspace,
  del,
};
}  // namespace keys

struct KeyPress {
  std::uint32_t key = 0;
  bool shift = false;
  friend bool operator==(const KeyPress&, const KeyPress&) = default;
};

// "space", "→", "shift Tab", "?".
std::string name_of(KeyPress press);

}  // namespace paxoscope::viz
