#include "core/backoff/registry.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "core/backoff/groups.h"
#include "core/backoff/parameters.h"
#include "core/backoff/strategies/aimd.h"
#include "core/backoff/strategies/constant.h"
#include "core/backoff/strategies/decorrelated_jitter.h"
#include "core/backoff/strategies/equal_jitter.h"
#include "core/backoff/strategies/exponential.h"
#include "core/backoff/strategies/fixed_window.h"
#include "core/backoff/strategies/full_jitter.h"
#include "core/backoff/strategies/lease.h"
#include "core/backoff/strategies/linear.h"
#include "core/backoff/strategies/none.h"
#include "core/backoff/strategies/percentile.h"
#include "core/backoff/strategies/proportional_jitter.h"
#include "core/backoff/strategies/random_rank.h"
#include "core/backoff/strategies/ranked.h"
#include "core/backoff/strategies/rebackoff.h"
#include "core/backoff/strategies/slotted.h"
#include "core/backoff/strategies/tdma.h"
#include "core/backoff/strategies/yield.h"
#include "core/backoff/strategy.h"

namespace paxoscope {
namespace {

template <class S>
std::unique_ptr<Strategy> make(Parameters parameters) {
  return std::make_unique<S>(std::move(parameters));
}

// clang-format off
constexpr StrategyInfo kStrategies[] = {
    {"none", "retry at once", "", make<None>},
    {"yield", "give the core away, then retry (threads only)", "yields=1", make<Yield>, {.threads = true}},
    {"constant", "the same wait every time", "wait=1R", make<Constant>},
    {"linear", "min(cap, step*k)", "step=0.5R,cap=8R,reset=win", make<Linear>},
    {"exponential", "e = min(cap, base*2^k)", "base=1R,cap=8R,reset=win", make<Exponential>},
    {"full_jitter", "U(0, e), e as in exponential", "base=1R,cap=8R,reset=win", make<FullJitter>},
    {"equal_jitter", "e/2 + U(0, e/2), e as in exponential", "base=1R,cap=8R,reset=win", make<EqualJitter>},
    {"decorrelated_jitter", "s = min(cap, U(base, 3s))", "base=1R,cap=8R,reset=win", make<DecorrelatedJitter>},
    {"fixed_window", "U(0, window)", "window=5R", make<FixedWindow>},
    {"proportional_jitter", "b*(1 +- jitter), b = min(cap, base*factor^(k-1))", "base=1R,cap=50R,factor=1.6,jitter=0.2,reset=win", make<ProportionalJitter>},
    {"slotted", "slot * randint(0, 2^min(k, doublings) - 1)", "slot=2R,doublings=10,reset=win", make<Slotted>},
    {"rebackoff", "U(0, 1] * 2^k * unit, k <= doublings, k-1 on success", "unit=2R,doublings=10,reset=step", make<Rebackoff>},
    {"percentile", "a window between percentiles of this client's own latency", "low=50,low_factor=0.66,high=95,growth=1.8,floor=10R,cap=100R,gap=5R,gap_factor=0.5,draw=qexp,reset=decided", make<Percentile>},
    {"aimd", "U(0, w), w doubles when preempted and falls by `decrease` on success", "min=1R,cap=64R,decrease=1R", make<Aimd>},
    {"ranked", "rank * slot", "slot=1.5R", make<Ranked>, {.proposers = true}},
    {"tdma", "to the start of one's own slot of N", "slot=1.5R,first=now", make<Tdma>, {.proposers = true, .common_clock = true}},
    {"lease", "wait out the lease of whoever beat us; the holder keeps going", "length=6R", make<Lease>},
    {"random_rank", "no wait; n grows by U{1..most}", "most=1000", make<RandomRank>},
};
// clang-format on

// Levenshtein's distance: how many single-letter edits apart two words are.
std::size_t edit_distance(std::string_view from, std::string_view to) {
  std::vector<std::size_t> row(to.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < from.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i + 1);
    for (std::size_t j = 0; j < to.size(); ++j) {
      const std::size_t replaced = diagonal + (from[i] == to[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, diagonal + 1});
    }
  }
  return row.back();
}

Error unknown_strategy(std::string_view name) {
  constexpr std::size_t kFarthestSuggestion = 3;
  const StrategyInfo* nearest = nullptr;
  std::size_t distance = kFarthestSuggestion + 1;
  std::string allowed;
  for (const StrategyInfo& info : kStrategies) {
    allowed += fmt::format("{}{}", allowed.empty() ? "" : ", ", info.name);
    // Before measuring: a word much longer than every name is near to none.
    if (name.size() > info.name.size() + kFarthestSuggestion) {
      continue;
    }
    if (const std::size_t edits = edit_distance(name, info.name); edits < std::min(distance, info.name.size())) {
      nearest = &info;
      distance = edits;
    }
  }
  return {fmt::format("unknown strategy {}{}; allowed: {}", quoted(name),
                      nearest == nullptr ? "" : fmt::format("; did you mean {}?", nearest->name), allowed)};
}

}  // namespace

