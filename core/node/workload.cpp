#include "core/node/workload.h"

#include <algorithm>

#include "core/node/portable_math.h"

namespace paxoscope {

KeyPicker::KeyPicker(const Workload& workload) : choice_(workload.choice), keys_(workload.keys) {
  if (choice_ != KeyChoice::zipf) return;
  cumulative_.reserve(keys_);
  double sum = 0;
  for (std::uint32_t i = 0; i < keys_; ++i) {
    sum += portable_exp(-workload.zipf_theta * portable_log(static_cast<double>(i) + 1.0));
    cumulative_.push_back(sum);
  }
  for (double& c : cumulative_) c /= sum;
  cumulative_.back() = 1.0;
}

std::uint32_t KeyPicker::pick_zipf(Random& random) const {
  const auto at = std::upper_bound(cumulative_.begin(), cumulative_.end(), random.unit());
  return static_cast<std::uint32_t>(at - cumulative_.begin());
}

Nanos exponential_gap(Random& random, double per_second) {
  const double gap = -portable_log(random.unit_above_zero()) / per_second * static_cast<double>(kSecond);
  return static_cast<Nanos>(std::min(gap, 1e18));
}

}  // namespace paxoscope
