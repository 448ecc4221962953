// Student's t distribution, for intervals around means of few values.
#pragma once

#include <cstdint>

namespace paxoscope {

// P(-t <= T <= t) for T with `degrees` >= 1 degrees of freedom, at t >= 0.
// Abramowitz and Stegun, "Handbook of Mathematical Functions", 26.7.3 and 26.7.4: exact finite sums.
double student_t_within(double t, std::uint64_t degrees);

// The t for which student_t_within(t, degrees) = confidence, in (0, 1); degrees >= 1. Two-sided: 0.95 gives
// the 97.5 % quantile. From 100,000 degrees on, the answer for 100,000 (closer to the normal limit than 3e-5).
double student_t_quantile(double confidence, std::uint64_t degrees);

}  // namespace paxoscope
