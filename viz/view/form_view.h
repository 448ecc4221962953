// Forms: a line for each thing that can be set, changed by a step up or down, so that two arrow keys or two buttons are
// enough for all of it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "viz/view/canvas.h"
#include "viz/view/keys.h"
#include "viz/view/theme.h"

namespace paxoscope::viz {

template <class Form>
struct FormField {
  std::string_view name;
  std::string_view tip;
  std::string (*text)(const Form&);
  void (*step)(Form&, int by);  // by: 1 or -1
};

struct FormLine {
  std::string_view name, tip;
  std::string text;
};

// A step that somebody asked for; by: 1 or -1, 0: none.
struct FormStep {
  std::size_t line = 0;
  int by = 0;
};

// The lines from the top of `box` down, with room for `foot` pixels below; box.a.y moves below them. `chosen`: the line
// that the keyboard has chosen, or a click.
FormStep draw_form_lines(Canvas& canvas, Box& box, float foot, const Theme& theme, std::span<const FormLine> lines,
                         std::size_t& chosen);
// Whether the key was the form's: up and down choose a line, left and right change it.
bool press_in_form_lines(KeyPress key, std::size_t lines, std::size_t& chosen, FormStep& step);

template <class Form>
void draw_form(Canvas& canvas, Box& box, float foot, const Theme& theme, std::span<const FormField<Form>> fields,
               Form& form, std::size_t& chosen) {
  std::vector<FormLine> lines;
  for (const FormField<Form>& field : fields) lines.push_back({field.name, field.tip, field.text(form)});
  const FormStep step = draw_form_lines(canvas, box, foot, theme, lines, chosen);
  if (step.by != 0) fields[step.line].step(form, step.by);
}

template <class Form>
bool press_in_form(KeyPress key, std::span<const FormField<Form>> fields, Form& form, std::size_t& chosen) {
  FormStep step;
  if (!press_in_form_lines(key, fields.size(), chosen, step)) return false;
  if (step.by != 0) fields[step.line].step(form, step.by);
  return true;
}

// One up or down, within the bounds.
template <class Number>
Number stepped(Number value, int by, Number lowest, Number highest) {
  return static_cast<Number>(std::clamp<std::int64_t>(
      static_cast<std::int64_t>(value) + by, static_cast<std::int64_t>(lowest), static_cast<std::int64_t>(highest)));
}
// The next of 1, 2, 5, 10, 20, 50, ... in that direction, within the bounds.
double next_on_scale(double value, int by, double lowest, double highest);
// The strategy after this text's, in the order of the registry, with its defaults.
std::string next_strategy(const std::string& text, int by);

}  // namespace paxoscope::viz
