// log and exp from nothing but +, -, * and /, which IEEE 754 rounds the same everywhere. The C library's may differ in
// the last bit from one version or compiler to the next, and then so would every simulated run drawn through them.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace paxoscope {

namespace portable_math_detail {
// ln 2 in two parts; the first has so few bits that its product with an exponent is exact.
inline constexpr double kLn2High = 0x1.62e42feep-1;
inline constexpr double kLn2Low = 0x1.a39ef35793c76p-33;

inline constexpr std::array<double, 15> kInverseFactorials = [] {
  std::array<double, 15> inverse{1};
  double factorial = 1;  // exact up to 18!
  for (std::size_t n = 1; n < inverse.size(); ++n) inverse[n] = 1 / (factorial *= static_cast<double>(n));
  return inverse;
}();
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
  // Every second term apart, so that the two chains of operations do not wait for each other.
  const double fourth = square * square;
  double even = 0, odd = 0;
  for (int i = 23; i >= 7; i -= 4) even = (even + 1.0 / i) * fourth;
  for (int i = 21; i >= 5; i -= 4) odd = (odd + 1.0 / i) * fourth;
  const double series = (even + 1.0 / 3) * square + odd;
  const auto e = static_cast<double>(exponent);
  return e * portable_math_detail::kLn2High + (2 * s + (2 * s * series + e * portable_math_detail::kLn2Low));
}

// e to the x, to about 1e-15 of its size; x is cut to -700 .. 700.
constexpr double portable_exp(double x) {
  x = x < -700 ? -700 : x > 700 ? 700 : x;
  const auto twos = static_cast<std::int64_t>(x * 1.4426950408889634 + (x < 0 ? -0.5 : 0.5));
  const auto k = static_cast<double>(twos);
  const double rest = (x - k * portable_math_detail::kLn2High) - k * portable_math_detail::kLn2Low;  // |rest| < 0.35
  using portable_math_detail::kInverseFactorials;
  const double square = rest * rest;
  double even = kInverseFactorials[14], odd = 0;  // powers of `rest`, in two chains as above
  for (std::size_t n = 13; n < kInverseFactorials.size(); n -= 2) {
    odd = odd * square + kInverseFactorials[n];
    even = even * square + kInverseFactorials[n - 1];
  }
  const double series = even + odd * rest;
  return series * std::bit_cast<double>(static_cast<std::uint64_t>(twos + 1023) << 52);
}

}  // namespace paxoscope
