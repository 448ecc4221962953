// The space-time diagram: a lane per agent, time along x, messages as slanted lines, what each acceptor has promised
// and voted as bands. Laid out by the model; here it gets its colours, and answers the mouse.
#include "viz/model/ladder.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "viz/view/panels.h"

namespace paxoscope::viz {

namespace {

// The message that is pointed at, what made it be sent, and what it made be sent.
struct Highlight {
  std::uint32_t message = Decree::kNone, cause = Decree::kNone;
  std::vector<std::uint32_t> effects;
  bool any() const { return message != Decree::kNone; }
  bool has(std::uint32_t it) const {
    return it == message || it == cause || std::find(effects.begin(), effects.end(), it) != effects.end();
  }
};

class LadderPanel : Panel {
 public:
  LadderPanel(Canvas& canvas, const Box& box, Scope& scope)
      : Panel(canvas, box, scope),
        plot_{{box.a.x + canvas.px(44), box.a.y}, {box.b.x, box.b.y - canvas.px(24)}},
        ladder_(scope.ladder(plot_.width())) {
    const auto lanes = static_cast<float>(std::max<std::size_t>(ladder_.lanes.size(), 1));
    // Room above for the label of the decision, and below for notes and rules; a gap parts those who ask from those who
    // answer.
    many_ = scope.take().history.instances().size() > 1;
    const bool marked = !scope.notes.annotations.empty() || !scope.take().findings.empty();
    const float head = canvas.px(many_ ? 38 : 20), gap = canvas.px(16), foot = canvas.px(marked ? 18 : 0);
    lane_height_ = std::min(canvas.px(64), (plot_.height() - head - gap - foot) / lanes);
    float y = plot_.a.y + head;
    for (std::size_t i = 0; i < ladder_.lanes.size(); ++i) {
      if (i > 0 && ladder_.lanes[i].kind != ladder_.lanes[i - 1].kind) y += gap;
      middles_.push_back(y + lane_height_ / 2);
      y += lane_height_;
    }
    lanes_bottom_ = y;
    bottom_ = y + foot;
    end_ = std::clamp(ladder_.view.x(scope.frontier()) + 1, 0.0F, plot_.width());
    const Selection shown = scope.hovered.kind == Selection::Kind::message ? scope.hovered : scope.selected;
    if (shown.kind == Selection::Kind::message) {
      const Decree& decree = scope.decree();
      highlight_ = {shown.id, decree.cause_of(shown.id), decree.effects_of(shown.id)};
    }
  }

  void draw() {
    lanes();
    canvas_.push_clip(plot_);
    axis_lines();
    canvas_.push_clip({plot_.a, {x(end_), plot_.b.y}});
    each(ladder_.down, &LadderPanel::down);
    each(ladder_.bands, &LadderPanel::band);
    each(ladder_.rounds, &LadderPanel::round);
    each(ladder_.waits, &LadderPanel::wait);
    each(ladder_.blocks, &LadderPanel::block);
    each(ladder_.gaps, &LadderPanel::gap);
    each(ladder_.lines, &LadderPanel::line);
    for (const LadderMark& it : ladder_.marks) mark(it);
    for (const LadderChosen& it : ladder_.chosen) chosen(it);
    canvas_.pop_clip();
    cursor();
    const std::vector<Broken> broken = findings();
    labels();
    notes();
    name(broken);
    canvas_.pop_clip();
    axis();
    if (many_) instances();
    interact();
  }

 private:
  // What has begun by now.
  template <class Item>
  void each(const std::vector<Item>& items, void (LadderPanel::*show)(const Item&)) {
    for (const Item& it : items) {
      if (it.x0 <= end_) (this->*show)(it);
    }
  }
  float x(float of_view) const { return plot_.a.x + of_view; }
  Box lane_box(std::uint32_t lane, float x0, float x1, float from = -0.36F, float to = 0.36F) const {
    const float y = middles_[lane];
    return {{x(std::max(x0, -4.0F)), y + lane_height_ * from},
            {x(std::min(x1, plot_.width() + 4)), y + lane_height_ * to}};
  }
  float opacity(bool repeats_chosen) const { return repeats_chosen ? 0.45F : 1; }

