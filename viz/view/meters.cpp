// The meters: what the time that shows came to, for the cluster and for each proposer.
#include "viz/model/meters.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "viz/model/text.h"
#include "viz/view/panels.h"

namespace paxoscope::viz {

namespace {

class MetersPanel : Panel {
 public:
  MetersPanel(Canvas& canvas, const Box& box, Scope& scope)
      : Panel(canvas, box, scope), meters_(scope.meters()), y_(box.a.y) {}

  void draw() {
    canvas_.push_clip({box_.a, {box_.b.x + canvas_.px(2), box_.b.y}});
    const Nanos from = std::max<Nanos>(meters_.from, 0);
    int digits = 3;
    while (digits < 9 && time_text(from, digits) == time_text(meters_.to, digits)) ++digits;
    canvas_.text_within(
        {box_.a.x, y_}, box_.width(), theme_.faint,
        fmt::format("from {} to {}: the time that shows below", time_text(from, digits), time_text(meters_.to, digits)),
        Type::small);
    y_ += canvas_.px(24);
    figures();
    preemptions();
    latency();
    proposers();
    canvas_.pop_clip();
  }

 private:
  void figures() {
    const float column = box_.width() / 3;
    const auto figure = [&](int place, const std::string& number, const char* name, const char* tip) {
      const float x = box_.a.x + column * static_cast<float>(place);
      canvas_.text_within({x, y_}, column - canvas_.px(6), theme_.text, number, Type::large);
      canvas_.text_within({x, y_ + canvas_.px(24)}, column - canvas_.px(6), theme_.quiet, name, Type::small);
      canvas_.touch({{x, y_}, {x + column, y_ + canvas_.px(40)}}, name, tip);
    };
    const double rate = meters_.decisions_per_second;
    figure(0, rate < 1000 ? fmt::format("{:.3g}", rate) : count_text(static_cast<std::uint64_t>(rate)), "decisions/s",
           "Instances decided per second of the run");
    figure(1, meters_.decisions == 0 ? "none" : fmt::format("{:.3g}", meters_.ballots_per_decision), "ballots/decision",
           "Alone it takes one ballot to decide; every further one is a lost round");
    figure(2, fmt::format("{:.0f} %", meters_.wasted * 100), "wasted work",
           "The share of requests that belong to rounds that decided nothing");
    y_ += canvas_.px(52);
  }

  // Three bars of one scale.
  void preemptions() {
    y_ = draw_title(canvas_, {box_.a.x, y_}, theme_, "ROUNDS LOST",
                    "Why rounds failed: refused while preparing, refused while accepting, or no answer in time");
    const std::uint64_t most =
        std::max({meters_.preempted_prepare, meters_.preempted_accept, meters_.timeouts, std::uint64_t{1}});
    bar("in phase 1", meters_.preempted_prepare, most, theme_.faint);
    bar("in phase 2", meters_.preempted_accept, most, theme_.quiet);
    bar("by timeout", meters_.timeouts, most, theme_.line);
    y_ += canvas_.px(12);
  }
  void bar(const char* name, std::uint64_t count, std::uint64_t most, ImU32 colour) {
    const float left = box_.a.x + canvas_.px(78), right = box_.b.x - canvas_.px(48);
    const float width = (right - left) * static_cast<float>(count) / static_cast<float>(most);
    canvas_.text({box_.a.x, y_}, theme_.quiet, name, Type::small);
    canvas_.box({{left, y_ + canvas_.px(2)}, {left + std::max(width, 1.0F), y_ + canvas_.px(12)}}, colour, 2);
    canvas_.text({left + width + canvas_.px(6), y_}, theme_.text, count_text(count), Type::small);
    y_ += canvas_.px(19);
  }

