// Capture: real threads at full speed, and the trigger that freezes what they recorded around the moment that matters.
#include "viz/view/screen.h"

namespace paxoscope::viz {

void Screen::draw_capture(Canvas& canvas, const Box& box) {
  const Theme& theme = scope_.theme();
  canvas.paragraph(box.a, box.width(), theme.quiet, "Nothing has been caught yet.");
}

}  // namespace paxoscope::viz
