#include "core/experiment/sweep.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <utility>

#include "core/backoff/duration.h"
#include "core/backoff/parameters.h"
#include "core/backoff/registry.h"
#include "core/experiment/runner.h"

namespace paxoscope {

namespace {

using nlohmann::json;
using Parameter = std::pair<std::string, std::string>;  // name, value

constexpr std::size_t kPointsMax = 10'000;

std::string name_of_strategy(const std::string& text) {
  return text.substr(0, text.find(':'));
}

std::vector<Parameter> parameters_of(const std::string& strategy) {
  std::vector<Parameter> parameters;
  const std::size_t colon = strategy.find(':');
  // Those of groups are not varied: which group's would it be?
  if (colon == std::string::npos || strategy.find(kGroupSeparator) != std::string::npos) return parameters;
  for_each_between_commas(std::string_view(strategy).substr(colon + 1), [&](std::string_view piece) {
    const std::size_t equals = piece.find('=');
    parameters.emplace_back(piece.substr(0, equals), piece.substr(equals + 1));
  });
  return parameters;
}

std::string strategy_of(const std::string& name, const std::vector<Parameter>& parameters) {
  std::string text = name;
  for (const auto& [parameter, value] : parameters) {
    text += fmt::format("{}{}={}", text.size() == name.size() ? ':' : ',', parameter, value);
  }
  return text;
}

bool any_has_parameter(std::span<const std::string> strategies, std::string_view name) {
  return std::any_of(strategies.begin(), strategies.end(), [&](const std::string& strategy) {
    const auto parameters = parameters_of(strategy);
    return std::any_of(parameters.begin(), parameters.end(), [&](const Parameter& p) { return p.first == name; });
  });
}

// "operations-max" and "operations_max" are the same member.
std::string member_of(std::string_view name) {
  std::string member(name);
  std::replace(member.begin(), member.end(), '-', '_');
  return member;
}

// The network with lognormal latency around its mean, everything else of it as it is.
Expected<std::string> spread_out(const Experiment& experiment, const std::string& value) {
  double sigma = -1;
  const char* end = value.data() + value.size();
  const auto [rest, error] = std::from_chars(value.data(), end, sigma);
  if (error != std::errc() || rest != end || !(sigma >= 0 && sigma <= 5)) {
    return fail(fmt::format("spread is \"{}\"; allowed: 0 to 5", value));
  }
  Experiment plain = experiment;
  plain.round_trip_us = 0;
  const Nanos processing = plain.simulation().network.processing;
  const Nanos one_way = (round_trip_of(plain).value() - processing) / 2;
  const std::string mean = Duration::of_nanos(one_way).to_string();
  const std::string latency =
      sigma == 0 ? fmt::format("constant:{}", mean) : fmt::format("lognormal:{},{}", mean, value);
  if (!experiment.network.starts_with('{')) return latency;
  json network = json::parse(experiment.network);
  network["latency"] = latency;
  return network.dump();
}

Expected<Experiment> with_member(const Experiment& experiment, const std::string& member, const std::string& value) {
  json members = to_json(experiment);
  if (!members.contains(member)) {
    return fail(fmt::format(
        "nothing is called \"{}\"; allowed: a parameter of one of the strategies, spread, a member of an experiment",
        member));
  }
  const bool text = members[member].is_string() || members[member].is_object();
  const json parsed = json::parse(value, nullptr, false);
  members[member] = parsed.is_discarded() || (text && !parsed.is_object()) ? json(value) : parsed;
  return experiment_from_json(members);
}

// Nothing where the strategy has no such parameter.
std::optional<std::string> with_parameter(const std::string& strategy, const std::string& name,
                                          const std::string& value) {
  std::vector<Parameter> parameters = parameters_of(strategy);
  const auto at =
      std::find_if(parameters.begin(), parameters.end(), [&](const Parameter& p) { return p.first == name; });
  if (at == parameters.end()) return std::nullopt;
  at->second = value;
  return strategy_of(name_of_strategy(strategy), parameters);
}

// An experiment on its way to all axes' values.
struct Draft {
  Experiment experiment;
  std::vector<std::optional<std::size_t>> picks;  // by axis: which of its values; none where it does not apply
};

struct Axis : SweepAxis {
  bool parameter;  // of a strategy
};

// Nothing where the axis does not apply: the strategy has no such parameter.
Expected<std::optional<Experiment>> with_value(const Experiment& point, const Axis& axis, const std::string& value) {
  Experiment next = point;
  if (axis.parameter) {
    const auto strategy = with_parameter(point.strategy, axis.name, value);
    if (!strategy) return std::optional<Experiment>();
    next.strategy = *strategy;
    return std::optional(next);
  }
  if (axis.name == "spread") {
    const auto network = spread_out(point, value);
    if (!network) return tl::unexpected(network.error());
    next.network = *network;
    return std::optional(next);
  }
  auto changed = with_member(point, member_of(axis.name), value);
  if (!changed) return tl::unexpected(changed.error());
  return std::optional(*std::move(changed));
}

Expected<std::vector<Draft>> vary(const std::vector<Draft>& drafts, const Axis& axis) {
  std::vector<Draft> varied;
  for (const Draft& draft : drafts) {
    for (std::size_t i = 0; i < axis.values.size(); ++i) {
      const auto next = with_value(draft.experiment, axis, axis.values[i]);
      if (!next) return tl::unexpected(next.error());
      varied.push_back(draft);
      varied.back().picks.push_back(*next ? std::optional(i) : std::nullopt);
      if (varied.size() > kPointsMax) return fail(fmt::format("a sweep has at most {} points", kPointsMax));
      if (!*next) break;
      varied.back().experiment = **next;
    }
  }
  return varied;
}

// The error of the first value that is in no valid point.
std::optional<Error> useless_value(std::span<const Draft> drafts, std::span<const Axis> axes) {
  for (std::size_t axis = 0; axis < axes.size(); ++axis) {
    for (std::size_t value = 0; value < axes[axis].values.size(); ++value) {
      std::optional<Error> problem;
      bool useful = false;
      for (const Draft& draft : drafts) {
        if (draft.picks[axis] != value) continue;
        const auto valid = draft.experiment.validated();
        useful = useful || valid;
        if (!valid && !problem) problem = valid.error();
      }
      if (!useful && problem) return problem;
    }
  }
  return std::nullopt;
}

}  // namespace

Expected<SweepAxis> parse_axis(std::string_view text) {
  const std::size_t equals = text.find('=');
  if (equals == 0 || equals == std::string_view::npos) {
    return fail(fmt::format("{} is not NAME=VALUE,VALUE,..., such as base=0.5R,1R,2R", quoted(text)));
  }
  SweepAxis axis{std::string(text.substr(0, equals)), {}};
  std::string values(text.substr(equals + 1));
  if (values.find(';') != std::string::npos) {
    std::replace(values.begin(), values.end(), ',', '\1');
    std::replace(values.begin(), values.end(), ';', ',');
  }
  for_each_between_commas(values, [&](std::string_view piece) {
    std::string value(piece);
    std::replace(value.begin(), value.end(), '\1', ',');
    axis.values.push_back(std::move(value));
  });
  if (std::find(axis.values.begin(), axis.values.end(), "") != axis.values.end()) {
    return fail(fmt::format("{} has an empty place; allowed: values with commas between them", axis.name));
  }
  return axis;
}

Expected<std::vector<Experiment>> sweep_points(const Experiment& base, std::span<const std::string> strategies,
                                               std::span<const SweepAxis> given) {
  // Parameters last: on the way to all of them they may contradict each other, and all else asks for a valid point.
  std::vector<Axis> axes;
  for (const SweepAxis& axis : given) axes.push_back({axis, any_has_parameter(strategies, axis.name)});
  std::stable_partition(axes.begin(), axes.end(), [](const Axis& axis) { return !axis.parameter; });
  std::vector<Draft> drafts;
  for (const std::string& strategy : strategies) drafts.emplace_back(Draft{base, {}}).experiment.strategy = strategy;
  for (const Axis& axis : axes) {
    auto varied = vary(drafts, axis);
    if (!varied) return tl::unexpected(varied.error());
    drafts = *std::move(varied);
  }
  if (const auto problem = useless_value(drafts, axes)) return tl::unexpected(*problem);
  std::vector<Experiment> points;
  std::set<std::string> known;
  for (const Draft& draft : drafts) {
    auto valid = draft.experiment.validated();
    if (valid && known.insert(to_json(*valid).dump()).second) points.push_back(*std::move(valid));
  }
  return points;
}

std::vector<std::string> tunings(const std::string& strategy) {
  constexpr std::int64_t kFactors[] = {1, 2, 4, 8, 16};  // quarters
  const std::string name = name_of_strategy(strategy);
  std::vector<std::string> texts{strategy};
  for (const auto& [parameter, value] : parameters_of(strategy)) {
    const auto duration = Duration::parse(value);
    if (!duration || !value.ends_with('R') || duration->is_zero()) continue;
    std::vector<std::string> more;
    for (const std::string& text : texts) {
      for (const std::int64_t factor : kFactors) {
        const auto millionths = duration->of(Duration::kMillionthsOfR) * factor / 4;
        const auto tuned = with_parameter(text, parameter, Duration::of_round_trips(millionths).to_string());
        more.push_back(*tuned);
      }
    }
    texts = std::move(more);
  }
  std::erase_if(texts, [](const std::string& text) { return !parse_strategy(text); });
  return texts;
}

std::string wait_parameter(const std::string& strategy) {
  for (const auto& [parameter, value] : parameters_of(strategy)) {
    if (Duration::parse(value)) return parameter;
  }
  return "";
}

}  // namespace paxoscope
