#include "viz/model/staircase.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace paxoscope::viz {

namespace {

std::span<const Vote>::iterator after(std::span<const Vote> marks, Nanos at) {
  return std::upper_bound(marks.begin(), marks.end(), at, [](Nanos t, const Vote& mark) { return t < mark.at; });
}

}  // namespace

Staircase lay_out_staircase(const Decree& decree, const TimeView& view, const LadderOptions& options) {
  Staircase staircase{.view = view, .stairs = {}};
  const Nanos until = std::min(view.to, options.until);
  const auto step =
      std::max<Nanos>(1, static_cast<Nanos>(view.nanos_per_pixel() * static_cast<double>(options.smallest)));
  std::uint64_t low = std::numeric_limits<std::uint64_t>::max(), high = 0;
  for (std::size_t a = 0; a < decree.acceptors().size(); ++a) {
    Stair stair{.acceptor = decree.acceptors()[a], .steps = {}, .votes = {}, .gaps = {}};
    const History& history = decree.take().history;
    if (const auto lane = history.find_lane(AgentKind::acceptor, stair.acceptor))
      stair.gaps = gaps_of(history.lane(*lane), view, until, options.smallest);
    const auto promises = decree.promises_of(a);
    auto next = after(promises, view.from);
    if (next != promises.begin()) --next;
    while (next != promises.end() && next->at <= until) {
      const Nanos from = std::max(next->at, view.from);
      const auto end = std::max(next + 1, after(promises, from + step - 1));
      const Nanos to = end == promises.end() ? until : std::min(end->at, until);
      stair.steps.push_back({view.x(from), view.x(to), (end - 1)->ballot});
      low = std::min(low, next->ballot.n());
      high = std::max(high, (end - 1)->ballot.n());
      next = end;
    }
    Nanos last = std::numeric_limits<Nanos>::min();
    const auto votes = decree.votes_of(a);
    for (auto vote = after(votes, view.from - 1); vote != votes.end() && vote->at <= until;) {
      if (vote->at - step < last) {  // one mark a place
        vote = std::max(vote + 1, after(votes, last + step - 1));
        if (vote == votes.end() || vote->at > until) break;
      }
      last = vote->at;
      stair.votes.push_back({view.x(vote->at), vote->ballot, vote->value, vote->ballot == decree.chosen_in(),
                             fmt::format("{} = {}", text_of(vote->ballot), text_of(decree.instance(), vote->value))});
      ++vote;
    }
    staircase.stairs.push_back(std::move(stair));
  }
  if (high > 0 || low == 0) {
    staircase.n_low = low;
    staircase.n_high = std::max(high, low + 1);
  }
  return staircase;
}

}  // namespace paxoscope::viz