  void lanes() {
    float named_to = 0;
    for (std::size_t i = 0; i < ladder_.lanes.size(); ++i) {
      const LadderLane& lane = ladder_.lanes[i];
      const float y = middles_[i];
      const float thin = std::min(1.0F, lane_height_ / canvas_.px(8));
      canvas_.line({plot_.a.x, y}, {plot_.b.x, y}, theme_.line, thin);
      if (lane.kind == AgentKind::proposer)
        canvas_.mark(Mark::accept, {box_.a.x + canvas_.px(6), y}, canvas_.px(5) * thin,
                     scope_.owner_colour(lane.agent));
      // Where lanes are lower than a line of text, not each is named.
      if (y < named_to) continue;
      named_to = y + canvas_.line_height(Type::small) * 0.6F;
      canvas_.text({box_.a.x + canvas_.px(16), y - canvas_.line_height(Type::normal) * 0.42F}, theme_.text, lane.label,
                   lane_height_ > canvas_.px(16) ? Type::normal : Type::small);
    }
  }

  void axis_lines() {
    for (const Tick& tick : ticks(ladder_.view, canvas_.px(110))) {
      canvas_.line({x(tick.x), plot_.a.y}, {x(tick.x), bottom_}, faded(theme_.line, 0.6F));
    }
  }
  void axis() {
    const float y = std::min(box_.b.y - canvas_.px(18), bottom_ + canvas_.px(8));
    for (const Tick& tick : ticks(ladder_.view, canvas_.px(110))) {
      if (tick.x < 0 || tick.x > plot_.width() - canvas_.px(30)) continue;
      canvas_.text({x(tick.x), y}, theme_.faint, tick.label, Type::small, Align::centre);
    }
  }

  ImU32 vote_colour(const LadderBand& it) const {
    return faded(scope_.colour(it.ballot, it.value), 0.8F * opacity(it.repeats_chosen));
  }

  // An acceptor's lane: what it has promised, pale, above; what it has voted, solid, below.
  void band(const LadderBand& it) {
    const float dim = opacity(it.repeats_chosen);
    if (it.voted) {
      canvas_.box(lane_box(it.lane, it.x0, it.x1, 0.02F, 0.4F), vote_colour(it), 3);
    } else {
      const ImU32 hue = scope_.owner_colour(it.ballot.proposer());
      canvas_.box(lane_box(it.lane, it.x0, it.x1, -0.4F, 0.0F), faded(hue, 0.24F * dim), 3);
      canvas_.box({{x(it.x0), middles_[it.lane] - lane_height_ * 0.4F}, {x(it.x0) + canvas_.px(2), middles_[it.lane]}},
                  faded(hue, dim));
    }
  }

  void round(const LadderRound& it) {
    const ImU32 hue = scope_.owner_colour(it.ballot.proposer());
    const float strength = (it.phase == Phase::prepare ? 0.22F : 0.5F) * opacity(it.repeats_chosen);
    canvas_.box(lane_box(it.lane, it.x0, it.x1, -0.3F, 0.3F), faded(hue, strength), 3);
  }

  void wait(const LadderWait& it) {
    const ImU32 hue = scope_.owner_colour(ladder_.lanes[it.lane].agent);
    const Box box = lane_box(it.lane, it.x0, it.x1, -0.22F, 0.22F);
    hatched(canvas_, box, faded(hue, 0.4F));
  }

  void block(const LadderBlock& it) {
    const float height = 0.06F + 0.34F * it.height;
    const Box box = lane_box(it.lane, it.x0, std::max(it.x1, it.x0 + 1), -height, height);
    const float bad = it.events == 0 ? 0 : static_cast<float>(it.refusals) / static_cast<float>(it.events);
    canvas_.box(box, faded(mixed(theme_.quiet, theme_.broken, std::min(1.0F, bad * 1.5F)), 0.55F));
  }

  void gap(const LadderGap& it) {
    const Box box = lane_box(it.lane, it.x0, std::max(it.x1, it.x0 + canvas_.px(3)), -0.48F, 0.48F);
    draw_gap(canvas_, box, theme_);
  }

  void down(const LadderDown& it) {
    const Box box = lane_box(it.lane, it.x0, it.x1, -0.48F, 0.48F);
    canvas_.box(box, faded(theme_.broken, 0.1F), 3);
    dashed(canvas_, {box.a.x, middles_[it.lane]}, {box.b.x, middles_[it.lane]}, theme_.broken, 1.5F);
  }

