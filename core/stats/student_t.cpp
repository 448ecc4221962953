#include "core/stats/student_t.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace paxoscope {

namespace {

// student_t_within at t = sqrt(degrees) * tan(angle): the angle runs over a bounded range, t does not.
double within_angle(double angle, std::uint64_t degrees) {
  const double sine = std::sin(angle);
  const double cosine = std::cos(angle);
  const bool odd = degrees % 2 == 1;
  // Odd: cos + 2/3 cos^3 + (2*4)/(3*5) cos^5 + ...; even: 1 + 1/2 cos^2 + (1*3)/(2*4) cos^4 + ...
  double term = odd ? cosine : 1.0;
  double sum = 0;
  for (std::uint64_t power = odd ? 1 : 0; power + 2 <= degrees; power += 2) {
    sum += term;
    term *= cosine * cosine * static_cast<double>(power + 1) / static_cast<double>(power + 2);
  }
  return odd ? 2 / std::numbers::pi * (angle + sine * sum) : sine * sum;
}

}  // namespace

double student_t_within(double t, std::uint64_t degrees) {
  return within_angle(std::atan(t / std::sqrt(static_cast<double>(degrees))), degrees);
}

double student_t_quantile(double confidence, std::uint64_t degrees) {
  degrees = std::min<std::uint64_t>(degrees, 100'000);
  double low = 0;
  double high = std::numbers::pi / 2;
  for (int halving = 0; halving < 60; ++halving) {
    const double middle = (low + high) / 2;
    (within_angle(middle, degrees) < confidence ? low : high) = middle;
  }
  return std::sqrt(static_cast<double>(degrees)) * std::tan(low);
}

}  // namespace paxoscope
