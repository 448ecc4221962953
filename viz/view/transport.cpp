// The bar at the bottom: play, step, speed, and the whole run as a strip to scrub.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "viz/model/text.h"
#include "viz/view/panels.h"

namespace paxoscope::viz {

namespace {

// Icons are drawn: a triangle to the right (or left), a bar beside it.
void triangle(Canvas& canvas, ImVec2 at, float size, bool left, ImU32 colour) {
  const float way = left ? -size : size;
  // Filled by lines, so that it needs no shape of its own.
  for (float y = -size; y <= size; y += 1) {
    const float reach = way * (1 - std::abs(y) / size);
    canvas.line({at.x - way * 0.5F, at.y + y}, {at.x - way * 0.5F + reach * 1.5F, at.y + y}, colour);
  }
}

enum class Icon : std::uint8_t { home, back, play, pause, forward, end };

void icon(Canvas& canvas, Icon which, ImVec2 at, ImU32 colour) {
  const float size = canvas.px(7);
  const auto bar = [&](float x) {
    canvas.box({{at.x + x - canvas.px(1.5F), at.y - size}, {at.x + x + canvas.px(1.5F), at.y + size}}, colour);
  };
  switch (which) {
    case Icon::home: bar(-size), triangle(canvas, {at.x + canvas.px(2), at.y}, size * 0.8F, true, colour); break;
    case Icon::back: triangle(canvas, at, size * 0.8F, true, colour), bar(size); break;
    case Icon::play: triangle(canvas, {at.x - canvas.px(1), at.y}, size * 1.1F, false, colour); break;
    case Icon::pause: bar(-canvas.px(4)), bar(canvas.px(4)); break;
    case Icon::forward: triangle(canvas, at, size * 0.8F, false, colour), bar(-size); break;
    case Icon::end: bar(size), triangle(canvas, {at.x - canvas.px(2), at.y}, size * 0.8F, false, colour); break;
  }
}

class Transport : Panel {
 public:
  Transport(Canvas& canvas, const Box& box, Scope& scope) : Panel(canvas, box, scope), x_(box.a.x) {}

  void draw() {
    if (press(Icon::home, "home", "To the beginning (Home)")) scope_.jump(scope_.take().history.first());
    if (press(Icon::back, "step back", "One step back (left arrow)")) scope_.step(true);
    const bool playing = scope_.playing();
    if (press(playing ? Icon::pause : Icon::play, "play", playing ? "Pause (space)" : "Play (space)"))
      scope_.playback().play(!playing);
    if (press(Icon::forward, "step", "One step forward (right arrow)")) scope_.step(false);
    if (press(Icon::end, "end", "To the end (End)")) scope_.jump(scope_.take().history.last());
    x_ += canvas_.px(10);
    speed();
    time();
    strip();
  }

 private:
  float text_y() const { return box_.centre().y - canvas_.line_height(Type::normal) * 0.42F; }

  bool press(Icon which, const char* name, const char* tip) {
    const float size = canvas_.px(34);
    const Box box = {{x_, box_.centre().y - size / 2}, {x_ + size, box_.centre().y + size / 2}};
    const Touch touch = canvas_.touch(box, name, tip);
    const bool main = which == Icon::play || which == Icon::pause;
    if (touch.hovered || main) canvas_.box(box, touch.hovered ? theme_.pressed : theme_.raised, 17);
    icon(canvas_, which, box.centre(), touch.hovered || main ? theme_.text : theme_.quiet);
    x_ += size + canvas_.px(2);
    return touch.clicked;
  }

  void speed() {
    const auto change = [&](const char* sign, double factor, const char* tip) {
      const Box box = {{x_, box_.centre().y - canvas_.px(14)}, {x_ + canvas_.px(24), box_.centre().y + canvas_.px(14)}};
      if (button(canvas_, box, theme_, sign, tip)) scope_.playback().set_speed(scope_.playback().speed() * factor);
      x_ = box.b.x;
    };
    change("−", 0.5, "Half as fast ( [ )");
    const double factor = scope_.playback().speed();
    const std::string text = factor >= 1 ? fmt::format("{:.4g}×", factor) : fmt::format("1/{:.4g}", 1 / factor);
    canvas_.text({x_ + canvas_.px(26), text_y()}, theme_.text, text, Type::normal, Align::centre);
    canvas_.touch({{x_, box_.a.y}, {x_ + canvas_.px(52), box_.b.y}}, "speed",
                  fmt::format("Speed: {} of the run in one second, from 1/1000 to 1000×",
                              time_text(std::llround(static_cast<double>(scope_.take().pace) * factor), 3)));
    x_ += canvas_.px(52);
    change("+", 2, "Twice as fast ( ] )");
    x_ += canvas_.px(14);
  }