  void line(const LadderLine& it) {
    const Message& message = scope_.decree().messages()[it.message];
    const ImU32 hue = scope_.colour(message.ballot, message.value);
    const bool votes = it.kind == MessageKind::accept || it.kind == MessageKind::accepted;
    const float loud = votes ? 0.95F : message.refusal() ? 0.75F : 0.5F;
    float strength = loud * (it.ignored ? 0.5F : 1) * opacity(it.repeats_chosen);
    float width = votes ? 2.0F : message.refusal() ? 1.5F : 1.1F;
    if (highlight_.any()) {
      strength = highlight_.has(it.message) ? 1 : strength * 0.25F;
      if (it.message == highlight_.message) width = 3;
    }
    // Rim to rim: from the lower edge of one lane to the upper edge of the other.
    const bool falls = middles_[it.from_lane] < middles_[it.to_lane];
    const float from_edge = falls ? lane_height_ * 0.3F : lane_height_ * -0.4F;
    const float to_edge = falls ? lane_height_ * -0.4F : lane_height_ * 0.3F;
    const ImVec2 a = {x(it.x0) + it.shift, middles_[it.from_lane] + from_edge};
    ImVec2 b = {x(it.x1) + it.shift, middles_[it.to_lane] + to_edge};
    const auto reaches = static_cast<float>(message.reaches);
    b = {a.x + (b.x - a.x) * reaches, a.y + (b.y - a.y) * reaches};
    canvas_.line(a, b, faded(hue, strength), width);
    const float radius = std::clamp(lane_height_ * 0.14F, canvas_.px(1.8F), canvas_.px(4.5F));
    const ImU32 clear = faded(theme_.background, lane_height_ < canvas_.px(10) ? 0 : 1);  // not over the next lane
    if (it.kind == MessageKind::rejected) {  // where the request ended: it is crossed out there
      canvas_.mark(Mark::accept, a, radius * 1.6F, clear);
      canvas_.mark(Mark::rejected, a, radius * 1.4F, faded(theme_.text, std::max(strength, 0.6F)));
    }
    if (it.fate == Fate::lost) {
      canvas_.mark(Mark::accept, b, radius * 1.6F, clear);
      canvas_.mark(Mark::prepare, b, radius * 1.5F, theme_.faint);  // as the lamp of a lost request: nobody refuses
      canvas_.mark(Mark::rejected, b, radius * 0.9F, theme_.faint);
    } else if (it.fate == Fate::delivered) {
      canvas_.mark(mark_of(it.kind), b, radius, faded(hue, std::min(1.0F, strength + 0.2F)));
    }
  }

  void mark(const LadderMark& it) {
    const ImVec2 at = {x(it.x), middles_[it.lane]};
    const ImU32 hue = ladder_.lanes[it.lane].kind == AgentKind::proposer
                          ? scope_.owner_colour(ladder_.lanes[it.lane].agent)
                          : theme_.text;
    const float radius = std::min(canvas_.px(6), lane_height_ * 0.3F);
    switch (it.kind) {
      case EventKind::decided:
        canvas_.mark(Mark::diamond, at, radius * 1.5F, theme_.background);
        canvas_.mark(Mark::diamond, at, radius * 1.2F, theme_.chosen);
        break;
      case EventKind::crashed: canvas_.mark(Mark::rejected, at, radius * 1.3F, theme_.broken); break;
      case EventKind::restarted: canvas_.mark(Mark::granted, at, radius * 1.2F, theme_.chosen); break;
      case EventKind::empty:
      case EventKind::abandoned: canvas_.mark(Mark::diamond, at, radius, theme_.faint); break;
      default: canvas_.mark(Mark::square, at, radius * 0.7F, hue); break;
    }
  }

  void chosen(const LadderChosen& it) {
    const float at = x(it.x);
    canvas_.line({at, plot_.a.y}, {at, bottom_}, theme_.chosen, 2);
    canvas_.mark(Mark::accepted, {at, middles_[it.lane] + lane_height_ * 0.2F}, canvas_.px(8), theme_.chosen);
  }

