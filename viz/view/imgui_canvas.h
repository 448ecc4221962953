// A canvas on the window: ImGui's draw list of the current window, and an invisible button for everything that can be
// touched, so that a test can press it by name.
#pragma once

#include <map>
#include <string>

#include "viz/view/canvas.h"

namespace paxoscope::viz {

// By name; of two, the one that the mouse finds.
using Touchables = std::map<std::string, Box>;

class ImGuiCanvas : public Canvas {
 public:
  // `seen`: to note down what can be touched, if anybody asks.
  explicit ImGuiCanvas(float scale, Touchables* seen = nullptr)
      : Canvas(scale), list_(ImGui::GetWindowDrawList()), seen_(seen) {}

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
  void tip(std::string_view text) override;

 private:
  ImDrawList* list_;
  Touchables* seen_;
};

}  // namespace paxoscope::viz
