#include "core/backoff/duration.h"

#include <optional>

#include "core/backoff/decimal.h"

namespace paxoscope {
namespace {

struct Unit {
  std::string_view suffix;
  int places;          // decimals that still give a whole number of millionths of R, or of nanoseconds
  std::int64_t scale;  // 10^places
};

constexpr Unit kRoundTrips = {"R", 6, Duration::kMillionthsOfR};
// "s" comes last for parsing, because the other suffixes end in it.
constexpr Unit kAbsolute[] = {{"ns", 0, 1}, {"us", 3, kMicrosecond}, {"ms", 6, kMillisecond}, {"s", 9, kSecond}};

std::optional<std::int64_t> parse_with(const Unit& unit, std::string_view text) {
  return parse_decimal(text.substr(0, text.size() - unit.suffix.size()), unit.places);
}

}  // namespace

Expected<Duration> Duration::parse(std::string_view text) {
  if (text.ends_with(kRoundTrips.suffix)) {
    if (const auto amount = parse_with(kRoundTrips, text); amount && *amount <= kLongestInR) {
      return of_round_trips(*amount);
    }
  }
  for (const Unit& unit : kAbsolute) {
    if (text.ends_with(unit.suffix)) {
      if (const auto amount = parse_with(unit, text); amount && *amount <= kLongestWait) {
        return of_nanos(*amount);
      }
      break;
    }
  }
  return fail("must be a duration such as 1R, 0.5R, 500ns, 20us, 1ms or 2s, at most 1000000R or 3600s");
}

std::string Duration::to_string() const {
  if (in_round_trips_) {
    return print_decimal(amount_, kRoundTrips.places) + std::string(kRoundTrips.suffix);
  }
  const Unit* largest = &kAbsolute[0];
  for (const Unit& unit : kAbsolute) {
    if (amount_ != 0 && amount_ % unit.scale == 0) {
      largest = &unit;
    }
  }
  return print_decimal(amount_ / largest->scale, 0) + std::string(largest->suffix);
}

}  // namespace paxoscope
