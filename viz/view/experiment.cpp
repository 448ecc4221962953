// The controls of a live cluster: what it is made of, and how it goes wrong.
#include <fmt/format.h>

#include "viz/model/live.h"
#include "viz/view/screen.h"

namespace paxoscope::viz {

// Begins with what runs.
ExperimentForm& Screen::form() {
  if (!form_) form_.emplace(scope_.live() != nullptr ? scope_.live()->experiment() : live_experiment());
  return *form_;
}

void Screen::draw_experiment(Canvas& canvas, const Box& box) {
  const Theme& theme = scope_.theme();
  const float button_height = canvas.px(34);
  Box rest = box;
  draw_form(canvas, rest, button_height + canvas.px(10), theme, ExperimentForm::fields(), form(), form_line_);
  const float y = rest.a.y + canvas.px(8);
  const auto wanted = form().experiment();
  const Box start = {{box.a.x - canvas.px(8), y}, {box.a.x + canvas.px(112), y + button_height}};
  canvas.box(start, theme.pressed, 6);
  if (button(canvas, start, theme, "Start", "Run this from the beginning (Enter)", true)) start_experiment();
  if (!wanted) {
    canvas.paragraph({start.b.x + canvas.px(14), y}, box.b.x - start.b.x - canvas.px(14), theme.broken,
                     wanted.error().message, Type::small);
  } else {
    canvas.text_within({start.b.x + canvas.px(14), y + canvas.px(9)}, box.b.x - start.b.x - canvas.px(14), theme.faint,
                       "arrow keys change, Enter starts", Type::small);
  }
}

void Screen::start_experiment() {
  const auto wanted = form().experiment();
  if (!wanted) return scope_.say(wanted.error().message);
  if (scope_.live() != nullptr) {
    end_tour();
    if (!scope_.change(*wanted)) return;
  } else {
    auto live = LiveSource::start(*wanted);
    if (!live) return scope_.say(live.error().message);
    open(std::move(*live), "live");
    scope_.playback().play(true);
  }
  scope_.say("started " + scope_.take().title);
}

}  // namespace paxoscope::viz
