#include "viz/view/scope.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace paxoscope::viz {

namespace {

constexpr double kZoomSeconds = 0.3;  // long enough for the eye to keep its place
constexpr double kSayingSeconds = 4;
constexpr double kLiveSeconds = 1.5;   // of a live run that show, at its own pace
constexpr double kCursorPlace = 0.72;  // where the cursor stays while time runs

}  // namespace

Scope::Scope(std::unique_ptr<Source> source, std::string name)
    : source_(std::move(source)), name_(std::move(name)), playback_(*source_) {
  show_all();
  view_ = goal_;
  zooming_ = false;
  refresh();
}

void Scope::open(std::unique_ptr<Source> source, std::string name) {
  decree_.reset();  // it refers to the old one's take
  source_ = std::move(source);
  name_ = std::move(name);
  playback_ = Playback(*source_);
  seen_ = now();
  pinned_.reset();
  notes = {};
  selected = hovered = {};
  show_all();
  view_ = goal_;
  zooming_ = false;
  changed();
}

void Scope::advance(double seconds) {
  if (source_->poll()) {
    ++edits_;
    show_what_broke();
  }
  playback_.advance(seconds);
  if (playing()) follow_cursor();
  if (zooming_) {
    const double share = 1 - std::pow(0.01, seconds / kZoomSeconds);
    const auto towards = [&](Nanos from, Nanos to) {
      return from + std::llround(static_cast<double>(to - from) * share);
    };
    view_.from = towards(view_.from, goal_.from);
    view_.to = towards(view_.to, goal_.to);
    const auto apart = std::abs(view_.from - goal_.from) + std::abs(view_.to - goal_.to);
    if (apart <= (goal_.to - goal_.from) / 500 + 2) {
      view_.from = goal_.from;
      view_.to = goal_.to;
      zooming_ = false;
    }
    ladder_fits_ = false;
  }
  said_for_ -= seconds;
  if (said_for_ <= 0) said_.clear();
  refresh();
}

// A trace is judged while it shows already. Who has not gone anywhere in it yet is taken to where the first rule broke.
void Scope::show_what_broke() {
  if (take().findings.empty() || playing() || now() != take().history.first()) return;
  const Finding& first = take().findings.front();
  focus_on(first.instance);
  jump(first.at);
}

void Scope::refresh() {
  source_->reach(now());
  seen_ = std::max(seen_, now());
  const History& history = take().history;
  const InstanceId wanted = pinned_ ? *pinned_ : focus_at(history, now());
  const bool stale = !decree_ || decree_size_ != history.size() || decree_edits_ != edits_;
  if (stale || decree_->instance() != wanted) {
    const bool other = decree_ && decree_->instance() != wanted;
    decree_ = std::make_unique<Decree>(take(), wanted);
    decree_size_ = history.size();
    decree_edits_ = edits_;
    ladder_fits_ = false;
    if (other && selected.kind == Selection::Kind::message) selected = {};
  }
  if (selected.kind == Selection::Kind::message && selected.id >= decree_->messages().size()) selected = {};
  if (hovered.kind == Selection::Kind::message && hovered.id >= decree_->messages().size()) hovered = {};
  moment_ = decree_->at(now());
}

const Ladder& Scope::ladder(float width) {
  if (!ladder_fits_ || view_.width != width) {
    view_.width = goal_.width = width;
    ladder_ = lay_out_ladder(*decree_, view_);
    ladder_fits_ = true;
  }
  return ladder_;
}

const Meters& Scope::meters() {
  const Nanos to = std::max(view_.from + 1, std::min(view_.to, frontier()));
  if (meters_.from != view_.from || meters_.to != to || meters_size_ != take().history.size()) {
    meters_ = measure(take().history, view_.from, to);
    meters_size_ = take().history.size();
  }
  return meters_;
}

const Strip& Scope::strip() {
  if (!strip_ || strip_size_ != take().history.size()) {
    strip_.emplace(take());
    strip_size_ = take().history.size();
  }
  return *strip_;
}

void Scope::return_to(std::size_t fork) {
  if (!may_act()) return;
  live()->return_to(fork);
  changed();
}

// The run is another one: nothing that was made from the old one is of use.
void Scope::changed() {
  ++edits_;
  strip_.reset();
  meters_size_ = 0;
  refresh();
}

void Scope::focus_on(std::optional<InstanceId> instance) {
  pinned_ = instance;
  refresh();
}

void Scope::zoom(double factor, Nanos around) {
  goal_ = goal_.zoomed(factor, goal_.x(around));
  zooming_ = true;
}

void Scope::pan(double share) {
  goal_ = view_ = view_.moved(static_cast<float>(share) * view_.width);
  zooming_ = false;
  ladder_fits_ = false;
}

void Scope::show(Nanos from, Nanos to) {
  goal_.from = from;
  goal_.to = std::max(to, from + 10);
  zooming_ = true;
}