  // Above all lines, with a halo; only where there is room.
  void labels() {
    if (lane_height_ >= canvas_.px(15)) {
      const float lift = canvas_.line_height(Type::small) * 0.42F;
      for (const LadderBand& it : ladder_.bands) band_label(it, lift);
      for (const LadderRound& it : ladder_.rounds) {
        const std::string what = it.phase == Phase::prepare ? "preparing " : "accepting ";
        label_between(it.x0, it.x1, middles_[it.lane] - lift, theme_.text, {what + it.label, it.label});
      }
      for (const LadderGap& it : ladder_.gaps)
        label_between(it.x0, it.x1, middles_[it.lane] - lift, theme_.broken,
                      {it.events == 0 ? std::string("not kept") : fmt::format("{} lost", count_text(it.events))});
      for (const LadderWait& it : ladder_.waits) wait_label(it, lift);
    }
    for (const LadderChosen& it : ladder_.chosen) chosen_label(it);
  }
  void band_label(const LadderBand& it, float lift) {
    const float y = middles_[it.lane] + lane_height_ * (it.voted ? 0.21F : -0.2F) - lift;
    const bool roomy = lane_height_ >= canvas_.px(28);  // a band is as high as its text
    if (it.voted && roomy) return label_between(it.x0, it.x1, y, theme_.text_on(vote_colour(it)), {it.label}, 0);
    if (it.voted) return label_between(it.x0, it.x1, y, theme_.text, {it.label}, 1);
    if (roomy) label_between(it.x0, it.x1, y, theme_.quiet, {it.label});
  }
  void wait_label(const LadderWait& it, float lift) {
    const float y = middles_[it.lane] - lift;
    if (it.attempt == 0) return label_between(it.x0, it.x1, y, theme_.quiet, {"waits to start", "waits"});
    const std::string attempt = fmt::format("attempt {}", it.attempt);
    label_between(it.x0, it.x1, y, theme_.quiet,
                  {"backs off after " + attempt, "after " + attempt, attempt, std::to_string(it.attempt)});
  }
  void chosen_label(const LadderChosen& it) {
    if (it.x > end_) return;
    const float width = canvas_.text_width(it.label, Type::strong);
    const bool left = it.x + width + canvas_.px(12) > plot_.width();
    canvas_.label({x(it.x) + canvas_.px(left ? -8 : 8), plot_.a.y - canvas_.px(1)}, theme_.chosen, theme_.background,
                  it.label, Type::strong, left ? Align::right : Align::left);
  }
  // The first of the labels that fits.
  void label_between(float x0, float x1, float y, ImU32 colour, std::initializer_list<std::string> labels,
                     float halo = 0.75F) {
    const float from = std::max(x0, 0.0F) + canvas_.px(9), to = std::min(x1, end_) - canvas_.px(2);
    const auto fits = [&](const std::string& label) { return canvas_.text_width(label, Type::small) <= to - from; };
    const auto label = std::find_if(labels.begin(), labels.end(), fits);
    if (label == labels.end()) return;
    if (halo == 0) return canvas_.text({x(from), y}, colour, *label, Type::small);
    canvas_.label({x(from), y}, colour, faded(theme_.background, halo), *label);
  }

  // One instance is in focus; the others are a strip above it.
  void instances() {
    const float top = plot_.a.y + canvas_.px(18), bottom = top + canvas_.px(15);
    for (const StripCell& it : scope_.strip().cells(ladder_.view, scope_.decree().instance())) {
      if (it.x1 < 0 || it.x0 > end_) continue;
      const Box cell = {{x(std::max(it.x0, 0.0F)), top},
                        {x(std::min(std::max(it.x1, it.x0 + canvas_.px(3)), end_)), bottom}};
      canvas_.box(cell, it.in_focus ? theme_.text : theme_.line, 2);
      canvas_.frame(cell, theme_.background, 2);
      if (!it.name.empty() && canvas_.text_width(it.name, Type::small) < cell.width() - canvas_.px(12))
        canvas_.text({cell.a.x + canvas_.px(6), cell.a.y + canvas_.px(1)},
                     it.in_focus ? theme_.background : theme_.quiet, it.name, Type::small);
      const Touch touch = canvas_.touch(cell, fmt::format("instance {} {}", it.instance.key, it.instance.ver), it.text);
      if (!touch.clicked) continue;
      scope_.focus_on(it.instance);
      if (const InstanceInfo* info = scope_.take().history.find(it.instance)) scope_.jump(info->began);
    }
  }

  // Where rules broke, those that did at one time together.
  struct Broken {
    float at;
    std::string names;
  };
  std::vector<Broken> findings() {
    std::vector<Broken> broken;
    for (const Finding& it : scope_.take().findings) {
      const float at = ladder_.view.x(it.at);
      if (it.instance != scope_.decree().instance() || at < 0 || at > plot_.width()) continue;
      const std::string name = it.rule == 0 ? std::string("client") : fmt::format("R{}", it.rule);
      if (broken.empty() || broken.back().at != at) {
        broken.push_back({at, name});
        canvas_.line({x(at), plot_.a.y}, {x(at), bottom_}, theme_.broken, 1.5F);
      } else if (!broken.back().names.ends_with(name)) {
        broken.back().names += ", " + name;
      }
    }
    return broken;
  }
  void name(const std::vector<Broken>& broken) {
    float free_from = 0;  // of other names
    for (const Broken& it : broken) {
      const float width = canvas_.text_width(it.names, Type::strong) + canvas_.px(6);
      const float from = it.at + width > plot_.width() ? it.at - width : it.at + canvas_.px(6);
      if (from < free_from) continue;
      free_from = from + width;
      canvas_.label({x(from), lanes_bottom_ + canvas_.px(1)}, theme_.broken, theme_.background, it.names, Type::strong);
    }
  }

