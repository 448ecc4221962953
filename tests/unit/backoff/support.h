// Shared by the tests of core/backoff.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/backoff/registry.h"
#include "core/backoff/strategy.h"
#include "core/backoff/wait.h"

namespace paxoscope::backoff_test {

inline constexpr Nanos kR = 10 * kMicrosecond;

inline RetryContext context(Nanos round_trip = kR) {
  RetryContext context;
  context.self = 1;
  context.round_trip = round_trip;
  context.beaten_by = Ballot(7, 2);
  return context;
}

// The strategy of a text that must parse.
inline std::unique_ptr<Backoff> strategy(const std::string& text) {
  auto parsed = parse_strategy(text);
  EXPECT_TRUE(parsed.has_value()) << text << ": " << (parsed ? "" : parsed.error().message);
  return parsed ? *std::move(parsed) : nullptr;
}

// The line that a bad text is refused with; fails the test if it is accepted, or answered with several lines.
inline std::string refusal(const std::string& text) {
  const auto parsed = parse_strategy(text);
  EXPECT_FALSE(parsed.has_value()) << text;
  const std::string line = parsed ? "" : parsed.error().message;
  EXPECT_EQ(line.find('\n'), std::string::npos) << text;
  return line;
}

// The formula alone: the wait after the k-th preemption.
inline Nanos wait_after(const Backoff& backoff, std::uint32_t k, Random& random, Nanos round_trip = kR) {
  return dynamic_cast<const CountingStrategy&>(backoff).wait(k, context(round_trip), random);
}

// Kolmogorov and Smirnov's statistic: the largest distance between the draws and the uniform distribution over
// low .. high, times sqrt(n). Above 1.95 in one of a thousand fair samples.
inline double uniform_distance(std::vector<Nanos> draws, Nanos low, Nanos high) {
  std::sort(draws.begin(), draws.end());
  const auto n = static_cast<double>(draws.size());
  double distance = 0;
  for (std::size_t i = 0; i < draws.size(); ++i) {
    const double expected = static_cast<double>(draws[i] - low) / static_cast<double>(high - low);
    distance = std::max({distance, std::abs(static_cast<double>(i) / n - expected),
                         std::abs(static_cast<double>(i + 1) / n - expected)});
  }
  return distance * std::sqrt(n);
}

inline constexpr double kOneInAThousand = 1.95;

}  // namespace paxoscope::backoff_test
