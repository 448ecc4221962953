#include "viz/view/svg_canvas.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numbers>

#include "viz/view/fonts.h"

namespace paxoscope::viz {

namespace {

// An attribute for a colour, with its opacity apart: fill="#56b4e9" fill-opacity="0.5".
std::string paint(std::string_view attribute, ImU32 colour) {
  const unsigned alpha = (colour >> IM_COL32_A_SHIFT) & 0xffU;
  std::string text = fmt::format("{}=\"#{:02x}{:02x}{:02x}\"", attribute, (colour >> IM_COL32_R_SHIFT) & 0xffU,
                                 (colour >> IM_COL32_G_SHIFT) & 0xffU, (colour >> IM_COL32_B_SHIFT) & 0xffU);
  if (alpha < 0xff) text += fmt::format(" {}-opacity=\"{:.3g}\"", attribute, alpha / 255.0);
  return text;
}

std::string escaped(std::string_view text) {
  std::string safe;
  for (const char c : text) {
    switch (c) {
      case '&': safe += "&amp;"; break;
      case '<': safe += "&lt;"; break;
      case '>': safe += "&gt;"; break;
      case '"': safe += "&quot;"; break;
      default: safe += c; break;
    }
  }
  return safe;
}

}  // namespace

SvgCanvas::SvgCanvas(float scale, ImVec2 size, ImU32 background) : Canvas(scale) {
  body_ = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0:.0f}\" height=\"{1:.0f}\" viewBox=\"0 0 {0:.0f} {1:.0f}\" "
      "font-family=\"Roboto, DejaVu Sans, sans-serif\">\n",
      size.x, size.y);
  box({{0, 0}, size}, background, 0);
}

void SvgCanvas::line(ImVec2 a, ImVec2 b, ImU32 colour, float width) {
  fmt::format_to(std::back_inserter(body_),
                 "<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" {} stroke-width=\"{:.3g}\"/>\n", a.x,
                 a.y, b.x, b.y, paint("stroke", colour), px(width));
}

void SvgCanvas::path(std::span<const ImVec2> points, ImU32 colour, float width) {
  body_ += "<polyline points=\"";
  for (const ImVec2 point : points) fmt::format_to(std::back_inserter(body_), "{:.1f},{:.1f} ", point.x, point.y);
  fmt::format_to(std::back_inserter(body_), "\" fill=\"none\" {} stroke-width=\"{:.3g}\"/>\n", paint("stroke", colour),
                 px(width));
}

void SvgCanvas::box(const Box& box, ImU32 colour, float rounding) {
  if (box.width() <= 0 || box.height() <= 0) return;
  fmt::format_to(std::back_inserter(body_),
                 "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" rx=\"{:.3g}\" {}/>\n", box.a.x,
                 box.a.y, box.width(), box.height(), px(rounding), paint("fill", colour));
}

void SvgCanvas::frame(const Box& box, ImU32 colour, float rounding, float width) {
  if (box.width() <= 0 || box.height() <= 0) return;
  fmt::format_to(std::back_inserter(body_),
                 "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" rx=\"{:.3g}\" fill=\"none\" {} "
                 "stroke-width=\"{:.3g}\"/>\n",
                 box.a.x, box.a.y, box.width(), box.height(), px(rounding), paint("stroke", colour), px(width));
}

void SvgCanvas::disc(ImVec2 centre, float radius, ImU32 colour) {
  fmt::format_to(std::back_inserter(body_), "<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"{:.1f}\" {}/>\n", centre.x,
                 centre.y, radius, paint("fill", colour));
}

void SvgCanvas::arc(ImVec2 centre, float radius, float from, float to, ImU32 colour, float width) {
  if (to - from >= 2 * std::numbers::pi_v<float> - 0.001F) {
    fmt::format_to(std::back_inserter(body_),
                   "<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"{:.1f}\" fill=\"none\" {} stroke-width=\"{:.3g}\"/>\n",
                   centre.x, centre.y, radius, paint("stroke", colour), px(width));
    return;
  }
  const auto at = [&](float angle) {
    return ImVec2(centre.x + radius * std::cos(angle), centre.y + radius * std::sin(angle));
  };
  const ImVec2 a = at(from), b = at(to);
  fmt::format_to(std::back_inserter(body_),
                 "<path d=\"M {:.1f} {:.1f} A {:.1f} {:.1f} 0 {} 1 {:.1f} {:.1f}\" fill=\"none\" {} "
                 "stroke-width=\"{:.3g}\"/>\n",
                 a.x, a.y, radius, radius, to - from > std::numbers::pi_v<float> ? 1 : 0, b.x, b.y,
                 paint("stroke", colour), px(width));
}