std::string StrategyInfo::default_text() const {
  return defaults.empty() ? std::string(name) : fmt::format("{}:{}", name, defaults);
}

std::span<const StrategyInfo> all_strategies() {
  return kStrategies;
}

const StrategyInfo* find_strategy(std::string_view name) {
  const auto* found = std::find_if(std::begin(kStrategies), std::end(kStrategies),
                                   [name](const StrategyInfo& info) { return info.name == name; });
  return found == std::end(kStrategies) ? nullptr : found;
}

namespace {

Expected<std::unique_ptr<Backoff>> parse_one(std::string_view text) {
  const std::size_t name_end = text.find_first_of(":,=");
  const StrategyInfo* info = find_strategy(text.substr(0, name_end));
  if (info == nullptr) {
    return tl::unexpected<Error>(unknown_strategy(text.substr(0, name_end)));
  }
  const bool has_parameters = name_end != std::string_view::npos;
  if (has_parameters && (text[name_end] != ':' || name_end + 1 == text.size())) {
    return fail(fmt::format("{}: parameters are written name:parameter=value,parameter=value, such as {}", quoted(text),
                            info->default_text()));
  }
  auto parameters = Parameters::parse(*info, has_parameters ? text.substr(name_end + 1) : std::string_view());
  if (!parameters) {
    return tl::unexpected<Error>(parameters.error());
  }
  std::unique_ptr<Strategy> strategy = info->make(*std::move(parameters));
  if (!strategy->parameters().error().empty()) {
    return fail(strategy->parameters().error());
  }
  return strategy;
}

}  // namespace

Expected<std::unique_ptr<Backoff>> parse_strategy(std::string_view text) {
  if (text.find(kGroupSeparator) == std::string_view::npos) return parse_one(text);
  std::vector<std::unique_ptr<Backoff>> members;
  for (std::size_t begin = 0, end = 0; end != std::string_view::npos; begin = end + 1) {
    end = text.find(kGroupSeparator, begin);
    auto member = parse_one(text.substr(begin, end == std::string_view::npos ? end : end - begin));
    if (!member) return member;
    members.push_back(*std::move(member));
  }
  return std::make_unique<Groups>(std::move(members));
}

Expected<std::vector<std::string>> split_strategies(std::string_view list) {
  std::vector<std::string> strategies;
  bool has_gap = false;
  if (list == "all") {
    for (const StrategyInfo& info : kStrategies) {
      strategies.emplace_back(info.name);
    }
    return strategies;
  }
  for_each_between_commas(list, [&](std::string_view piece) {
    has_gap = has_gap || piece.empty();
    const std::size_t word_end = piece.find_first_of(":=");
    const bool assigns = word_end != std::string_view::npos && piece[word_end] == '=';
    if (assigns && !strategies.empty() && find_strategy(piece.substr(0, word_end)) == nullptr) {
      strategies.back() += fmt::format(",{}", piece);
    } else {
      strategies.emplace_back(piece);
    }
  });
  if (has_gap) {
    return fail(
        fmt::format("{}: an empty place in the list of strategies; write them with one comma between, "
                    "such as none,full_jitter:base=1R,cap=8R,lease",
                    quoted(list)));
  }
  return strategies;
}

}  // namespace paxoscope
