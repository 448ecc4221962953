#include "viz/view/canvas.h"

#include <algorithm>

#include "viz/view/fonts.h"

namespace paxoscope::viz {

float Canvas::text_width(std::string_view text, Type type) const {
  const ImFont* font = font_of(type);
  return font->CalcTextSizeA(font->FontSize, 1e9F, 0, text.data(), text.data() + text.size()).x;
}

float Canvas::line_height(Type type) const {
  return font_of(type)->FontSize * 1.25F;
}

void Canvas::label(ImVec2 at, ImU32 colour, ImU32 halo, std::string_view words, Type type, Align align) {
  for (const ImVec2 shift : {ImVec2(-1, 0), ImVec2(1, 0), ImVec2(0, -1), ImVec2(0, 1)}) {
    text({at.x + px(shift.x), at.y + px(shift.y)}, halo, words, type, align);
  }
  text(at, colour, words, type, align);
}

std::string Canvas::shortened(std::string_view words, float width, Type type) const {
  if (text_width(words, type) <= width) return std::string(words);
  const float dots = text_width("…", type);
  const char* rest = nullptr;
  const ImFont* font = font_of(type);
  font->CalcTextSizeA(font->FontSize, width > dots ? width - dots : 0, 0, words.data(), words.data() + words.size(),
                      &rest);
  const auto kept = static_cast<std::size_t>(rest - words.data());
  return kept == 0 ? std::string() : std::string(words.substr(0, kept)) + "…";
}

float Canvas::text_within(ImVec2 at, float width, ImU32 colour, std::string_view words, Type type, Align align) {
  const std::string fitting = shortened(words, width, type);
  text(at, colour, fitting, type, align);
  return text_width(fitting, type);
}

float Canvas::text_within(ImVec2 at, float width, ImU32 colour, std::initializer_list<std::string_view> choices,
                          Type type, Align align) {
  for (const std::string_view words : choices) {
    if (text_width(words, type) <= width) return text_within(at, width, colour, words, type, align);
  }
  return text_within(at, width, colour, *(choices.end() - 1), type, align);
}

std::size_t Canvas::line_length(std::string_view words, float width, Type type) const {
  const char* rest = nullptr;
  const ImFont* font = font_of(type);
  font->CalcTextSizeA(font->FontSize, width, 0, words.data(), words.data() + words.size(), &rest);
  const auto fits = static_cast<std::size_t>(rest - words.data());
  if (fits >= words.size()) return words.size();
  const std::size_t space = words.rfind(' ', fits);
  return space == std::string_view::npos || space == 0 ? std::max<std::size_t>(fits, 1) : space;
}

float Canvas::paragraph(ImVec2 at, float width, ImU32 colour, std::string_view words, Type type, float bottom) {
  while (!words.empty() && at.y + line_height(type) <= bottom) {
    const std::size_t length = line_length(words, width, type);
    text(at, colour, words.substr(0, length), type);
    at.y += line_height(type);
    words.remove_prefix(std::min(words.size(), words.find_first_not_of(' ', length)));
  }
  return at.y;
}

}  // namespace paxoscope::viz