void Scope::show_all() {
  const History& history = take().history;
  Nanos span = history.last() - history.first();
  const bool live = source_->endless();
  if (live) span = static_cast<Nanos>(kLiveSeconds * static_cast<double>(take().pace));
  const Nanos margin = live ? 0 : span / 40 + 1;
  show(history.first() - margin, history.first() + span + margin);
  follow_cursor();
}

void Scope::jump(Nanos at) {
  playback_.play(false);
  playback_.jump(at);
  follow_cursor();
  refresh();
}

void Scope::step(bool back) {
  const bool moved = back ? playback_.step_back() : playback_.step_forward();
  if (!moved) say(back ? "This is the first event." : "This is the last event there is.");
  follow_cursor();
  refresh();
}

void Scope::jump_to_decision() {
  if (decree_->decisive_vote() == Decree::kNone) return say("Nothing has been decided here yet.");
  jump(decree_->events()[decree_->decisive_vote()].at);
}

void Scope::follow_cursor() {
  const Nanos span = goal_.to - goal_.from;
  const auto latest = goal_.from + static_cast<Nanos>(kCursorPlace * static_cast<double>(span));
  Nanos from = goal_.from;
  if (now() > latest && (source_->endless() || goal_.to < take().history.last())) from += now() - latest;
  if (now() < from) from = now() - span / 20;
  if (from == goal_.from) return;
  // Time that runs moves the picture steadily; a jump is a zoom's business.
  goal_.from = from;
  goal_.to = from + span;
  if (!zooming_) view_ = goal_;
  ladder_fits_ = false;
}

void Scope::say(std::string text) {
  said_ = std::move(text);
  said_for_ = kSayingSeconds;
  ++sayings_;
}

bool Scope::may_act() {
  if (live() != nullptr) return true;
  say("This is a recording: it can be looked at, not changed. Open a live scenario to act.");
  return false;
}

void Scope::toggle_crash(AgentKind kind, std::uint32_t id) {
  if (!may_act()) return;
  const NodeName node = {kind, id};
  const bool down = live()->is_down(node, now());
  if (down) {
    live()->restart(node, now());
  } else {
    live()->crash(node, now());
  }
  seen_ = now();
  say(fmt::format("{} {}", text_of(kind, id), down ? "is up again, with what it had promised and voted" : "crashed"));
  if (down) playback_.jump(now() + 1);  // it comes back a moment later
  changed();
}

bool Scope::is_cut(std::uint32_t proposer, std::uint32_t acceptor) const {
  const auto* source = dynamic_cast<const LiveSource*>(source_.get());
  return source != nullptr && source->is_cut(proposer, acceptor, now());
}

void Scope::toggle_link(std::uint32_t proposer, std::uint32_t acceptor) {
  if (!may_act()) return;
  const bool cut = is_cut(proposer, acceptor);
  if (cut) {
    live()->mend(proposer, acceptor, now());
  } else {
    live()->cut(proposer, acceptor, now());
  }
  seen_ = now();
  say(fmt::format("the link between P{} and A{} is {}", proposer, acceptor, cut ? "mended" : "cut"));
  if (cut) playback_.jump(now() + 1);
  changed();
}

bool Scope::change(const Experiment& experiment) {
  if (!may_act()) return false;
  if (const auto changed = live()->change(experiment); !changed) {
    say(changed.error().message);
    return false;
  }
  decree_.reset();
  playback_ = Playback(*source_);
  seen_ = now();
  selected = hovered = {};
  show_all();
  view_ = goal_;
  zooming_ = false;
  changed();
  playback_.play(true);
  return true;
}

ImU32 Scope::owner_colour(ProposerId proposer) const {
  if (look.colour_by == ColourBy::value) return theme().quiet;
  const auto ids = decree_->proposers();
  return theme().hue(static_cast<std::size_t>(std::lower_bound(ids.begin(), ids.end(), proposer) - ids.begin()));
}

ImU32 Scope::value_colour(Value value) const {
  // Values are often 100, 200, ... or an id with a count: what differs must differ here too.
  std::uint64_t mix = static_cast<std::uint64_t>(value) * 0x9e3779b97f4a7c15U;
  mix ^= mix >> 29U;
  return theme().hue(mix % 8);
}

ImU32 Scope::colour(Ballot ballot, Value value) const {
  if (look.colour_by == ColourBy::owner) return owner_colour(ballot.proposer());
  return value == 0 ? theme().quiet : value_colour(value);
}

const Message* Scope::shown_message() const {
  for (const Selection& choice : {hovered, selected}) {
    if (choice.kind == Selection::Kind::message && choice.id < decree_->messages().size())
      return &decree_->messages()[choice.id];
  }
  return nullptr;
}

}  // namespace paxoscope::viz
