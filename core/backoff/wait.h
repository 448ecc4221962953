// The arithmetic that the strategies share. Everything saturates at kLongestWait; nothing overflows.
#pragma once

#include <algorithm>
#include <cstdint>

#include "core/backoff/backoff.h"

namespace paxoscope {

__extension__ using WideNanos = __int128;  // holds the product of any two 64-bit words

// `wait` cut to what a Retry may carry.
constexpr Nanos clamp_wait(WideNanos wait) {
  return static_cast<Nanos>(std::clamp<WideNanos>(wait, 0, kLongestWait));
}

// The same for a finite or infinite, but not NaN, floating-point number; rounds down.
constexpr Nanos clamp_wait_real(double wait) {
  return static_cast<Nanos>(std::clamp(wait, 0.0, static_cast<double>(kLongestWait)));
}

// Uniform over the whole nanoseconds low .. high, both included; 0 <= low <= high.
constexpr Nanos draw_wait(Random& random, Nanos low, Nanos high) {
  return low + static_cast<Nanos>(random.below(static_cast<std::uint64_t>(high - low) + 1));
}

// min(cap, base * 2^k), exact for every k; base and cap >= 0.
constexpr Nanos doubled(Nanos base, std::uint32_t k, Nanos cap) {
  if (base == 0) {
    return 0;
  }
  return k >= 63 || base > (cap >> k) ? cap : base << k;
}

// base^exponent by squaring: at most 64 multiplications, and the same on every C library, unlike std::pow.
constexpr double power(double base, std::uint32_t exponent) {
  double result = 1;
  for (; exponent != 0; exponent >>= 1) {
    if ((exponent & 1) != 0) {
      result *= base;
    }
    base *= base;
  }
  return result;
}

}  // namespace paxoscope
