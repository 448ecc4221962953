// A length of time as a strategy's parameter: a multiple of R, the round trip, or absolute.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/backoff/wait.h"
#include "core/error.h"

namespace paxoscope {

// Exact: whole millionths of R, or whole nanoseconds. A plain value.
class Duration {
 public:
  static constexpr std::int64_t kMillionthsOfR = 1'000'000;                // in one R
  static constexpr std::int64_t kLongestInR = 1'000'000 * kMillionthsOfR;  // 1,000,000R

  constexpr Duration() = default;  // 0ns
  // 0 <= millionths <= kLongestInR
  static constexpr Duration of_round_trips(std::int64_t millionths) { return {millionths, true}; }
  // 0 <= nanos <= kLongestWait
  static constexpr Duration of_nanos(Nanos nanos) { return {nanos, false}; }

  // "1R", "0.5R", "500ns", "20us", "1ms", "2s". Fails on anything that is not exactly representable, is negative,
  // or is longer than 1000000R or one hour.
  static Expected<Duration> parse(std::string_view text);

  // Canonical: parses back to an equal value. The largest of s, ms, us, ns that needs no decimals.
  std::string to_string() const;

  // In nanoseconds, when R is `round_trip`; rounded down, at most kLongestWait.
  constexpr Nanos of(Nanos round_trip) const {
    return clamp_wait(in_round_trips_ ? WideNanos{amount_} * round_trip / kMillionthsOfR : WideNanos{amount_});
  }

  constexpr bool is_zero() const { return amount_ == 0; }

  // Whether this is shorter than `other` for every R. A multiple of R and an absolute time have no order before
  // R is known, so there the answer is no.
  constexpr bool surely_below(Duration other) const {
    return in_round_trips_ == other.in_round_trips_ && amount_ < other.amount_;
  }

  friend constexpr bool operator==(Duration, Duration) = default;

 private:
  constexpr Duration(std::int64_t amount, bool in_round_trips) : amount_(amount), in_round_trips_(in_round_trips) {}

  std::int64_t amount_ = 0;
  bool in_round_trips_ = false;
};

}  // namespace paxoscope
