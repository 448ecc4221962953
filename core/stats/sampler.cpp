#include "core/stats/sampler.h"

#include <algorithm>

namespace paxoscope {

Expected<Sampler> Sampler::from(const Histogram& histogram) {
  if (histogram.empty()) return fail("cannot draw from an empty histogram: it needs at least one value");
  Sampler sampler;
  std::uint64_t before = 0;
  for (const HistogramBucket& bucket : histogram.buckets()) {
    const std::int64_t width = Histogram::highest_equivalent(bucket.low) - bucket.low + 1;
    sampler.steps_.push_back({bucket.low, width, static_cast<double>(before)});
    before += bucket.count;
  }
  sampler.count_ = static_cast<double>(before);
  sampler.min_ = histogram.min();
  sampler.max_ = histogram.max();
  return sampler;
}

std::int64_t Sampler::sample(double unit) const {
  const double position = unit * count_;
  // The last step that begins at or before the position.
  const auto after = std::upper_bound(steps_.begin() + 1, steps_.end(), position,
                                      [](double p, const Step& step) { return p < step.before; });
  const Step& step = *(after - 1);
  const double end = after == steps_.end() ? count_ : after->before;
  const double share = (position - step.before) / (end - step.before);
  const auto offset = static_cast<std::int64_t>(share * static_cast<double>(step.width));
  return std::clamp(step.low + std::min(offset, step.width - 1), min_, max_);
}

}  // namespace paxoscope
