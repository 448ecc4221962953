// What a panel draws on: the window, or an SVG file. Both measure text alike, so a panel comes out the same on either.
#pragma once

#include <imgui.h>

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

namespace paxoscope::viz {

// A rectangle in pixels: corners a (top left) and b.
struct Box {
  ImVec2 a = {0, 0}, b = {0, 0};
  float width() const { return b.x - a.x; }
  float height() const { return b.y - a.y; }
  ImVec2 centre() const { return {(a.x + b.x) / 2, (a.y + b.y) / 2}; }
  Box inset(float x, float y) const { return {{a.x + x, a.y + y}, {b.x - x, b.y - y}}; }
  bool contains(ImVec2 p) const { return p.x >= a.x && p.x < b.x && p.y >= a.y && p.y < b.y; }
};

// A message's kind is its shape, and a verdict is a sign, so that nothing depends on colour alone.
enum class Mark : std::uint8_t {
  prepare,   // a ring
  promise,   // a hollow triangle
  accept,    // a disc
  accepted,  // a filled triangle
  rejected,  // a cross
  granted,   // a plus
  square,
  diamond,
};
inline constexpr int kMarks = 8;

enum class Type : std::uint8_t { small, normal, strong, large };  // sizes and weights of text
inline constexpr int kTypes = 4;

// Where a text stands to its point: it begins, is centred, or ends there.
enum class Align : std::uint8_t { left, centre, right };

// What the mouse or the keyboard does to a part of the picture.
struct Touch {
  bool hovered = false;
  bool clicked = false;
  bool double_clicked = false;
  bool held = false;  // the button went down on it and is still down
};

class Canvas {
 public:
  explicit Canvas(float scale) : scale_(scale) {}
  virtual ~Canvas() = default;
  Canvas(const Canvas&) = delete;
  Canvas& operator=(const Canvas&) = delete;

  // Pixels for a length given at scale 1.
  float px(float length) const { return length * scale_; }
  float scale() const { return scale_; }

  virtual void line(ImVec2 a, ImVec2 b, ImU32 colour, float width = 1) = 0;
  virtual void path(std::span<const ImVec2> points, ImU32 colour, float width = 1) = 0;
  virtual void box(const Box& box, ImU32 colour, float rounding = 0) = 0;                     // filled
  virtual void frame(const Box& box, ImU32 colour, float rounding = 0, float width = 1) = 0;  // its outline
  virtual void disc(ImVec2 centre, float radius, ImU32 colour) = 0;
  // An arc from angle `from` to `to`, in radians clockwise from the right; a whole turn makes a ring.
  virtual void arc(ImVec2 centre, float radius, float from, float to, ImU32 colour, float width) = 0;
  virtual void mark(Mark mark, ImVec2 centre, float radius, ImU32 colour) = 0;
  // `at`: the upper edge of the line of text.
  virtual void text(ImVec2 at, ImU32 colour, std::string_view text, Type type, Align align) = 0;
  virtual void push_clip(const Box& box) = 0;
  virtual void pop_clip() = 0;

  // Makes a part of the picture something to point at and click. `name` says which part, and is unique in its window;
  // `tip` explains it on hovering. Parts named first win where they overlap. An SVG is never touched.
  virtual Touch touch(const Box& box, std::string_view name, std::string_view tip) = 0;
  // Explains whatever is pointed at.
  virtual void tip(std::string_view text) = 0;

  // In pixels.
  float text_width(std::string_view text, Type type) const;
  float line_height(Type type) const;

  void text(ImVec2 at, ImU32 colour, std::string_view words, Type type = Type::normal) {
    text(at, colour, words, type, Align::left);
  }
  // With a halo in the background's colour, for labels above lines.
  void label(ImVec2 at, ImU32 colour, ImU32 halo, std::string_view words, Type type = Type::small,
             Align align = Align::left);
  // Cut with an ellipsis where it does not fit in `width`. Returns the width used.
  float text_within(ImVec2 at, float width, ImU32 colour, std::string_view words, Type type = Type::normal,
                    Align align = Align::left);
  // The first of these that fits, else the last, cut: so that what matters most is not what is cut off.
  float text_within(ImVec2 at, float width, ImU32 colour, std::initializer_list<std::string_view> choices,
                    Type type = Type::normal, Align align = Align::left);
  // In lines of at most `width`, as many as fit above `bottom`. Returns the y below the last.
  float paragraph(ImVec2 at, float width, ImU32 colour, std::string_view words, Type type = Type::normal,
                  float bottom = 1e9F);
  std::string shortened(std::string_view words, float width, Type type) const;

 private:
  // How many of the bytes go on a line: up to a space, so that "(2,10)" stays whole; a word that is too long is cut.
  std::size_t line_length(std::string_view words, float width, Type type) const;
  float scale_;
};

}  // namespace paxoscope::viz
