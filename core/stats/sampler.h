// Draws values distributed as a histogram measured them: what was measured on one host feeds the simulation.
#pragma once

#include <cstdint>
#include <vector>

#include "core/error.h"
#include "core/stats/histogram.h"

namespace paxoscope {

// The inverse of a histogram's cumulative distribution. Immutable once made, so safe to share between threads.
// 24 bytes for each non-empty bucket.
class Sampler {
 public:
  // An error for an empty histogram.
  static Expected<Sampler> from(const Histogram& histogram);

  // The value below which the share `unit`, in [0, 1), of the histogram lies; a bucket's values count as spread
  // evenly over it. Never falls as `unit` rises; within min() .. max() of the histogram. O(log buckets).
  std::int64_t sample(double unit) const;

 private:
  struct Step {
    std::int64_t low;    // of the bucket
    std::int64_t width;  // how many values the bucket stands for
    double before;       // how many values lie in the buckets before it
  };

  Sampler() = default;

  std::vector<Step> steps_;  // ascending, never empty
  double count_ = 0;
  std::int64_t min_ = 0;
  std::int64_t max_ = 0;
};

}  // namespace paxoscope
