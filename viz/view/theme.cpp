#include "viz/view/theme.h"

#include <array>
#include <cmath>

namespace paxoscope::viz {

namespace {

constexpr ImU32 rgb(std::uint32_t hex) {
  return IM_COL32((hex >> 16U) & 0xffU, (hex >> 8U) & 0xffU, hex & 0xffU, 0xff);
}

constexpr std::size_t kHues = 10;
// In pairs of different lightness where the hues are near each other.
constexpr std::array<ImU32, kHues> kOnDark = {rgb(0x56b4e9), rgb(0xe69f00), rgb(0x2fc39a), rgb(0xe58ab9),
                                              rgb(0xf0e442), rgb(0xf2703a), rgb(0x8f9cf4), rgb(0xb7d66b),
                                              rgb(0xd0b49a), rgb(0xb06bff)};
constexpr std::array<ImU32, kHues> kOnLight = {rgb(0x0072b2), rgb(0xc47a00), rgb(0x00875f), rgb(0xb8508a),
                                               rgb(0x8a7d00), rgb(0xcc4a14), rgb(0x5550c0), rgb(0x5d8112),
                                               rgb(0x8a5a32), rgb(0xa020f0)};

constexpr Theme kDark = {.dark = true,
                         .background = rgb(0x13161b),
                         .raised = rgb(0x1c2027),
                         .pressed = rgb(0x2b323d),
                         .line = rgb(0x2c323b),
                         .text = rgb(0xe9ecf1),
                         .quiet = rgb(0xa3acba),
                         .faint = rgb(0x7d8694),
                         .chosen = rgb(0x4ccf8a),
                         .broken = rgb(0xff6b60)};
constexpr Theme kLight = {.dark = false,
                          .background = rgb(0xffffff),
                          .raised = rgb(0xf3f5f8),
                          .pressed = rgb(0xdde3ec),
                          .line = rgb(0xd8dde5),
                          .text = rgb(0x1a1f27),
                          .quiet = rgb(0x525c6b),
                          .faint = rgb(0x687282),
                          .chosen = rgb(0x0b7a46),
                          .broken = rgb(0xc62a1e)};

}  // namespace

ImU32 Theme::hue(std::size_t place) const {
  return (dark ? kOnDark : kOnLight)[place % kHues];
}

ImU32 Theme::text_on(ImU32 coat) const {
  // ITU-R BT.601's weights of brightness; the threshold lies where black and white are told apart equally well.
  const ImVec4 c = ImGui::ColorConvertU32ToFloat4(coat), under = ImGui::ColorConvertU32ToFloat4(background);
  const auto brightness = [](const ImVec4& it) { return 0.299F * it.x + 0.587F * it.y + 0.114F * it.z; };
  const bool light = brightness(c) * c.w + brightness(under) * (1 - c.w) > 0.46F;
  return light == dark ? background : text;
}

const Theme& theme(bool dark) {
  return dark ? kDark : kLight;
}

ImU32 faded(ImU32 colour, float opacity) {
  const auto alpha = static_cast<float>(colour >> IM_COL32_A_SHIFT) * opacity;
  return (colour & ~IM_COL32_A_MASK) | static_cast<ImU32>(std::lround(alpha)) << IM_COL32_A_SHIFT;
}

ImU32 mixed(ImU32 a, ImU32 b, float share) {
  const ImVec4 from = ImGui::ColorConvertU32ToFloat4(a), to = ImGui::ColorConvertU32ToFloat4(b);
  const auto between = [&](float x, float y) { return x + (y - x) * share; };
  return ImGui::ColorConvertFloat4ToU32(
      {between(from.x, to.x), between(from.y, to.y), between(from.z, to.z), between(from.w, to.w)});
}

}  // namespace paxoscope::viz
