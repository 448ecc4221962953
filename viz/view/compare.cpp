// Clusters side by side: the same seed, network and time axis, each with its own strategy; what each came to, and the
// difference in words.
#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <string>
#include <utility>

#include "viz/model/comparison.h"
#include "viz/model/text.h"
#include "viz/view/screen.h"

namespace paxoscope::viz {

namespace {

constexpr Nanos kRoundTrips = 60;  // that show at first
constexpr int kFiguresMost = 4;    // of a cluster

class ComparePanel {
 public:
  ComparePanel(Canvas& canvas, const Theme& theme, const Comparison& comparison, const TimeView& view)
      : canvas_(canvas), theme_(theme), comparison_(comparison), view_(view) {}

  // A cluster's operations: a bar for each, from its beginning to its end, on its proposer's line.
  void cluster(std::size_t place, const Box& box) {
    const History& history = comparison_.cluster(place).take().history;
    std::size_t proposers = 0;
    for (std::size_t i = 0; i < history.lanes(); ++i) proposers += history.lane(i).kind == AgentKind::proposer ? 1 : 0;
    if (proposers == 0) return;
    const float row = box.height() / static_cast<float>(proposers);
    const float half = std::min(row * 0.36F, canvas_.px(7));
    canvas_.push_clip(box);
    for (std::size_t i = 0; i < proposers; ++i) {
      const History::Lane& lane = history.lane(i);
      const float y = box.a.y + row * (static_cast<float>(i) + 0.5F);
      const ImU32 hue = theme_.hue(i);
      canvas_.line({box.a.x, y}, {box.b.x, y}, theme_.line);
      for (const Operation& it : lane.operations) {
        if (it.ended < view_.from || it.began > view_.to) continue;
        const Box bar = {{box.a.x + view_.x(it.began), y - half}, {box.a.x + view_.x(it.ended), y + half}};
        canvas_.box(bar, faded(hue, it.won ? 0.9F : 0.28F), 2);
      }
      for (const OpenOperation& it : lane.open) {
        const Box bar = {{box.a.x + view_.x(it.so_far.began), y - half}, {box.b.x, y + half}};
        hatched(canvas_, bar, faded(hue, 0.5F), 5);
      }
    }
    canvas_.pop_clip();
  }