  void latency() {
    y_ = draw_title(canvas_, {box_.a.x, y_}, theme_, "TIME TO DECISION",
                    "From the beginning of an operation until its proposer knew the decision");
    const Histogram& times = meters_.to_end;
    if (meters_.bars.empty()) {
      canvas_.text({box_.a.x, y_}, theme_.quiet, "nothing has ended in this time", Type::small);
      y_ += canvas_.px(30);
      return;
    }
    std::uint64_t most = 1;
    for (const LatencyBar& it : meters_.bars) most = std::max(most, it.count);
    const float height = canvas_.px(44),
                width = std::min(canvas_.px(22), box_.width() / static_cast<float>(meters_.bars.size()));
    float x = box_.a.x;
    for (const LatencyBar& it : meters_.bars) {
      const float share = static_cast<float>(it.count) / static_cast<float>(most);
      canvas_.box({{x, y_ + height * (1 - share)}, {x + width - canvas_.px(2), y_ + height}}, theme_.faint, 1);
      canvas_.touch({{x, y_}, {x + width, y_ + height}}, fmt::format("latency {}", it.from),
                    fmt::format("{} to {}: {}", time_text(it.from, 3), time_text(it.to, 3), count_text(it.count)));
      x += width;
    }
    canvas_.line({box_.a.x, y_ + height}, {x, y_ + height}, theme_.line);
    y_ += height + canvas_.px(4);
    const std::string from = time_text(meters_.bars.front().from, 3), to = time_text(meters_.bars.back().to, 3);
    if (x - box_.a.x > canvas_.text_width(from + to, Type::small) + canvas_.px(12)) {
      canvas_.text({box_.a.x, y_}, theme_.faint, from, Type::small);
      canvas_.text({x, y_}, theme_.faint, to, Type::small, Align::right);
    } else {
      canvas_.text({box_.a.x, y_}, theme_.faint, fmt::format("{} to {}", from, to), Type::small);
    }
    y_ += canvas_.px(20);
    canvas_.text_within({box_.a.x, y_}, box_.width(), theme_.text,
                        fmt::format("p50 {}   p90 {}   p99 {}", time_text(times.percentile(50), 3),
                                    time_text(times.percentile(90), 3), time_text(times.percentile(99), 3)),
                        Type::small);
    y_ += canvas_.px(28);
  }

  // Who won, and where each one's time went.
  void proposers() {
    if (y_ + canvas_.px(40) > box_.b.y) return;
    y_ = draw_title(canvas_, {box_.a.x, y_}, theme_, "WINS, AND WHERE THE TIME WENT",
                    "Solid: waiting for answers. Hatched: backing off. Jain's index is 1 when all win equally often, "
                    "1/n when one does.");
    if (meters_.decisions > 0)
      canvas_.text({box_.b.x, y_ - canvas_.px(22)}, theme_.quiet, fmt::format("fairness {:.2f}", meters_.fairness),
                   Type::small, Align::right);
    std::uint64_t most = 1;
    for (const ProposerMeters& it : meters_.proposers) most = std::max(most, it.won);
    const float row =
        std::clamp((box_.b.y - y_) / static_cast<float>(std::max<std::size_t>(meters_.proposers.size(), 1)),
                   canvas_.px(9), canvas_.px(22));
    for (const ProposerMeters& it : meters_.proposers) proposer(it, row, most);
  }
  void proposer(const ProposerMeters& it, float row, std::uint64_t most) {
    if (y_ + row > box_.b.y + 1) return;
    const ImU32 hue = scope_.owner_colour(it.id);
    const float text_y = y_ + row / 2 - canvas_.line_height(Type::small) * 0.42F,
                half = std::min(row * 0.32F, canvas_.px(5));
    canvas_.text({box_.a.x, text_y}, theme_.text, fmt::format("P{}", it.id), Type::small);
    const float left = box_.a.x + canvas_.px(38), middle = box_.centre().x, y = y_ + row / 2;
    const float won = (middle - left - canvas_.px(36)) * static_cast<float>(it.won) / static_cast<float>(most);
    canvas_.box({{left, y - half}, {left + std::max(won, 1.0F), y + half}}, hue, 2);
    canvas_.text({left + won + canvas_.px(6), text_y}, theme_.text, count_text(it.won), Type::small);
    const auto total = static_cast<float>(std::max<Nanos>(it.waiting + it.backing_off + it.idle, 1));
    const float width = box_.b.x - middle;
    const float waits = width * static_cast<float>(it.waiting) / total,
                backs = width * static_cast<float>(it.backing_off) / total;
    canvas_.box({{middle, y - half}, {middle + waits, y + half}}, faded(hue, 0.7F));
    if (backs > 1)
      hatched(canvas_, {{middle + waits, y - half}, {middle + waits + backs, y + half}}, faded(hue, 0.6F), 4);
    canvas_.line({middle + waits + backs, y}, {box_.b.x, y}, theme_.line);
    canvas_.touch({{box_.a.x, y_}, {box_.b.x, y_ + row}}, fmt::format("meters of P{}", it.id),
                  fmt::format("P{}: won {}, learned {} of others, {} ballots; waited {} for answers, backed off {}",
                              it.id, count_text(it.won), count_text(it.learned), count_text(it.ballots),
                              time_text(it.waiting, 3), time_text(it.backing_off, 3)));
    y_ += row;
  }

  const Meters& meters_;
  float y_;
};

}  // namespace

void draw_meters(Canvas& canvas, const Box& box, Scope& scope) {
  MetersPanel(canvas, box, scope).draw();
}

}  // namespace paxoscope::viz
