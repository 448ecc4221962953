#include "viz/model/ladder.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

namespace paxoscope::viz {

namespace {

// More items of the focus than this in the view, or more events of all, and they are not looked at one by one.
constexpr std::size_t kItemsMax = 6000;
constexpr std::uint64_t kEventsLookedAt = 40'000;

class Layout {
 public:
  Layout(const Decree& decree, const TimeView& view, const LadderOptions& options)
      : decree_(decree),
        history_(decree.take().history),
        view_(view),
        options_(options),
        until_(std::min(view.to, options.until)),
        shown_from_(decree.events_before(view.from - 1)),
        shown_(decree.events_before(view.to) - shown_from_, false) {}

  Ladder run() {
    ladder_.view = view_;
    lanes();
    stretches();
    bands();
    lines();
    marks();
    faults_and_gaps();
    decisive_vote();
    blocks();
    return std::move(ladder_);
  }

 private:
  std::uint32_t lane_of_proposer(std::size_t place) const { return static_cast<std::uint32_t>(place); }
  std::uint32_t lane_of_acceptor(std::size_t place) const {
    return static_cast<std::uint32_t>(decree_.proposers().size() + place);
  }
  std::uint32_t lane_of(AgentKind kind, std::uint32_t agent) const {
    const auto ids = kind == AgentKind::proposer ? decree_.proposers() : decree_.acceptors();
    const auto place = static_cast<std::size_t>(std::lower_bound(ids.begin(), ids.end(), agent) - ids.begin());
    return kind == AgentKind::proposer ? lane_of_proposer(place) : lane_of_acceptor(place);
  }
  bool large(float x0, float x1) const { return x1 - x0 >= options_.smallest; }
  float end_x(Nanos to) const { return view_.x(std::min(to, until_)); }
  bool repeats(Ballot ballot) const { return !decree_.chosen_in().is_none() && ballot > decree_.chosen_in(); }
  void show(std::uint32_t event) {
    if (event >= shown_from_ && event - shown_from_ < shown_.size()) shown_[event - shown_from_] = true;
  }

  void lanes() {
    for (const std::uint32_t id : decree_.proposers()) {
      ladder_.lanes.push_back({AgentKind::proposer, id, text_of(AgentKind::proposer, id)});
    }
    for (const std::uint32_t id : decree_.acceptors()) {
      ladder_.lanes.push_back({AgentKind::acceptor, id, text_of(AgentKind::acceptor, id)});
    }
  }

  void stretches() {
    for (std::size_t p = 0; p < decree_.proposers().size(); ++p) {
      const auto all = decree_.stretches_of(p);
      const auto first =
          std::partition_point(all.begin(), all.end(), [&](const Stretch& s) { return s.to < view_.from; });
      const auto last = std::partition_point(first, all.end(), [&](const Stretch& s) { return s.from <= until_; });
      if (static_cast<std::size_t>(last - first) > kItemsMax) continue;
      for (const Stretch& stretch : std::span(first, last)) add(stretch, lane_of_proposer(p));
    }
  }

  void add(const Stretch& stretch, std::uint32_t lane) {
    const float x0 = view_.x(stretch.from), x1 = end_x(stretch.to);
    if (!large(x0, x1)) return;
    show(stretch.begins);
    const bool waits = stretch.kind == Stretch::Kind::backing_off || stretch.kind == Stretch::Kind::waiting_to_start;
    if (waits) {
      ladder_.waits.push_back({lane, x0, x1, stretch.attempt, stretch.why});
    } else {
      const Phase phase = stretch.kind == Stretch::Kind::preparing ? Phase::prepare : Phase::accept;
      ladder_.rounds.push_back({lane, x0, x1, stretch.ballot, phase, repeats(stretch.ballot), text_of(stretch.ballot)});
    }
  }

  void bands() {
    for (std::size_t a = 0; a < decree_.acceptors().size(); ++a) {
      bands_of(decree_.promises_of(a), lane_of_acceptor(a), false);
      bands_of(decree_.votes_of(a), lane_of_acceptor(a), true);
    }
  }

