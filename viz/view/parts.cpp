// Small parts that several panels are made of.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "viz/view/panels.h"

namespace paxoscope::viz {

Mark mark_of(MessageKind kind) {
  switch (kind) {
    case MessageKind::prepare: return Mark::prepare;
    case MessageKind::promise: return Mark::promise;
    case MessageKind::accept: return Mark::accept;
    case MessageKind::accepted: return Mark::accepted;
    case MessageKind::rejected: return Mark::rejected;
    case MessageKind::announcement: return Mark::diamond;
  }
  return Mark::square;
}

const char* name_of(MessageKind kind) {
  switch (kind) {
    case MessageKind::prepare: return "Prepare";
    case MessageKind::promise: return "Promise";
    case MessageKind::accept: return "Accept";
    case MessageKind::accepted: return "Accepted";
    case MessageKind::rejected: return "Rejected";
    case MessageKind::announcement: return "Announcement";
  }
  return "";
}

namespace {

void draw_lamp(Canvas& canvas, Lamp lamp, ImVec2 at, float radius, const Theme& theme, ImU32 hue) {
  const ImU32 off = faded(theme.faint, 0.5F);
  switch (lamp) {
    case Lamp::idle: canvas.mark(Mark::prepare, at, radius, off); break;
    case Lamp::request_flying: canvas.mark(Mark::prepare, at, radius, faded(hue, 0.55F)); break;
    case Lamp::request_lost:
      canvas.mark(Mark::prepare, at, radius, off);
      canvas.mark(Mark::rejected, at, radius * 0.6F, theme.faint);
      break;
    case Lamp::granted_silent:  // promised but silent
      canvas.mark(Mark::prepare, at, radius, hue);
      canvas.mark(Mark::accept, at, radius * 0.45F, hue);
      break;
    case Lamp::granted: canvas.mark(Mark::accept, at, radius, hue); break;
    case Lamp::refused_silent: canvas.mark(Mark::rejected, at, radius, theme.faint); break;
    case Lamp::refused: canvas.mark(Mark::rejected, at, radius, theme.text); break;
  }
}

}  // namespace

void draw_lamps(Canvas& canvas, const Box& card, const Theme& theme, const ProposerMoment& proposer, ImU32 hue) {
  if (proposer.lamps.empty()) return;
  const float y = card.b.y - canvas.px(16), text_y = y - canvas.line_height(Type::small) * 0.42F;
  const ImU32 ink = proposer.granted >= proposer.needed ? theme.text : theme.quiet;
  const std::string count =
      proposer.needed > 0 ? fmt::format("{}/{}", proposer.granted, proposer.needed) : std::string();
  const float label = canvas.text_width(count, Type::small) + canvas.px(8);
  const auto n = static_cast<float>(proposer.lamps.size());
  const float pitch = std::min(canvas.px(17), (card.width() - label - canvas.px(8)) / n);
  // Too small to be told apart: the count alone says it.
  if (pitch < canvas.px(6)) return canvas.text({card.centre().x, text_y}, ink, count, Type::small, Align::centre);
  float x = card.centre().x - (pitch * n + label) / 2 + pitch / 2;
  for (const Lamp lamp : proposer.lamps) {
    draw_lamp(canvas, lamp, {x, y}, std::min(canvas.px(5.5F), pitch * 0.42F), theme, hue);
    x += pitch;
  }
  canvas.text({x - pitch / 2 + canvas.px(6), text_y}, ink, count, Type::small);
}

float draw_title(Canvas& canvas, ImVec2 at, const Theme& theme, std::string_view title, std::string_view tip) {
  canvas.text(at, theme.faint, title, Type::small);
  canvas.touch({at, {at.x + canvas.text_width(title, Type::small), at.y + canvas.line_height(Type::small)}}, title,
               tip);
  return at.y + canvas.line_height(Type::small) + canvas.px(6);
}

bool button(Canvas& canvas, const Box& box, const Theme& theme, std::string_view text, std::string_view tip, bool on,
            std::string_view name) {
  const Touch touch = canvas.touch(box, name.empty() ? text : name, tip);
  const bool lit = on || touch.hovered;
  if (lit) canvas.box(box, on ? theme.pressed : theme.raised, 6);
  const float y = box.centre().y - canvas.line_height(Type::normal) * 0.4F;
  canvas.text({box.centre().x, y}, lit ? theme.text : theme.quiet, text, Type::normal, Align::centre);
  return touch.clicked;
}

void dashed(Canvas& canvas, ImVec2 a, ImVec2 b, ImU32 colour, float width) {
  const float length = std::hypot(b.x - a.x, b.y - a.y), dash = canvas.px(6);
  if (length <= 0) return;
  const ImVec2 unit = {(b.x - a.x) / length, (b.y - a.y) / length};
  const auto dashes = static_cast<int>(length / (2 * dash)) + 1;
  for (int i = 0; i < dashes; ++i) {
    const float from = static_cast<float>(2 * i) * dash, to = std::min(from + dash, length);
    if (from >= length) break;
    canvas.line({a.x + unit.x * from, a.y + unit.y * from}, {a.x + unit.x * to, a.y + unit.y * to}, colour, width);
  }
}

void hatched(Canvas& canvas, const Box& box, ImU32 colour, float spacing) {
  const float step = canvas.px(spacing), height = box.height();
  if (box.width() < step) return canvas.box(box, colour);
  canvas.push_clip(box);
  const auto lines = static_cast<int>((box.width() + height) / step) + 1;
  for (int i = 0; i < lines; ++i) {
    const float x = box.a.x + static_cast<float>(i) * step;
    canvas.line({x, box.a.y}, {x - height, box.b.y}, colour);
  }
  canvas.pop_clip();
}

void draw_gap(Canvas& canvas, const Box& box, const Theme& theme) {
  canvas.box(box, theme.background);
  hatched(canvas, box, faded(theme.broken, 0.7F), 4);
  canvas.frame(box, faded(theme.broken, 0.7F));
}

}  // namespace paxoscope::viz
