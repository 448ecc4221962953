// Ballots over time: for each acceptor the staircase of what it has promised, with its votes on it. A duel looks like a
// zipper.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "viz/view/panels.h"

namespace paxoscope::viz {

namespace {

class BallotsPanel {
 public:
  BallotsPanel(Canvas& canvas, const Box& box, Scope& scope)
      : canvas_(canvas),
        scope_(scope),
        theme_(scope.theme()),
        box_(box),
        plot_{{box.a.x + canvas.px(44), box.a.y}, {box.b.x, box.b.y - canvas.px(24)}} {
    view_ = scope.view();
    view_.width = plot_.width();
    const Decree& decree = scope.decree();
    std::set<Ballot> seen;
    for (std::size_t i = 0; i < decree.acceptors().size(); ++i) {
      for (const Vote& promise : decree.promises_of(i)) seen.insert(promise.ballot);
      for (const Vote& vote : decree.votes_of(i)) seen.insert(vote.ballot);
    }
    ballots_.assign(seen.begin(), seen.end());
  }

  void draw() {
    const Decree& decree = scope_.decree();
    for (const Tick& tick : ticks(view_, canvas_.px(110))) {
      if (tick.x < 0 || tick.x > plot_.width()) continue;
      canvas_.line({plot_.a.x + tick.x, plot_.a.y}, {plot_.a.x + tick.x, plot_.b.y}, faded(theme_.line, 0.6F));
      canvas_.text({plot_.a.x + tick.x, box_.b.y - canvas_.px(18)}, theme_.faint, tick.label, Type::small,
                   Align::centre);
    }
    const std::size_t n = decree.acceptors().size();
    if (n == 0 || ballots_.empty()) {
      canvas_.text(plot_.centre(), theme_.quiet, "No acceptor has promised anything on this instance.", Type::normal,
                   Align::centre);
      return;
    }
    const float height = plot_.height() / static_cast<float>(n);
    for (std::size_t i = 0; i < n; ++i) {
      const float top = plot_.a.y + height * static_cast<float>(i);
      staircase(
          i, {{plot_.a.x, top + std::min(canvas_.px(20), height * 0.3F)}, {plot_.b.x, top + height - canvas_.px(6)}});
    }
    const float now = plot_.a.x + view_.x(scope_.now());
    canvas_.push_clip(plot_);
    canvas_.line({now, plot_.a.y}, {now, plot_.b.y}, theme_.text, 1.2F);
    canvas_.pop_clip();
    interact();
  }

 private:
  float x(Nanos at) const { return plot_.a.x + std::clamp(view_.x(at), -4.0F, plot_.width() + 4); }
  float y(const Box& box, Ballot ballot) const {
    const auto place =
        static_cast<float>(std::lower_bound(ballots_.begin(), ballots_.end(), ballot) - ballots_.begin());
    return box.b.y - box.height() * (place + 0.5F) / static_cast<float>(ballots_.size());
  }
  ImU32 promise_colour(Ballot ballot) const {
    return scope_.look.colour_by == ColourBy::owner ? scope_.owner_colour(ballot.proposer()) : theme_.quiet;
  }

  void staircase(std::size_t acceptor, const Box& box) {
    const Decree& decree = scope_.decree();
    canvas_.line({plot_.a.x, box.b.y + canvas_.px(6)}, {plot_.b.x, box.b.y + canvas_.px(6)}, theme_.line);
    canvas_.text({box_.a.x + canvas_.px(10), box.centre().y - canvas_.px(8)}, theme_.text,
                 text_of(AgentKind::acceptor, decree.acceptors()[acceptor]));
    canvas_.push_clip({{plot_.a.x, box.a.y - canvas_.px(20)}, {x(scope_.frontier()) + 1, box.b.y + canvas_.px(6)}});
    const auto promises = decree.promises_of(acceptor);
    const bool roomy = box.height() / static_cast<float>(ballots_.size()) > canvas_.px(4);
    const float thick =
        std::clamp(box.height() / static_cast<float>(ballots_.size()) * 0.4F, canvas_.px(1.5F), canvas_.px(5));
    float last_label = -1e9F;
    for (std::size_t i = 0; i < promises.size(); ++i) {
      const Nanos until = i + 1 < promises.size() ? promises[i + 1].at : std::max(view_.to, promises[i].at);
      if (until < view_.from || promises[i].at > view_.to) continue;
      const ImU32 hue = promise_colour(promises[i].ballot);
      const float left = x(promises[i].at), right = x(until), level = y(box, promises[i].ballot);
      if (right - left < 0.5F) continue;
      canvas_.box({{left, level - thick / 2}, {right, level + thick / 2}}, hue);
      if (i > 0 && roomy) canvas_.line({left, y(box, promises[i - 1].ballot)}, {left, level}, faded(hue, 0.6F));
      const std::string label = text_of(promises[i].ballot);
      if (right - left > canvas_.text_width(label, Type::small) + canvas_.px(8) && left - last_label > canvas_.px(40)) {
        canvas_.label({left + canvas_.px(4), level - canvas_.line_height(Type::small) - canvas_.px(1)}, theme_.quiet,
                      theme_.background, label);
        last_label = left;
      }
    }
    for (const Vote& vote : decree.votes_of(acceptor)) {
      if (vote.at < view_.from || vote.at > view_.to) continue;
      const ImVec2 at = {x(vote.at), y(box, vote.ballot)};
      const bool decisive = vote.ballot == decree.chosen_in();
      canvas_.mark(Mark::accepted, at, canvas_.px(9), theme_.background);
      canvas_.mark(Mark::accepted, at, canvas_.px(7), scope_.colour(vote.ballot, vote.value));
      if (decisive)
        canvas_.label({at.x + canvas_.px(9), at.y + canvas_.px(1)}, theme_.chosen, theme_.background,
                      text_of(decree.instance(), vote.value));
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

  Canvas& canvas_;
  Scope& scope_;
  const Theme& theme_;
  Box box_, plot_;
  TimeView view_;
  std::vector<Ballot> ballots_;  // all of the instance, ascending
};

}  // namespace

void draw_ballots(Canvas& canvas, const Box& box, Scope& scope) {
  BallotsPanel(canvas, box, scope).draw();
}

}  // namespace paxoscope::viz
