// Keys as the window hands them over: one entry per press, in order. ImGui 1.86 looks at the keyboard once a picture
// and loses what goes down and up in between, so shortcuts come from a queue of our own.
#pragma once

#include <cstdint>
#include <string>

namespace paxoscope::viz {

// A key is a character as it was typed (so that ? is ? on every keyboard), or one of these, above all characters.
inline constexpr std::uint32_t kKeyLeft = 0x110000;
inline constexpr std::uint32_t kKeyRight = 0x110000 + 1;
inline constexpr std::uint32_t kKeyUp = 0x110000 + 2;
inline constexpr std::uint32_t kKeyDown = 0x110000 + 3;
inline constexpr std::uint32_t kKeyHome = 0x110000 + 4;
inline constexpr std::uint32_t kKeyEnd = 0x110000 + 5;
inline constexpr std::uint32_t kKeyPageUp = 0x110000 + 6;
inline constexpr std::uint32_t kKeyPageDown = 0x110000 + 7;
inline constexpr std::uint32_t kKeyEnter = 0x110000 + 8;
inline constexpr std::uint32_t kKeyEscape = 0x110000 + 9;
inline constexpr std::uint32_t kKeyTab = 0x110000 + 10;
inline constexpr std::uint32_t kKeyBackspace = 0x110000 + 11;
inline constexpr std::uint32_t kKeyDelete = 0x110000 + 12;

struct KeyPress {
  std::uint32_t key = 0;
  bool shift = false;
  friend bool operator==(const KeyPress&, const KeyPress&) = default;
};

// "space", "→", "shift Tab", "?".
std::string name_of(KeyPress press);

}  // namespace paxoscope::viz
