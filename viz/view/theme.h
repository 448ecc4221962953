// Colours and sizes: the one place where the look of the window is decided.
//
// Hue means one thing only: whose ballot it is (or, after the toggle, which value). Everything else is grey, apart from
// one green for "chosen" and one red for "broken". The hues are Okabe and Ito's ("Color Universal Design", 2008) and
// what keeps apart from them for the common kinds of colour blindness; labels and shapes repeat what they say.
#pragma once

#include <imgui.h>

#include <cstdint>

#include "core/paxos/message.h"

namespace paxoscope::viz {

struct Theme {
  bool dark = true;
  ImU32 background = 0;  // of the window
  ImU32 raised = 0;      // of a card or a button
  ImU32 pressed = 0;     // of what is chosen or held
  ImU32 line = 0;        // separators, axes
  ImU32 text = 0;
  ImU32 quiet = 0;   // text that explains
  ImU32 faint = 0;   // text that may be missed
  ImU32 chosen = 0;  // a value is chosen; safety holds
  ImU32 broken = 0;  // a rule is broken; somebody is down

  // The hue at a place; there are ten, and then they repeat.
  ImU32 hue(std::size_t place) const;
  // Black on light and white on dark: what is readable on the window's background under a coat of this colour.
  ImU32 text_on(ImU32 coat) const;
};

const Theme& theme(bool dark);

// The colour with its opacity multiplied; 0 .. 1.
ImU32 faded(ImU32 colour, float opacity);
// Between two colours: 0 is a, 1 is b.
ImU32 mixed(ImU32 a, ImU32 b, float share);

// What a colour stands for at the moment; the two are never mixed.
enum class ColourBy : std::uint8_t { owner, value };

}  // namespace paxoscope::viz