  // Where marks are closer than the smallest thing shown, one band a place: the one that held there.
  void bands_of(std::span<const Vote> marks, std::uint32_t lane, bool voted) {
    const auto after = [&](Nanos at) {
      return std::upper_bound(marks.begin(), marks.end(), at, [](Nanos t, const Vote& mark) { return t < mark.at; });
    };
    const auto step = static_cast<Nanos>(view_.nanos_per_pixel() * static_cast<double>(options_.smallest));
    auto next = after(view_.from);
    if (next != marks.begin()) --next;
    while (next != marks.end() && next->at <= until_) {
      auto end = next + 1;
      const Nanos from = std::max(next->at, view_.from);
      if (end != marks.end() && end->at - from < step) end = after(from + std::max<Nanos>(step, 1));
      const auto held = end - 1;  // at the end of this place
      const float x0 = view_.x(from), x1 = end_x(end == marks.end() ? view_.to : end->at);
      const std::string ballot = text_of(held->ballot);
      ladder_.bands.push_back(
          {lane, voted, x0, x1, held->ballot, held->value, repeats(held->ballot),
           voted ? fmt::format("{} = {}", ballot, text_of(decree_.instance(), held->value)) : ballot});
      next = end;
    }
  }

  void lines() {
    const auto messages = decree_.messages();
    const auto [first, last] = decree_.messages_between(view_.from, until_);
    if (last - first > 4 * kItemsMax) return;
    std::vector<std::pair<float, std::uint32_t>> large_ones;  // length in time, place
    for (std::uint32_t i = first; i < last; ++i) {
      const Message& message = messages[i];
      if (message.arrives < view_.from || message.sent > until_) continue;
      const float length = view_.x(message.arrives) - view_.x(message.sent);
      if (length >= options_.smallest) large_ones.emplace_back(length, i);
    }
    if (large_ones.size() > options_.lines_max) {
      const auto enough = large_ones.begin() + options_.lines_max;
      std::nth_element(large_ones.begin(), enough, large_ones.end(), std::greater<>());
      large_ones.erase(enough, large_ones.end());
    }
    std::sort(large_ones.begin(), large_ones.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
    std::vector<std::uint32_t> together;  // lanes that sent within a pixel of each other
    float together_x = -std::numeric_limits<float>::max();
    for (const auto& [length, i] : large_ones) {
      const Message& message = messages[i];
      LadderLine line{.message = i,
                      .from_lane = lane_of(message.from_kind(), message.from),
                      .to_lane = lane_of(message.to_kind(), message.to),
                      .x0 = view_.x(message.sent),
                      .x1 = view_.x(message.arrives),
                      .reaches = message.reaches,
                      .kind = message.kind,
                      .fate = message.fate,
                      .owner = message.owner(),
                      .ignored = message.ignored,
                      .repeats_chosen = repeats(message.ballot)};
      if (message.arrives > until_) {  // only as far as it has got
        const double share =
            static_cast<double>(until_ - message.sent) / static_cast<double>(message.arrives - message.sent);
        line.reaches *= share;
        line.x1 = view_.x(until_);
        line.fate = Fate::unknown;
      }
      if (line.x0 - together_x > 1) {
        together.clear();
        together_x = line.x0;
      }
      const auto sender = std::find(together.begin(), together.end(), line.from_lane);
      line.shift = 2.0F * static_cast<float>(sender - together.begin());
      if (sender == together.end()) together.push_back(line.from_lane);
      if (message.duplicate) line.shift += 2;
      ladder_.lines.push_back(line);
      show(message.sent_by);
      if (message.received_by != Decree::kNone && message.arrives <= until_) show(message.received_by);
    }
  }

  static bool is_mark(EventKind kind) {
    return kind == EventKind::proposed || kind == EventKind::decided || kind == EventKind::empty ||
           kind == EventKind::abandoned || kind == EventKind::crashed || kind == EventKind::restarted;
  }

  void marks() {
    if (shown_.size() > 8 * kItemsMax) return;
    std::vector<float> last(ladder_.lanes.size(), -std::numeric_limits<float>::max());
    for (std::uint32_t i = 0; i < shown_.size(); ++i) {
      const Event& event = decree_.events()[shown_from_ + i];
      if (event.at > until_) break;
      if (!is_mark(event.kind)) continue;
      const std::uint32_t lane = lane_of(event.agent_kind, event.agent);
      const float x = view_.x(event.at);
      if (x - last[lane] < options_.smallest) continue;
      last[lane] = x;
      ladder_.marks.push_back({lane, x, shown_from_ + i, event.kind});
      shown_[i] = true;
    }
  }

  void faults_and_gaps() {
    for (std::uint32_t lane = 0; lane < ladder_.lanes.size(); ++lane) {
      const auto found = history_.find_lane(ladder_.lanes[lane].kind, ladder_.lanes[lane].agent);
      if (!found) continue;
      const History::Lane& of = history_.lane(*found);
      for (LadderGap& gap : gaps_of(of, view_, until_, options_.smallest)) {
        gap.lane = lane;
        ladder_.gaps.push_back(gap);
      }
      Nanos down_since = -1;
      for (const EventId id : of.faults) {
        const Event fault = history_.event(id);
        if (fault.kind == EventKind::crashed) down_since = fault.at;
        if (fault.kind == EventKind::restarted && down_since >= 0) down(lane, std::exchange(down_since, -1), fault.at);
      }
      if (down_since >= 0) down(lane, down_since, view_.to);
    }
  }

  void down(std::uint32_t lane, Nanos from, Nanos to) {
    if (to < view_.from || from > until_) return;
    ladder_.down.push_back({lane, view_.x(from), end_x(to)});
  }

  void decisive_vote() {
    if (decree_.decisive_vote() == Decree::kNone) return;
    const Event& vote = decree_.events()[decree_.decisive_vote()];
    if (vote.at < view_.from || vote.at > until_) return;
    ladder_.chosen.push_back(
        {view_.x(vote.at), lane_of(AgentKind::acceptor, vote.agent),
         fmt::format("chosen {} at {}", text_of(decree_.instance(), decree_.chosen()), text_of(decree_.chosen_in()))});
  }

  // Events that nothing above shows.
  void blocks() {
    std::uint64_t events = 0;
    for (std::size_t i = 0; i < history_.lanes(); ++i) {
      const History::Lane& lane = history_.lane(i);
      events += history_.position_of(lane, until_) - history_.position_of(lane, view_.from);
    }
    ladder_.events = events;
    const Nanos span =
        std::max<Nanos>(1, static_cast<Nanos>(view_.nanos_per_pixel() * static_cast<double>(options_.smallest)));
    for (std::size_t i = 0; i < history_.lanes(); ++i) {
      const History::Lane& lane = history_.lane(i);
      const std::uint32_t number = lane_of(lane.kind, lane.agent);
      for (const Cell& cell : history_.cells(lane, view_.from, until_, span)) {
        ladder_.blocks.push_back({.lane = number,
                                  .x0 = view_.x(cell.from),
                                  .x1 = std::max(view_.x(cell.to), view_.x(cell.from) + 1),
                                  .from = cell.from,
                                  .to = cell.to,
                                  .events = cell.events,
                                  .refusals = cell.refusals});
      }
    }
    if (events <= kEventsLookedAt) leave_out_shown();
    std::uint64_t densest = 1, hidden = 0;
    for (const LadderBlock& block : ladder_.blocks) {
      densest = std::max(densest, block.events);
      hidden += block.events;
    }
    ladder_.others = history_.instances().size() > 1;
    ladder_.shown = events - std::min(events, hidden);
    for (LadderBlock& block : ladder_.blocks)
      block.height = static_cast<float>(block.events) / static_cast<float>(densest);
  }

  // The blocks counted every event: takes those away that are shown.
  void leave_out_shown() {
    for (std::uint32_t i = 0; i < shown_.size(); ++i) {
      if (!shown_[i]) continue;
      const Event& event = decree_.events()[shown_from_ + i];
      const std::uint32_t lane = lane_of(event.agent_kind, event.agent);
      auto block =
          std::lower_bound(ladder_.blocks.begin(), ladder_.blocks.end(), std::pair(lane, event.at),
                           [](const LadderBlock& b, const auto& key) { return std::pair(b.lane, b.to) < key; });
      if (block == ladder_.blocks.end() || block->lane != lane || block->from > event.at) continue;
      if (block->events > 0) --block->events;
      if (event.kind == EventKind::backed_off || (event.agent_kind == AgentKind::acceptor && !event.granted)) {
        block->refusals -= block->refusals > 0 ? 1 : 0;
      }
    }
    std::erase_if(ladder_.blocks, [](const LadderBlock& block) { return block.events == 0; });
  }

  const Decree& decree_;
  const History& history_;
  TimeView view_;
  LadderOptions options_;
  Nanos until_;
  std::uint32_t shown_from_;  // place of the first event in the view
  std::vector<bool> shown_;   // by place, from there
  Ladder ladder_;
};

float distance(float px, float py, float ax, float ay, float bx, float by) {
  const float dx = bx - ax, dy = by - ay;
  const float length = dx * dx + dy * dy;
  const float t = length <= 0 ? 0 : std::clamp(((px - ax) * dx + (py - ay) * dy) / length, 0.0F, 1.0F);
  return std::hypot(px - (ax + t * dx), py - (ay + t * dy));
}

}  // namespace

TimeView TimeView::zoomed(double factor, float x) const {
  constexpr double kSpanMin = 20, kSpanMax = 3.6e12;
  const double span = std::clamp(static_cast<double>(to - from) / factor, kSpanMin, kSpanMax);
  const double share = static_cast<double>(x) / static_cast<double>(width);
  TimeView zoomed = *this;
  zoomed.from = from + static_cast<Nanos>((static_cast<double>(to - from) - span) * share);
  zoomed.to = zoomed.from + static_cast<Nanos>(span);
  return zoomed;
}

TimeView TimeView::moved(float dx) const {
  const auto by = static_cast<Nanos>(static_cast<double>(dx) * nanos_per_pixel());
  return {from + by, to + by, width};
}

Ladder lay_out_ladder(const Decree& decree, const TimeView& view, const LadderOptions& options) {
  return Layout(decree, view, options).run();
}

std::vector<LadderGap> gaps_of(const History::Lane& lane, const TimeView& view, Nanos until, float smallest) {
  std::vector<LadderGap> gaps;
  const Nanos end = std::min(view.to, until);
  auto gap =
      std::partition_point(lane.gaps.begin(), lane.gaps.end(), [&](const LaneGap& g) { return g.to < view.from; });
  for (; gap != lane.gaps.end() && gap->from <= end; ++gap) {
    const float x0 = view.x(gap->from), x1 = std::max(x0 + 1, view.x(std::min(gap->to, end)));
    if (gaps.empty() || x0 - gaps.back().x1 >= smallest) gaps.push_back({.x0 = x0, .x1 = x1});
    LadderGap& shown = gaps.back();
    shown.x1 = x1;
    shown.events += gap->events;
    shown.counted = shown.counted && gap->events > 0;
  }
  return gaps;
}

std::string text_of(const Ladder& ladder, const LadderBlock& block) {
  const std::string text =
      fmt::format("too small to show{}: {} event{}", ladder.others ? ", or of other instances" : "",
                  count_text(block.events), block.events == 1 ? "" : "s");
  if (block.refusals == 0) return text;
  return text + fmt::format(", {} of them refusals", count_text(block.refusals));
}

std::string text_of(const LadderGap& gap) {
  if (gap.events == 0) return "overwritten: what was recorded here was not kept";
  return fmt::format("{}{} event{} lost: recorded faster than they were taken", gap.counted ? "" : "at least ",
                     count_text(gap.events), gap.events == 1 ? "" : "s");
}

int line_at(const Ladder& ladder, const std::vector<float>& lane_y, float x, float y, float reach) {
  int best = -1;
  for (std::size_t i = 0; i < ladder.lines.size(); ++i) {
    const LadderLine& line = ladder.lines[i];
    const float y0 = lane_y[line.from_lane];
    const float y1 = y0 + (lane_y[line.to_lane] - y0) * static_cast<float>(line.reaches);
    const float away = distance(x, y, line.x0 + line.shift, y0, line.x1 + line.shift, y1);
    if (away > reach) continue;
    reach = away;
    best = static_cast<int>(i);
  }
  return best;
}

std::vector<Tick> ticks(const TimeView& view, float spacing) {
  if (view.width <= 0) return {};  // no room for any
  const double least = std::max(1.0, view.nanos_per_pixel() * static_cast<double>(spacing));
  double step = std::pow(10.0, std::floor(std::log10(least)));
  for (const double factor : {2.0, 5.0, 10.0}) {
    if (step >= least) break;
    step = std::pow(10.0, std::floor(std::log10(least))) * factor;
  }
  const auto by = static_cast<Nanos>(step);
  struct Unit {
    double nanos;
    const char* name;
  };
  Unit unit{1e9, "s"};
  const auto most = static_cast<double>(std::max(std::abs(view.from), std::abs(view.to)));
  for (const Unit& smaller : {Unit{1e6, "ms"}, Unit{1e3, "us"}, Unit{1, "ns"}}) {
    if (most < unit.nanos) unit = smaller;
  }
  const int decimals = std::max(0, static_cast<int>(std::ceil(std::log10(unit.nanos / step) - 1e-9)));
  std::vector<Tick> ticks;
  Nanos at = view.from / by * by;
  if (at < view.from) at += by;
  for (; at <= view.to; at += by) {
    ticks.push_back(
        {at, view.x(at), fmt::format("{:.{}f} {}", static_cast<double>(at) / unit.nanos, decimals, unit.name)});
  }
  return ticks;
}

}  // namespace paxoscope::viz
