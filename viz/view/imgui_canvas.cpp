#include "viz/view/imgui_canvas.h"

#include <algorithm>
#include <cmath>

#include "viz/view/fonts.h"

namespace paxoscope::viz {

void ImGuiCanvas::line(ImVec2 a, ImVec2 b, ImU32 colour, float width) {
  // ImGui draws through pixel centres: what is straight stays sharp there.
  list_->AddLine(a, b, colour, px(width));
}

void ImGuiCanvas::path(std::span<const ImVec2> points, ImU32 colour, float width) {
  list_->AddPolyline(points.data(), static_cast<int>(points.size()), colour, ImDrawFlags_None, px(width));
}

void ImGuiCanvas::box(const Box& box, ImU32 colour, float rounding) {
  list_->AddRectFilled(box.a, box.b, colour, px(rounding));
}

void ImGuiCanvas::frame(const Box& box, ImU32 colour, float rounding, float width) {
  list_->AddRect(box.a, box.b, colour, px(rounding), ImDrawFlags_None, px(width));
}

void ImGuiCanvas::disc(ImVec2 centre, float radius, ImU32 colour) {
  list_->AddCircleFilled(centre, radius, colour);
}

void ImGuiCanvas::arc(ImVec2 centre, float radius, float from, float to, ImU32 colour, float width) {
  list_->PathArcTo(centre, radius, from, to, std::clamp(static_cast<int>(std::ceil(radius * (to - from) / 3)), 4, 96));
  list_->PathStroke(colour, ImDrawFlags_None, px(width));
}

void ImGuiCanvas::mark(Mark mark, ImVec2 centre, float radius, ImU32 colour) {
  const Sprite sprite = sprite_of(mark);
  const ImVec2 half = {radius * kSpriteMargin, radius * kSpriteMargin};
  list_->AddImage(ImGui::GetIO().Fonts->TexID, {centre.x - half.x, centre.y - half.y},
                  {centre.x + half.x, centre.y + half.y}, sprite.uv0, sprite.uv1, colour);
}

void ImGuiCanvas::text(ImVec2 at, ImU32 colour, std::string_view words, Type type, Align align) {
  if (words.empty()) return;
  if (align != Align::left) at.x -= text_width(words, type) * (align == Align::centre ? 0.5F : 1.0F);
  const ImFont* font = font_of(type);
  list_->AddText(font, font->FontSize, {std::round(at.x), std::round(at.y)}, colour, words.data(),
                 words.data() + words.size());
}

void ImGuiCanvas::push_clip(const Box& box) {
  list_->PushClipRect(box.a, box.b, true);
}

void ImGuiCanvas::pop_clip() {
  list_->PopClipRect();
}

Touch ImGuiCanvas::touch(const Box& box, std::string_view name, std::string_view words) {
  if (box.width() <= 0 || box.height() <= 0) return {};
  if (seen_ != nullptr) seen_->emplace(name, box);
  ImGui::SetCursorScreenPos(box.a);
  ImGui::PushID(name.data(), name.data() + name.size());
  Touch touch;
  touch.clicked = ImGui::InvisibleButton("touch", {box.width(), box.height()});
  touch.hovered = ImGui::IsItemHovered();
  touch.double_clicked = touch.hovered && ImGui::IsMouseDoubleClicked(ImGuiMouseButton_Left);
  touch.held = ImGui::IsItemActive();
  ImGui::PopID();
  if (touch.hovered && !words.empty()) tip(words);
  return touch;
}

void ImGuiCanvas::tip(std::string_view text) {
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, {px(12), px(9)});
  ImGui::BeginTooltip();
  ImGui::PushTextWrapPos(px(360));
  ImGui::TextUnformatted(text.data(), text.data() + text.size());
  ImGui::PopTextWrapPos();
  ImGui::EndTooltip();
  ImGui::PopStyleVar();
}

}  // namespace paxoscope::viz
