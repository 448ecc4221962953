#include "core/backoff/parameters.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/backoff/decimal.h"
#include "core/backoff/registry.h"

namespace paxoscope {
namespace {

constexpr int kNumberPlaces = 6;
constexpr std::int64_t kNumberScale = 1'000'000;

}  // namespace

std::string quoted(std::string_view text) {
  constexpr std::size_t kLongest = 40;
  std::string result(text.substr(0, kLongest));
  std::replace_if(
      result.begin(), result.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  return '"' + result + (text.size() > kLongest ? "...\"" : "\"");
}

Parameters::Parameters(const StrategyInfo& info) : info_(&info) {
  if (info.defaults.empty()) {
    return;
  }
  for_each_between_commas(info.defaults, [this](std::string_view assignment) {
    const std::size_t equals = assignment.find('=');
    parameters_.push_back({assignment.substr(0, equals), std::string(assignment.substr(equals + 1))});
  });
}

Expected<Parameters> Parameters::parse(const StrategyInfo& info, std::string_view overrides) {
  Parameters parameters(info);
  if (overrides.empty()) {
    return parameters;
  }
  Expected<void> result;
  std::vector<std::string_view> seen;
  for_each_between_commas(overrides, [&](std::string_view assignment) {
    if (result) {
      result = parameters.override_with(assignment, seen);
    }
  });
  if (!result) {
    return tl::unexpected<Error>(result.error());
  }
  return parameters;
}

Expected<void> Parameters::override_with(std::string_view assignment, std::vector<std::string_view>& seen) {
  const std::size_t equals = assignment.find('=');
  const std::string_view name = assignment.substr(0, equals);
  Parameter* parameter = find(name);
  if (parameter == nullptr) {
    if (parameters_.empty()) {
      return fail(fmt::format("{} takes no parameters, but {} was given", info_->name, quoted(assignment)));
    }
    std::string allowed;
    for (const Parameter& known : parameters_) {
      allowed += fmt::format("{}{}", allowed.empty() ? "" : ", ", known.name);
    }
    return fail(fmt::format("{} has no parameter {}; allowed: {}", info_->name, quoted(name), allowed));
  }
  if (equals == std::string_view::npos || equals + 1 == assignment.size()) {
    return fail(fmt::format("{}: {} has no value; the default is {}={}", info_->name, name, name, parameter->text));
  }
  if (std::find(seen.begin(), seen.end(), name) != seen.end()) {
    return fail(fmt::format("{}: {} is given more than once", info_->name, name));
  }
  seen.push_back(name);
  parameter->text = assignment.substr(equals + 1);
  return {};
}

Duration Parameters::duration(std::string_view name) {
  const auto parsed = Duration::parse(text_of(name));
  if (!parsed) {
    reject(name, text_of(name), parsed.error().message);
    return {};
  }
  accept(name, parsed->to_string());
  return *parsed;
}

Duration Parameters::positive_duration(std::string_view name) {
  const std::string written = text_of(name);
  const Duration value = duration(name);
  if (value.is_zero()) {
    reject(name, written, "must be above zero");
  }
  return value;
}

Duration Parameters::duration_from(std::string_view name, std::string_view low_name, Duration low) {
  const std::string written = text_of(name);
  const Duration value = positive_duration(name);
  if (value.surely_below(low)) {
    reject(name, written, fmt::format("must not be below {}={}", low_name, low.to_string()));
  }
  return value;
}

std::uint32_t Parameters::count(std::string_view name, std::uint32_t low, std::uint32_t high) {
  const auto parsed = parse_decimal(text_of(name), 0);
  if (!parsed || *parsed < low || *parsed > high) {
    reject(name, text_of(name), fmt::format("must be a whole number from {} to {}", low, high));
    return low;
  }
  accept(name, print_decimal(*parsed, 0));
  return static_cast<std::uint32_t>(*parsed);
}

double Parameters::number(std::string_view name, std::uint32_t low, std::uint32_t high) {
  const auto parsed = parse_decimal(text_of(name), kNumberPlaces);
  if (!parsed || *parsed < low * kNumberScale || *parsed > high * kNumberScale) {
    reject(name, text_of(name),
           fmt::format("must be a number from {} to {} with at most {} decimals", low, high, kNumberPlaces));
    return low;
  }
  accept(name, print_decimal(*parsed, kNumberPlaces));
  return static_cast<double>(*parsed) / static_cast<double>(kNumberScale);
}

std::size_t Parameters::choice(std::string_view name, const std::vector<std::string_view>& allowed) {
  const auto found = std::find(allowed.begin(), allowed.end(), text_of(name));
  if (found == allowed.end()) {
    reject(name, text_of(name), fmt::format("must be one of {}", fmt::join(allowed, ", ")));
    return 0;
  }
  return static_cast<std::size_t>(found - allowed.begin());
}

Reset Parameters::reset() {
  return static_cast<Reset>(choice("reset", {"never", "win", "decided", "step"}));
}

std::string Parameters::to_string() const {
  std::string text(info_->name);
  char separator = ':';
  for (const Parameter& parameter : parameters_) {
    text += fmt::format("{}{}={}", separator, parameter.name, parameter.text);
    separator = ',';
  }
  return text;
}

Parameters::Parameter* Parameters::find(std::string_view name) {
  const auto found = std::find_if(parameters_.begin(), parameters_.end(),
                                  [name](const Parameter& parameter) { return parameter.name == name; });
  return found == parameters_.end() ? nullptr : &*found;
}

std::string Parameters::text_of(std::string_view name) {
  const Parameter* parameter = find(name);
  return parameter == nullptr ? std::string() : parameter->text;
}

void Parameters::accept(std::string_view name, std::string canonical) {
  if (Parameter* parameter = find(name); parameter != nullptr) {
    parameter->text = std::move(canonical);
  }
}

void Parameters::reject(std::string_view name, std::string_view written, std::string_view requirement) {
  if (error_.empty()) {
    error_ = fmt::format("{}: {}={} {}", info_->name, name, quoted(written), requirement);
  }
}

}  // namespace paxoscope
