#include "viz/view/fonts.h"

#include <array>
#include <cmath>
#include <filesystem>
#include <string>

namespace paxoscope::viz {

namespace {

constexpr std::array<const char*, 2> kRegular = {
    "/usr/share/fonts/truetype/roboto/unhinted/RobotoTTF/Roboto-Regular.ttf",
    "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"};
constexpr std::array<const char*, 2> kStrong = {"/usr/share/fonts/truetype/roboto/unhinted/RobotoTTF/Roboto-Medium.ttf",
                                                "/usr/share/fonts/truetype/dejavu/DejaVuSans-Bold.ttf"};

struct Face {
  const std::array<const char*, 2>* files;
  float size;
};
constexpr std::array<Face, kTypes> kFaces = {{{&kRegular, 13}, {&kRegular, 15}, {&kStrong, 15}, {&kStrong, 20}}};

// Latin, Greek letters, dashes, quotes, the ellipsis, signs of mathematics: what our texts use.
constexpr std::array<ImWchar, 11> kRanges = {0x0020, 0x00ff, 0x0391, 0x03c9, 0x2010, 0x2027,
                                             0x2212, 0x2212, 0x2264, 0x2265, 0};

constexpr int kSamples = 4;  // per pixel and direction
constexpr int kBorder = 1;   // empty pixels around a sprite: what is beside it in the texture must not shine in

// How much of a pixel at (x, y), in units of the mark's radius around its centre, a mark covers.
bool inside_triangle(float x, float y, float grow) {
  // Three edges at the same distance from the centre: an equilateral triangle that points up.
  const float inner = 0.52F + grow;
  const float slope = std::sqrt(3.0F) / 2;
  return y - 0.16F < inner && -slope * x * 1.0F - 0.5F * (y - 0.16F) < inner && slope * x - 0.5F * (y - 0.16F) < inner;
}

bool covers(Mark mark, float x, float y) {
  constexpr float kStroke = 0.34F;
  const float r = std::hypot(x, y);
  switch (mark) {
    case Mark::prepare: return r <= 0.95F && r >= 0.95F - kStroke;
    case Mark::accept: return r <= 0.95F;
    case Mark::promise: return inside_triangle(x, y, 0) && !inside_triangle(x, y, -kStroke);
    case Mark::accepted: return inside_triangle(x, y, 0);
    case Mark::rejected: {
      const float u = std::abs(x + y) / std::sqrt(2.0F), v = std::abs(x - y) / std::sqrt(2.0F);
      return (u < 0.2F && v < 1.0F) || (v < 0.2F && u < 1.0F);
    }
    case Mark::granted: return (std::abs(x) < 0.2F && std::abs(y) < 0.9F) || (std::abs(y) < 0.2F && std::abs(x) < 0.9F);
    case Mark::square: return std::abs(x) < 0.8F && std::abs(y) < 0.8F;
    case Mark::diamond: return std::abs(x) + std::abs(y) < 1.0F;
  }
  return false;
}

unsigned char coverage(Mark mark, int px, int py, int size) {
  int hits = 0;
  for (int sy = 0; sy < kSamples; ++sy) {
    for (int sx = 0; sx < kSamples; ++sx) {
      const auto unit = [&](int pixel, int sample) {
        const float at = static_cast<float>(pixel) + (static_cast<float>(sample) + 0.5F) / kSamples;
        return (at / static_cast<float>(size) * 2 - 1) * kSpriteMargin;
      };
      hits += covers(mark, unit(px, sx), unit(py, sy)) ? 1 : 0;
    }
  }
  return static_cast<unsigned char>(hits * 255 / (kSamples * kSamples));
}

void draw_sprite(ImFontAtlas& atlas, unsigned char* pixels, int width, Mark mark) {
  const ImFontAtlasCustomRect& rect = *atlas.GetCustomRectByIndex(static_cast<int>(mark));
  const int size = rect.Width - 2 * kBorder;
  for (int y = 0; y < size; ++y) {
    for (int x = 0; x < size; ++x) {
      pixels[(rect.Y + kBorder + y) * width + rect.X + kBorder + x] = coverage(mark, x, y, size);
    }
  }
}

const char* first_there(const std::array<const char*, 2>& files) {
  for (const char* file : files) {
    std::error_code ignored;
    if (std::filesystem::exists(file, ignored)) return file;
  }
  return nullptr;
}

}  // namespace

Expected<bool> load_fonts(float scale) {
  ImFontAtlas& atlas = *ImGui::GetIO().Fonts;
  atlas.Clear();
  bool as_meant = true;
  for (const Face& face : kFaces) {
    const char* file = first_there(*face.files);
    as_meant = as_meant && file == face.files->front();
    const float size = std::round(face.size * scale);
    if (file != nullptr) {
      ImFontConfig config;
      config.OversampleH = 2;
      config.OversampleV = 1;
      config.RasterizerMultiply = 1.1F;
      atlas.AddFontFromFileTTF(file, size, &config, kRanges.data());
    } else {
      ImFontConfig config;
      config.SizePixels = size;
      atlas.AddFontDefault(&config);
    }
  }
  const int sprite = static_cast<int>(std::round(24 * scale)) + 2 * kBorder;
  for (int i = 0; i < kMarks; ++i) atlas.AddCustomRectRegular(sprite, sprite);
  unsigned char* pixels = nullptr;
  int width = 0, height = 0;
  atlas.GetTexDataAsAlpha8(&pixels, &width, &height);
  for (int i = 0; i < kMarks; ++i) draw_sprite(atlas, pixels, width, static_cast<Mark>(i));
  ImGui::GetIO().FontDefault = font_of(Type::normal);
  if (!as_meant) return fail("Roboto was not found: sudo apt-get install fonts-roboto-unhinted");
  return true;
}

ImFont* font_of(Type type) {
  return ImGui::GetIO().Fonts->Fonts[static_cast<int>(type)];
}

Sprite sprite_of(Mark mark) {
  ImFontAtlas& atlas = *ImGui::GetIO().Fonts;
  Sprite sprite;
  atlas.CalcCustomRectUV(atlas.GetCustomRectByIndex(static_cast<int>(mark)), &sprite.uv0, &sprite.uv1);
  const ImVec2 border = {atlas.TexUvScale.x * kBorder, atlas.TexUvScale.y * kBorder};
  sprite.uv0 = {sprite.uv0.x + border.x, sprite.uv0.y + border.y};
  sprite.uv1 = {sprite.uv1.x - border.x, sprite.uv1.y - border.y};
  return sprite;
}

}  // namespace paxoscope::viz