 private:
  Canvas& canvas_;
  const Theme& theme_;
  const Comparison& comparison_;
  TimeView view_;
};

}  // namespace

// The strategies that are compared; each can be changed, and one added or taken away.
void Screen::restart_comparison() {
  Experiment experiment = scope_.live() != nullptr ? scope_.live()->experiment() : live_experiment();
  experiment.operations_max = 0;
  auto started = Comparison::start(experiment, compared_);
  if (!started) return scope_.say(started.error().message);
  comparison_ = std::move(*started);
  const Nanos span = comparison_->cluster(0).round_trip() * kRoundTrips;
  if (compare_span_ <= 0) compare_span_ = span;
}

void Screen::draw_compare(Canvas& canvas, const Box& whole) {
  const Box box = {{whole.a.x, whole.a.y + canvas.px(20)}, whole.b};  // below the names of the columns
  const Theme& theme = scope_.theme();
  if (!comparison_) restart_comparison();
  if (!comparison_) return;
  comparison_->reach(compare_span_);
  // Where width is short, the figures that matter least give way to the picture.
  const float left = box.a.x + std::min(canvas.px(190), box.width() * 0.3F), figure = canvas.px(82);
  const int figures = std::clamp(static_cast<int>((box.b.x - left - canvas.px(150)) / figure), 0, kFiguresMost);
  const float right = box.b.x - figure * static_cast<float>(figures);
  TimeView view{0, compare_span_, right - left};
  const ComparisonSummary summary = comparison_->summary(0, compare_span_);
  ComparePanel panel(canvas, theme, *comparison_, view);
  const float foot = canvas.px(54), height = (box.height() - foot) / static_cast<float>(comparison_->size());
  compare_head(canvas, {{right, box.a.y}, box.b}, figures);
  std::function<void()> change;  // what a click asked for: it takes away what is being drawn
  for (std::size_t i = 0; i < comparison_->size(); ++i) {
    const float top = box.a.y + height * static_cast<float>(i);
    if (auto asked = compare_name(canvas, {{box.a.x, top}, {left, top + height}}, i)) change = std::move(asked);
    panel.cluster(i, {{left, top + canvas.px(6)}, {right, top + height - canvas.px(6)}});
    compare_figures(canvas, {{right, top}, {box.b.x, top + height}}, summary.clusters[i].meters, figures);
    canvas.line({box.a.x, top + height}, {box.b.x, top + height}, faded(theme.line, 0.7F));
  }
  for (const Tick& tick : ticks(view, canvas.px(110)))
    canvas.text({left + tick.x, box.b.y - foot + canvas.px(4)}, theme.faint, tick.label, Type::small, Align::centre);
  canvas.text_within({box.a.x, box.b.y - canvas.px(26)}, box.width(), theme.text, summary.difference, Type::strong);
  const Touch touch = canvas.touch(
      {{left, box.a.y}, {right, box.b.y - foot}}, "compared",
      "Solid: decided with its own value. Pale: learned another's. Hatched: still open. Wheel: more or less time.");
  if (touch.hovered && ImGui::GetIO().MouseWheel != 0)
    compare_span_ =
        std::clamp(static_cast<Nanos>(static_cast<double>(compare_span_) * (ImGui::GetIO().MouseWheel > 0 ? 0.7 : 1.4)),
                   comparison_->cluster(0).round_trip() * 4, comparison_->cluster(0).round_trip() * 4000);
  if (!change) return;
  change();
  comparison_.reset();
}

void Screen::compare_head(Canvas& canvas, const Box& box, int figures) {
  constexpr const char* kNames[kFiguresMost] = {"decisions", "ballots each", "wasted", "p99"};
  for (int i = 0; i < figures; ++i)
    canvas.text(
        {box.a.x + box.width() * static_cast<float>(i + 1) / static_cast<float>(figures), box.a.y - canvas.px(16)},
        scope_.theme().faint, kNames[i], Type::small, Align::right);
}

void Screen::compare_figures(Canvas& canvas, const Box& box, const Meters& meters, int figures) {
  const std::string texts[kFiguresMost] = {
      count_text(meters.decisions),
      meters.decisions == 0 ? std::string("none") : fmt::format("{:.2f}", meters.ballots_per_decision),
      fmt::format("{:.0f} %", meters.wasted * 100),
      meters.to_end.count() == 0 ? std::string("none") : time_text(meters.to_end.percentile(99), 3)};
  for (int i = 0; i < figures; ++i)
    canvas.text({box.a.x + box.width() * static_cast<float>(i + 1) / static_cast<float>(figures),
                 box.centre().y - canvas.px(9)},
                scope_.theme().text, texts[i], Type::strong, Align::right);
}

std::function<void()> Screen::compare_name(Canvas& canvas, const Box& box, std::size_t place) {
  const Theme& theme = scope_.theme();
  const float height = std::min(canvas.px(48), box.height() - canvas.px(2)), y = box.centre().y - height / 2;
  // Where height is short, on one line, and without what adds and removes.
  const bool low = box.height() < canvas.px(34);
  const float left = box.a.x + canvas.px(low ? 48 : 0);
  canvas.text_within({left, low ? box.centre().y - canvas.px(9) : y}, box.b.x - left - canvas.px(14), theme.text,
                     compared_[place], Type::strong);
  float x = box.a.x - canvas.px(6);
  const auto press = [&](const char* text, const char* tip, float width) {
    const Box button_box = {{x, low ? y : y + height / 2}, {x + canvas.px(width), y + height}};
    x = button_box.b.x;
    return button(canvas, button_box, theme, text, tip, false, fmt::format("{} {}", tip, place));
  };
  int by = 0;
  if (press("<", "The strategy before", 24)) by = -1;
  if (press(">", "The next strategy", 24)) by = 1;
  if (by != 0) return [this, place, by] { compared_[place] = next_strategy(compared_[place], by); };
  if (low) return {};
  if (compared_.size() > 2 && press("remove", "Compare without it", 66))
    return [this, place] { compared_.erase(compared_.begin() + static_cast<std::ptrdiff_t>(place)); };
  const bool last = place + 1 == compared_.size();
  if (last && compared_.size() < Comparison::kMost && press("add", "One more cluster", 44))
    return [this] { compared_.emplace_back("lease"); };
  return {};
}

}  // namespace paxoscope::viz
