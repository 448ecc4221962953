// log and exp from nothing but +, -, * and /, which IEEE 754 rounds the same everywhere. The C library's may differ in
// the last bit from one version or compiler to the next, and then so would every simulated run drawn through them.
#pragma once

#include <bit>
#include <cstdint>

namespace paxoscope {

namespace portable_math_detail {
// ln 2 in two parts; the first has so few bits that its product with an exponent is exact.
inline constexpr double kLn2High = 0x1.62e42feep-1;
inline constexpr double kLn2Low = 0x1.a39ef35793c76p-33;
}  // namespace portable_math_detail

// The natural logarithm of a normal x > 0, to about 1e-16 of its size.
constexpr double portable_log(double x) {
  const auto bits = std::bit_cast<std::uint64_t>(x);
  auto exponent = static_cast<std::int64_t>(bits >> 52) - 1023;
  double mantissa = std::bit_cast<double>((bits & 0x000fffffffffffffU) | 0x3ff0000000000000U);  // 1 .. 2
  if (mantissa > 1.4142135623730951) {
    mantissa *= 0.5;
    ++exponent;
  }
  // ln m = 2 artanh s, s = (m - 1) / (m + 1), |s| < 0.172.
  const double s = (mantissa - 1) / (mantissa + 1);
  const double square = s * s;
  double series = 0;
  for (int odd = 23; odd >= 3; odd -= 2) series = (series + 1.0 / odd) * square;
  const auto e = static_cast<double>(exponent);
  return e * portable_math_detail::kLn2High + (2 * s + (2 * s * series + e * portable_math_detail::kLn2Low));
}

// e to the x, to about 1e-15 of its size; x is cut to -700 .. 700.
constexpr double portable_exp(double x) {
  x = x < -700 ? -700 : x > 700 ? 700 : x;
  const auto twos = static_cast<std::int64_t>(x * 1.4426950408889634 + (x < 0 ? -0.5 : 0.5));
  const auto k = static_cast<double>(twos);
  const double rest = (x - k * portable_math_detail::kLn2High) - k * portable_math_detail::kLn2Low;  // |rest| < 0.35
  double series = 1;
  for (int n = 14; n >= 1; --n) series = 1 + series * rest / n;
  return series * std::bit_cast<double>(static_cast<std::uint64_t>(twos + 1023) << 52);
}

}  // namespace paxoscope