  // What a person has noted, as flags on the time axis.
  void notes() {
    for (const Annotation& it : scope_.notes.annotations) {
      const float at = ladder_.view.x(it.at);
      if (at < 0 || at > plot_.width()) continue;
      canvas_.line({x(at), plot_.a.y}, {x(at), bottom_}, faded(theme_.quiet, 0.5F));
      canvas_.mark(Mark::square, {x(at), bottom_}, canvas_.px(4), theme_.quiet);
      const float width = canvas_.text_width(it.text, Type::small) + canvas_.px(7);
      const bool left = at + width > plot_.width() && at > width;
      canvas_.label({x(at) + canvas_.px(left ? -7 : 7), lanes_bottom_ + canvas_.px(3)}, theme_.text, theme_.background,
                    it.text, Type::small, left ? Align::right : Align::left);
    }
  }

  void cursor() {
    const float at = x(ladder_.view.x(scope_.now()));
    canvas_.line({at, plot_.a.y}, {at, bottom_}, theme_.text, 1.2F);
    canvas_.mark(Mark::diamond, {at, bottom_}, canvas_.px(5), theme_.text);
  }

  void interact() {
    // Too small to show: said on hovering, shown on a double click.
    const Touch touch = canvas_.touch({plot_.a, {plot_.b.x, box_.b.y}}, "ladder", "");
    if (!touch.hovered && !touch.held) return;
    const ImVec2 mouse = ImGui::GetMousePos();
    const float at = mouse.x - plot_.a.x;
    const ImGuiIO& io = ImGui::GetIO();
    if (io.MouseWheel != 0) scope_.zoom(std::pow(1.3, io.MouseWheel), ladder_.view.at(at));
    if (io.MouseWheelH != 0) scope_.pan(-0.1 * io.MouseWheelH);
    const LadderBlock* dense = nullptr;
    for (const LadderBlock& it : ladder_.blocks) {
      if (at <= end_ && at >= it.x0 - 1 && at <= it.x1 + 1 && std::abs(mouse.y - middles_[it.lane]) < lane_height_ / 2)
        dense = &it;
    }
    const LadderGap* lost = nullptr;
    for (const LadderGap& it : ladder_.gaps) {
      if (at <= end_ && at >= it.x0 - 1 && at <= std::max(it.x1, it.x0 + canvas_.px(3)) + 1 &&
          std::abs(mouse.y - middles_[it.lane]) < lane_height_ / 2)
        lost = &it;
    }
    const int nearest = at > end_ ? -1 : line_at(ladder_, middles_, at, mouse.y, canvas_.px(6));
    if (nearest >= 0) {
      scope_.hovered = {Selection::Kind::message, ladder_.lines[static_cast<std::size_t>(nearest)].message};
    } else if (lost != nullptr) {
      canvas_.tip(text_of(*lost));
    } else if (dense != nullptr) {
      show_block(*dense);
    }
    if (touch.held && ImGui::IsMouseDragging(ImGuiMouseButton_Left, canvas_.px(4))) {
      scope_.pan(-io.MouseDelta.x / plot_.width());
    } else if (dense != nullptr && touch.double_clicked) {
      const Nanos margin = (dense->to - dense->from) / 10 + 5;
      scope_.show(dense->from - margin, dense->to + margin);
    } else if (touch.clicked && std::abs(mouse.x - io.MouseClickedPos[0].x) < canvas_.px(4)) {
      if (nearest >= 0) scope_.selected = scope_.hovered;
      scope_.jump(ladder_.view.at(at));
    }
  }
  void show_block(const LadderBlock& block) const;

  Box plot_;
  const Ladder& ladder_;
  std::vector<float> middles_;  // of each lane
  float lane_height_ = 0, lanes_bottom_ = 0, bottom_ = 0;
  float end_ = 0;      // nothing has happened yet to the right of it
  bool many_ = false;  // instances
  Highlight highlight_;
};

void LadderPanel::show_block(const LadderBlock& block) const {
  canvas_.frame(lane_box(block.lane, block.x0 - 1, block.x1 + 1, -0.48F, 0.48F), theme_.text, 2);
  canvas_.tip(text_of(ladder_, block) + "\nDouble click to zoom there");
}

}  // namespace

void draw_ladder(Canvas& canvas, const Box& box, Scope& scope) {
  LadderPanel(canvas, box, scope).draw();
}

}  // namespace paxoscope::viz
