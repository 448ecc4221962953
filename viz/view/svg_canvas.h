// A canvas that writes SVG: text stays text, lines stay lines, and what can be touched keeps its name and its tooltip,
// so that the file explains itself in a browser.
#pragma once

#include <string>

#include "viz/view/canvas.h"

namespace paxoscope::viz {

class SvgCanvas : public Canvas {
 public:
  SvgCanvas(float scale, ImVec2 size, ImU32 background);

  using Canvas::text;
  void line(ImVec2 a, ImVec2 b, ImU32 colour, float width) override;
  void path(std::span<const ImVec2> points, ImU32 colour, float width) override;
  void box(const Box& box, ImU32 colour, float rounding) override;
  void frame(const Box& box, ImU32 colour, float rounding, float width) override;
  void disc(ImVec2 centre, float radius, ImU32 colour) override;
  void arc(ImVec2 centre, float radius, float from, float to, ImU32 colour, float width) override;
  void mark(Mark mark, ImVec2 centre, float radius, ImU32 colour) override;
  void text(ImVec2 at, ImU32 colour, std::string_view text, Type type, Align align) override;
  void push_clip(const Box& box) override;
  void pop_clip() override;
  Touch touch(const Box& box, std::string_view name, std::string_view tip) override;
  void tip(std::string_view) override {}

  // The whole document; nothing can be drawn after it.
  std::string finish();

 private:
  std::string body_;
  int clips_ = 0;  // so far
};

}  // namespace paxoscope::viz
