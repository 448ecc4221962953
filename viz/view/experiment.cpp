// The controls of a live cluster: what it is made of, and how it goes wrong.
#include <fmt/format.h>

#include "viz/model/live.h"
#include "viz/view/screen.h"

namespace paxoscope::viz {

void Screen::draw_experiment(Canvas& canvas, const Box& box) {
  const Theme& theme = scope_.theme();
  if (!form_) form_.emplace(scope_.live() != nullptr ? scope_.live()->experiment() : live_experiment());
  float y = box.a.y;
  const auto fields = ExperimentForm::fields();
  const float button_height = canvas.px(34);
  const float row =
      std::min(canvas.px(27), (box.height() - button_height - canvas.px(10)) / static_cast<float>(fields.size()));
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const ExperimentForm::Field& field = fields[i];
    const Box line = {{box.a.x - canvas.px(8), y}, {box.b.x, y + row - canvas.px(1)}};
    if (i == form_line_) canvas.box(line, theme.raised, 5);
    const float text_y = line.centre().y - canvas.line_height(Type::normal) * 0.42F, step = canvas.px(26);
    canvas.text({box.a.x, text_y}, theme.quiet, field.name);
    const auto press = [&](float x, const char* sign, int by) {
      const Box place = {{x, line.a.y}, {x + step, line.b.y}};
      const Touch touch = canvas.touch(place, fmt::format("{} {}", field.name, sign), "");
      if (touch.hovered) canvas.box(place, theme.pressed, 5);
      canvas.text({place.centre().x, text_y}, touch.hovered ? theme.text : theme.quiet, sign, Type::normal,
                  Align::centre);
      if (!touch.clicked) return;
      form_line_ = i;
      field.step(*form_, by);
    };
    press(line.b.x - step, "+", 1);
    press(line.b.x - 2 * step, "−", -1);
    canvas.text_within({line.b.x - 2 * step - canvas.px(8), text_y}, box.width() * 0.45F, theme.text,
                       field.text(*form_), Type::normal, Align::right);
    if (canvas.touch(line, field.name, field.tip).clicked) form_line_ = i;
    y += row;
  }
  y += canvas.px(8);
  const auto wanted = form_->experiment();
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
  if (!form_) return;
  const auto wanted = form_->experiment();
  if (!wanted) return scope_.say(wanted.error().message);
  end_tour();
  if (scope_.live() != nullptr) return scope_.change(*wanted);
  auto live = LiveSource::start(*wanted);
  if (!live) return scope_.say(live.error().message);
  scope_.open(std::move(*live), "live");
  scope_.playback().play(true);
}

// Whether the key was the form's.
bool Screen::press_in_form(KeyPress key) {
  if (settings_.side != SidePanel::experiment || touring() || !form_ || key.shift) return false;
  const auto fields = ExperimentForm::fields();
  switch (key.key) {
    case kKeyUp: form_line_ -= form_line_ > 0 ? 1 : 0; return true;
    case kKeyDown: form_line_ += form_line_ + 1 < fields.size() ? 1 : 0; return true;
    case kKeyLeft: fields[form_line_].step(*form_, -1); return true;
    case kKeyRight: fields[form_line_].step(*form_, 1); return true;
    case kKeyEnter: start_experiment(); return true;
    default: return false;
  }
}

}  // namespace paxoscope::viz