  void time() {
    canvas_.text({x_ + canvas_.px(78), text_y()}, theme_.text, time_text(scope_.now(), 5), Type::strong, Align::right);
    x_ += canvas_.px(96);
  }

  // Where the events are, what of it shows above, and the cursor. Pressing or dragging moves the cursor.
  void strip() {
    const Box box = {{x_, box_.centre().y - canvas_.px(11)}, {box_.b.x, box_.centre().y + canvas_.px(11)}};
    const History& history = scope_.take().history;
    const Nanos first = history.first(),
                last = std::max({std::min(scope_.frontier(), history.last()), scope_.now(), first + 1});
    const auto at = [&](Nanos time) {
      return box.a.x +
             static_cast<float>(static_cast<double>(time - first) / static_cast<double>(last - first)) * box.width();
    };
    canvas_.line({box.a.x, box.centre().y}, {box.b.x, box.centre().y}, theme_.line, 2);
    density(history, first, last, box);
    const float from = std::clamp(at(scope_.view().from), box.a.x, box.b.x),
                to = std::clamp(at(scope_.view().to), box.a.x, box.b.x);
    canvas_.box({{from, box.a.y}, {to, box.b.y}}, faded(theme_.quiet, 0.12F), 4);
    for (const Finding& finding : scope_.take().findings)
      canvas_.mark(Mark::rejected, {at(finding.at), box.centre().y}, canvas_.px(6), theme_.broken);
    const float cursor = std::clamp(at(scope_.now()), box.a.x, box.b.x);
    canvas_.line({cursor, box.a.y - canvas_.px(2)}, {cursor, box.b.y + canvas_.px(2)}, theme_.text, 2);
    const Touch touch = canvas_.touch(box, "timeline", "The whole run: press or drag to move the cursor");
    if (touch.held) {
      const double share = std::clamp((ImGui::GetMousePos().x - box.a.x) / box.width(), 0.0F, 1.0F);
      scope_.jump(first + static_cast<Nanos>(share * static_cast<double>(last - first)));
    }
  }
  void density(const History& history, Nanos first, Nanos last, const Box& box) {
    const float bar = canvas_.px(4);
    const auto span = std::max<Nanos>(
        1, static_cast<Nanos>(static_cast<double>(last - first) * static_cast<double>(bar / box.width())));
    std::vector<std::uint64_t> counts(static_cast<std::size_t>(box.width() / bar) + 2);
    for (std::size_t lane = 0; lane < history.lanes(); ++lane) {
      for (const Cell& cell : history.cells(history.lane(lane), first, last + 1, span)) {
        const double share = static_cast<double>(cell.from - first) / static_cast<double>(last - first);
        const auto place = static_cast<std::size_t>(share * static_cast<double>(box.width() / bar));
        if (place < counts.size()) counts[place] += cell.events;
      }
    }
    const std::uint64_t most = std::max<std::uint64_t>(1, *std::max_element(counts.begin(), counts.end()));
    for (std::size_t i = 0; i < counts.size(); ++i) {
      if (counts[i] == 0) continue;
      const float height = (0.2F + 0.8F * static_cast<float>(counts[i]) / static_cast<float>(most)) * canvas_.px(8);
      const float left = box.a.x + static_cast<float>(i) * bar;
      canvas_.box({{left, box.centre().y - height}, {std::min(left + bar - 1, box.b.x), box.centre().y + height}},
                  faded(theme_.quiet, 0.45F));
    }
  }

  float x_;
};

}  // namespace

void draw_transport(Canvas& canvas, const Box& box, Scope& scope) {
  Transport(canvas, box, scope).draw();
}

}  // namespace paxoscope::viz
