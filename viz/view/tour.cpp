// The guided tour: the three worked examples, told step by step. What is said is what the plays' authors wrote, after
// a few words on what the screen shows.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "viz/model/scenarios.h"
#include "viz/view/screen.h"

namespace paxoscope::viz {

namespace {

constexpr std::array<std::string_view, 3> kExamples = {"example_1_single_proposer", "example_2_two_proposers",
                                                       "example_3_key_value"};
constexpr std::array<std::string_view, 2> kWelcome = {
    "Proposers, on top, want a value decided. Acceptors, below, promise and vote. Each attempt of a proposer has a "
    "ballot, (number, proposer), and the higher one wins. What a quorum of acceptors, here any two, votes for in one "
    "ballot is decided, for good.",
    "A colour is a proposer, everywhere. A ring asks for a promise, a disc asks for a vote, triangles are the answers, "
    "and a cross is a refusal. Below, the same messages run from left to right in time."};

}  // namespace

void Screen::start_tour(int step) {
  tour_ = Tour{};
  for (const std::string_view text : kWelcome) tour_->stops.push_back({kExamples[0], -1, std::string(text)});
  for (const std::string_view example : kExamples) {
    const auto source = viz::open_scenario(example);
    if (!source) continue;  // shipped with the program: tests open each
    const std::vector<Prose>& prose = (*source)->take().prose;
    for (std::size_t i = 0; i < prose.size(); ++i)
      tour_->stops.push_back({example, static_cast<int>(i), prose[i].text});
  }
  settings_.tour_seen = true;
  overlay_ = Overlay::none;
  tour_->step = std::min(static_cast<std::size_t>(std::max(step, 1)), tour_->stops.size()) - 1;
  tour_step(0);
}

void Screen::tour_step(int by) {
  if (!tour_ || (by < 0 && tour_->step == 0)) return;
  if (by > 0 && tour_->step + 1 >= tour_->stops.size()) {
    end_tour();
    scope_.say("That was the tour. Press s for more scenarios, or / to do anything by name.");
    return;
  }
  tour_->step += static_cast<std::size_t>(by);
  const Stop stop = tour_->stops[tour_->step];
  if (scope_.name() != stop.scenario) {
    Tour tour = std::move(*tour_);  // opening something else ends a tour, but not this one's own
    open_scenario(stop.scenario);
    tour_ = std::move(tour);
  }
  const Take& take = scope_.take();
  const auto place = static_cast<std::size_t>(std::max(stop.prose, 0));
  scope_.jump(stop.prose < 0 ? take.history.first() : take.prose[place].at);
  tour_->until = 0;
  if (stop.prose < 0) return;
  tour_->until = place + 1 < take.prose.size() ? take.prose[place + 1].at - 1 : take.history.last();
  scope_.playback().play(true);
}

void Screen::advance_tour() {
  if (!tour_ || !scope_.playing() || tour_->until == 0 || scope_.now() < tour_->until) return;
  scope_.jump(tour_->until);
}

void Screen::tour(Canvas& canvas, const Box& box) {
  const Theme& theme = scope_.theme();
  const std::string text = tour_->stops[tour_->step].text;
  float y = draw_title(canvas, box.a, theme, "GUIDED TOUR", "The three worked examples, step by step");
  y = canvas.paragraph({box.a.x, y}, box.width(), theme.text, scope_.take().title, Type::strong) + canvas.px(4);
  y = canvas.paragraph({box.a.x, y}, box.width(), theme.text, text) + canvas.px(14);
  const float height = canvas.px(32);
  float x = box.a.x;
  const auto press = [&](const char* name, const char* tip, float width, bool main) {
    const Box place = {{x, y}, {x + canvas.px(width), y + height}};
    if (main) canvas.box(place, theme.pressed, 6);
    x = place.b.x + canvas.px(8);
    return button(canvas, place, theme, name, tip, main);
  };
  const bool next = press("Next", "Next step (Enter)", 84, true),
             back = press("Back", "The step before (Backspace)", 68, false),
             end = press("End tour", "Leave the tour (Esc)", 84, false);
  canvas.text({box.b.x, y + canvas.px(8)}, theme.faint, fmt::format("{} of {}", tour_->step + 1, tour_->stops.size()),
              Type::small, Align::right);
  y += height + canvas.px(20);
  draw_inspector(canvas, {{box.a.x, y}, box.b}, scope_, false);
  if (next) tour_step(1);
  if (back) tour_step(-1);
  if (end) end_tour();
}

}  // namespace paxoscope::viz
