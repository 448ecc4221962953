#include "viz/view/form_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/backoff/registry.h"

namespace paxoscope::viz {

FormStep draw_form_lines(Canvas& canvas, Box& box, float foot, const Theme& theme, std::span<const FormLine> lines,
                         std::size_t& chosen) {
  FormStep asked;
  const float row = std::min(canvas.px(27), (box.height() - foot) / static_cast<float>(lines.size()));
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const FormLine& it = lines[i];
    const Box line = {{box.a.x - canvas.px(8), box.a.y}, {box.b.x, box.a.y + row - canvas.px(1)}};
    if (i == chosen) canvas.box(line, theme.raised, 5);
    const float text_y = line.centre().y - canvas.line_height(Type::normal) * 0.42F, step = canvas.px(26);
    canvas.text({box.a.x, text_y}, theme.quiet, it.name);
    const auto press = [&](float x, const char* sign, int by) {
      const Box place = {{x, line.a.y}, {x + step, line.b.y}};
      const Touch touch = canvas.touch(place, fmt::format("{} {}", it.name, by > 0 ? "+" : "-"), "");
      if (touch.hovered) canvas.box(place, theme.pressed, 5);
      canvas.text({place.centre().x, text_y}, touch.hovered ? theme.text : theme.quiet, sign, Type::normal,
                  Align::centre);
      if (touch.clicked) asked = {i, by};
    };
    press(line.b.x - step, "+", 1);
    press(line.b.x - 2 * step, "−", -1);
    const float name = canvas.text_width(it.name, Type::normal) + canvas.px(12);
    canvas.text_within({line.b.x - 2 * step - canvas.px(8), text_y}, box.width() - name - 2 * step - canvas.px(8),
                       theme.text, it.text, Type::normal, Align::right);
    if (canvas.touch(line, it.name, it.tip).clicked || asked.by != 0) chosen = asked.by != 0 ? asked.line : i;
    box.a.y += row;
  }
  return asked;
}

bool press_in_form_lines(KeyPress key, std::size_t lines, std::size_t& chosen, FormStep& step) {
  switch (key.key) {
    case keys::up: chosen -= chosen > 0 ? 1 : 0; return true;
    case keys::down: chosen += chosen + 1 < lines ? 1 : 0; return true;
    case keys::left: step = {chosen, -1}; return true;
    case keys::right: step = {chosen, 1}; return true;
    default: return false;
  }
}

double next_on_scale(double value, int by, double lowest, double highest) {
  const double power = std::pow(10, std::floor(std::log10(std::max(value, lowest))));
  const double lead = value / power;
  double next = 0;
  if (by > 0) {
    next = lead < 1.99 ? 2 * power : lead < 4.99 ? 5 * power : 10 * power;
  } else {
    next = lead > 5.01 ? 5 * power : lead > 2.01 ? 2 * power : lead > 1.01 ? power : power / 2;
  }
  return std::clamp(next, lowest, highest);
}

std::string next_strategy(const std::string& text, int by) {
  const auto all = all_strategies();
  const std::string name = text.substr(0, text.find(':'));
  const auto at = std::find_if(all.begin(), all.end(), [&](const StrategyInfo& it) { return it.name == name; });
  const auto n = static_cast<std::ptrdiff_t>(all.size());
  return std::string(all[static_cast<std::size_t>(((at - all.begin()) + by + n) % n)].name);
}

}  // namespace paxoscope::viz
