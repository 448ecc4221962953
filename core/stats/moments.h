// Count, mean and variance of a stream of numbers, without keeping them.
#pragma once

#include <cmath>
#include <cstdint>

namespace paxoscope {

// Welford: "Note on a method for calculating corrected sums of squares and products", Technometrics 1962.
// Not thread-safe.
class Moments {
 public:
  void record(double value) {
    ++count_;
    const double from_old_mean = value - mean_;
    mean_ += from_old_mean / static_cast<double>(count_);
    squares_ += from_old_mean * (value - mean_);
  }

  // Afterwards this is, up to rounding, as if it had recorded everything that either did.
  // Chan, Golub, LeVeque: "Updating formulae and a pairwise algorithm for computing sample variances", 1979.
  void merge(const Moments& other) {
    if (other.count_ == 0) return;
    const auto mine = static_cast<double>(count_);
    const auto theirs = static_cast<double>(other.count_);
    const double apart = other.mean_ - mean_;
    mean_ += apart * theirs / (mine + theirs);
    squares_ += other.squares_ + apart * apart * mine * theirs / (mine + theirs);
    count_ += other.count_;
  }

  std::uint64_t count() const { return count_; }
  double mean() const { return mean_; }  // 0 when nothing was recorded

  // Of the sample, with n - 1 below the line. 0 for fewer than two values, which say nothing about spread.
  double variance() const { return count_ < 2 ? 0.0 : squares_ / static_cast<double>(count_ - 1); }
  double standard_deviation() const { return std::sqrt(variance()); }

 private:
  std::uint64_t count_ = 0;
  double mean_ = 0;
  double squares_ = 0;  // sum of squared distances from the mean
};

}  // namespace paxoscope
