// Type and marks: Roboto as Debian packages it, and our own shapes as sprites in the same texture, since a picture
// from a texture costs a fraction of a filled polygon on a software renderer.
#pragma once

#include <imgui.h>

#include "core/error.h"
#include "viz/view/canvas.h"

namespace paxoscope::viz {

// Fills the current context's atlas for `scale` (1.0 .. 3.0); the caller makes the texture of it anew if there was one.
// Without the package's files it uses DejaVu, then ImGui's own bitmap font, and says so in the error: the window works,
// and is less readable.
Expected<bool> load_fonts(float scale);

ImFont* font_of(Type type);

// A sprite is this much larger than its mark's radius, so that its edge is smooth.
inline constexpr float kSpriteMargin = 1.2F;

// Where a mark is in the atlas's texture.
struct Sprite {
  ImVec2 uv0, uv1;
};
Sprite sprite_of(Mark mark);

}  // namespace paxoscope::viz
