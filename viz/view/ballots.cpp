// Ballots over time: for each acceptor the staircase of what it has promised, with its votes on it. A duel looks like a
// zipper.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "viz/model/staircase.h"
#include "viz/view/panels.h"

namespace paxoscope::viz {

namespace {

class BallotsPanel : Panel {
 public:
  BallotsPanel(Canvas& canvas, const Box& box, Scope& scope)
      : Panel(canvas, box, scope), plot_{{box.a.x + canvas.px(44), box.a.y}, {box.b.x, box.b.y - canvas.px(24)}} {
    view_ = scope.view();
    view_.width = plot_.width();
    staircase_ = lay_out_staircase(scope.decree(), view_);
  }

  void draw() {
    for (const Tick& tick : ticks(view_, canvas_.px(110))) {
      if (tick.x < 0 || tick.x > plot_.width()) continue;
      canvas_.line({plot_.a.x + tick.x, plot_.a.y}, {plot_.a.x + tick.x, plot_.b.y}, faded(theme_.line, 0.6F));
      canvas_.text({plot_.a.x + tick.x, box_.b.y - canvas_.px(18)}, theme_.faint, tick.label, Type::small,
                   Align::centre);
    }
    const auto& stairs = staircase_.stairs;
    if (std::all_of(stairs.begin(), stairs.end(),
                    [](const Stair& it) { return it.steps.empty() && it.gaps.empty(); })) {
      canvas_.text(plot_.centre(), theme_.quiet, "No acceptor has promised anything in this time on this instance.",
                   Type::normal, Align::centre);
      return interact();
    }
    const float height = plot_.height() / static_cast<float>(stairs.size());
    for (std::size_t i = 0; i < stairs.size(); ++i) {
      const float top = plot_.a.y + height * static_cast<float>(i);
      // Room above for a ballot's label, and below for the value that was chosen.
      draw_stair(stairs[i],
                 {{plot_.a.x, top + std::min(canvas_.px(20), height * 0.3F)},
                  {plot_.b.x, top + height - std::min(canvas_.px(16), height * 0.3F)}},
                 top + height);
    }
    const float now = plot_.a.x + view_.x(scope_.now());
    canvas_.push_clip(plot_);
    canvas_.line({now, plot_.a.y}, {now, plot_.b.y}, theme_.text, 1.2F);
    canvas_.pop_clip();
    interact();
  }

 private:
  float x(Nanos at) const { return plot_.a.x + std::clamp(view_.x(at), -4.0F, plot_.width() + 4); }
  // Numbers are as high as they are; those of one number, one above the other by proposer.
  float levels() const {
    return static_cast<float>(staircase_.n_high - staircase_.n_low + 1) * static_cast<float>(proposers().size());
  }
  std::span<const std::uint32_t> proposers() const { return scope_.decree().proposers(); }
  float y(const Box& box, Ballot ballot) const {
    const auto rank = std::lower_bound(proposers().begin(), proposers().end(), ballot.proposer()) - proposers().begin();
    const float level = static_cast<float>(ballot.n() - staircase_.n_low) * static_cast<float>(proposers().size()) +
                        static_cast<float>(rank) + 0.5F;
    return box.b.y - box.height() * level / levels();
  }

  void draw_stair(const Stair& stair, const Box& box, float bottom) {
    canvas_.line({plot_.a.x, bottom}, {plot_.b.x, bottom}, theme_.line);
    canvas_.text({box_.a.x + canvas_.px(10), box.centre().y - canvas_.px(8)}, theme_.text,
                 text_of(AgentKind::acceptor, stair.acceptor));
    canvas_.push_clip({{plot_.a.x, box.a.y - canvas_.px(20)}, {x(scope_.frontier()) + 1, bottom}});
    const bool roomy = box.height() / levels() > canvas_.px(2);
    const float thick = std::clamp(box.height() / levels() * 0.4F, canvas_.px(2), canvas_.px(5));
    float last_label = -1e9F, before = 0;
    for (const StairStep& step : stair.steps) {
      const ImU32 hue = scope_.owner_colour(step.ballot.proposer());
      const float left = plot_.a.x + step.x0, right = plot_.a.x + step.x1, level = y(box, step.ballot);
      canvas_.box({{left, level - thick / 2}, {right, level + thick / 2}}, hue);
      if (before != 0 && roomy) canvas_.line({left, before}, {left, level}, faded(hue, 0.6F));
      before = level;
      const std::string label = text_of(step.ballot);
      if (right - left > canvas_.text_width(label, Type::small) + canvas_.px(8) && left - last_label > canvas_.px(40)) {
        canvas_.label({left + canvas_.px(4), level - canvas_.line_height(Type::small) - canvas_.px(1)}, theme_.quiet,
                      theme_.background, label);
        last_label = left;
      }
    }
    for (const StairVote& vote : stair.votes) {
      const ImVec2 at = {plot_.a.x + vote.x, y(box, vote.ballot)};
      canvas_.mark(Mark::accepted, at, canvas_.px(9), theme_.background);
      canvas_.mark(Mark::accepted, at, canvas_.px(7), scope_.colour(vote.ballot, vote.value));
      if (vote.chosen)
        canvas_.label({at.x + canvas_.px(9), at.y + canvas_.px(1)}, theme_.chosen, theme_.background,
                      text_of(scope_.decree().instance(), vote.value));
    }
    for (const LadderGap& gap : stair.gaps) {
      const Box place = {{plot_.a.x + gap.x0, box.a.y}, {plot_.a.x + gap.x1, box.b.y}};
      draw_gap(canvas_, place, theme_);
      canvas_.touch(place, fmt::format("gap of A{} at {:.0f}", stair.acceptor, gap.x0), text_of(gap));
    }
    canvas_.pop_clip();
  }

  void interact() {
    const Touch touch = canvas_.touch({plot_.a, {plot_.b.x, box_.b.y}}, "ballots", "");
    if (!touch.hovered && !touch.held) return;
    const ImGuiIO& io = ImGui::GetIO();
    const float at = io.MousePos.x - plot_.a.x;
    if (io.MouseWheel != 0) scope_.zoom(std::pow(1.3, io.MouseWheel), view_.at(at));
    if (touch.held && ImGui::IsMouseDragging(ImGuiMouseButton_Left, canvas_.px(4))) {
      scope_.pan(-io.MouseDelta.x / plot_.width());
    } else if (touch.clicked && std::abs(io.MousePos.x - io.MouseClickedPos[0].x) < canvas_.px(4)) {
      scope_.jump(view_.at(at));
    }
  }

  Box plot_;
  TimeView view_;
  Staircase staircase_;
};

}  // namespace

void draw_ballots(Canvas& canvas, const Box& box, Scope& scope) {
  BallotsPanel(canvas, box, scope).draw();
}

}  // namespace paxoscope::viz