void SvgCanvas::mark(Mark mark, ImVec2 centre, float radius, ImU32 colour) {
  const float r = radius;
  const auto polygon = [&](std::span<const ImVec2> corners, bool filled) {
    body_ += "<polygon points=\"";
    for (const ImVec2 corner : corners)
      fmt::format_to(std::back_inserter(body_), "{:.1f},{:.1f} ", centre.x + corner.x * r, centre.y + corner.y * r);
    fmt::format_to(std::back_inserter(body_), "\" {}/>\n",
                   filled
                       ? paint("fill", colour)
                       : fmt::format("fill=\"none\" {} stroke-width=\"{:.2f}\"", paint("stroke", colour), r * 0.34F));
  };
  const auto stroke = [&](ImVec2 a, ImVec2 b) {
    line({centre.x + a.x * r, centre.y + a.y * r}, {centre.x + b.x * r, centre.y + b.y * r}, colour,
         r * 0.4F / scale());
  };
  const ImVec2 kTriangle[] = {{0, -0.88F}, {0.9F, 0.68F}, {-0.9F, 0.68F}};
  const ImVec2 kHollow[] = {{0, -0.6F}, {0.64F, 0.5F}, {-0.64F, 0.5F}};
  const ImVec2 kSquare[] = {{-0.8F, -0.8F}, {0.8F, -0.8F}, {0.8F, 0.8F}, {-0.8F, 0.8F}};
  const ImVec2 kDiamond[] = {{0, -1}, {1, 0}, {0, 1}, {-1, 0}};
  switch (mark) {
    case Mark::prepare: arc(centre, r * 0.78F, 0, 7, colour, r * 0.34F / scale()); break;
    case Mark::accept: disc(centre, r * 0.95F, colour); break;
    case Mark::promise: polygon(kHollow, false); break;
    case Mark::accepted: polygon(kTriangle, true); break;
    case Mark::rejected:
      stroke({-0.7F, -0.7F}, {0.7F, 0.7F});
      stroke({-0.7F, 0.7F}, {0.7F, -0.7F});
      break;
    case Mark::granted:
      stroke({-0.9F, 0}, {0.9F, 0});
      stroke({0, -0.9F}, {0, 0.9F});
      break;
    case Mark::square: polygon(kSquare, true); break;
    case Mark::diamond: polygon(kDiamond, true); break;
  }
}

void SvgCanvas::text(ImVec2 at, ImU32 colour, std::string_view words, Type type, Align align) {
  if (words.empty()) return;
  const float size = font_of(type)->FontSize;
  const char* anchor = align == Align::left ? "start" : align == Align::centre ? "middle" : "end";
  // ImGui's font size is the height from ascender to descender; SVG's is the em, and its y is the base line.
  fmt::format_to(
      std::back_inserter(body_),
      "<text x=\"{:.1f}\" y=\"{:.1f}\" font-size=\"{:.1f}\" font-weight=\"{}\" text-anchor=\"{}\" {}>{}</text>\n", at.x,
      at.y + size * 0.79F, size * 0.853F, type == Type::strong || type == Type::large ? 500 : 400, anchor,
      paint("fill", colour), escaped(words));
}

void SvgCanvas::push_clip(const Box& box) {
  ++clips_;
  fmt::format_to(std::back_inserter(body_),
                 "<clipPath id=\"c{}\"><rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\"/></clipPath>"
                 "<g clip-path=\"url(#c{})\">\n",
                 clips_, box.a.x, box.a.y, std::max(box.width(), 0.0F), std::max(box.height(), 0.0F), clips_);
}

void SvgCanvas::pop_clip() {
  body_ += "</g>\n";
}

Touch SvgCanvas::touch(const Box& box, std::string_view name, std::string_view tip) {
  if (box.width() <= 0 || box.height() <= 0) return {};
  fmt::format_to(std::back_inserter(body_),
                 "<rect data-name=\"{}\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" "
                 "fill-opacity=\"0\"><title>{}</title></rect>\n",
                 escaped(name), box.a.x, box.a.y, box.width(), box.height(), escaped(tip.empty() ? name : tip));
  return {};
}

std::string SvgCanvas::finish() {
  return std::move(body_) + "</svg>\n";
}

}  // namespace paxoscope::viz
