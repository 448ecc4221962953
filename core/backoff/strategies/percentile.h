// percentile: a window between percentiles of this client's own latency (elapsed at on_decided, won or not), at least
// `gap` wide. With p(x) the nearest-rank percentile of the last 64 latencies (0 before the first):
//   min = min(cap, p(low) * low_factor)
//   max = clamp(p(high) * growth^k, floor, cap)
//   gap = max(gap, p(low) * gap_factor)
// If max < min + gap, max is raised to min + gap, but not above cap; what is missing then is taken off min.
// draw=uniform is U(min, max). draw=qexp cuts the window into k equal quanta and favours the late ones: the wait is
// max - U(i * quantum, (i + 1) * quantum) with i = floor(k * u^1.5), u uniform in [0, 1).
//
// Source: Cassandra 4.1, ContentionStrategy (CEP-14): min "0 <= p50(rw)*0.66", delta "5ms <= p50(rw)*0.5",
// max "10ms <= p95(rw)*1.8^attempts <= 100ms", random "qexp(1.5)". Its milliseconds are R here, and where it keeps
// decaying histograms shared by all clients of a host, this is one client's last 64.
// How it fails: the latency it waits by contains its own waits: it feeds back on its own contention.
#pragma once

#include <array>
#include <cmath>

#include "core/backoff/strategy.h"

namespace paxoscope {

// Parameters: low and high 1 .. 100 (percent), low_factor and gap_factor 0 .. 100, growth 1 .. 10, floor > 0,
// cap >= floor, gap >= 0, draw, reset.
class Percentile final : public CountingStrategy {
 public:
  explicit Percentile(Parameters parameters)
      : CountingStrategy(std::move(parameters)),
        low_(parameters_.number("low", 1, 100)),
        low_factor_(parameters_.number("low_factor", 0, 100)),
        high_(parameters_.number("high", 1, 100)),
        growth_(parameters_.number("growth", 1, 10)),
        floor_(parameters_.positive_duration("floor")),
        cap_(parameters_.duration_from("cap", "floor", floor_)),
        gap_(parameters_.duration("gap")),
        gap_factor_(parameters_.number("gap_factor", 0, 100)),
        quantized_(parameters_.choice("draw", {"uniform", "qexp"}) == 1) {}

  struct Window {
    Nanos min = 0;
    Nanos max = 0;  // >= min
  };

  Window window(std::uint32_t k, const RetryContext& context) const {
    const Nanos cap = cap_.of(context.round_trip);
    const auto typical = static_cast<double>(percentile(low_));
    const auto slow = static_cast<double>(std::max<Nanos>(1, percentile(high_)));  // 0 * infinity would be NaN
    const Nanos gap = std::max(gap_.of(context.round_trip), clamp_wait_real(typical * gap_factor_));
    const Nanos grown = clamp_wait_real(slow * power(growth_, k));
    Window window;
    window.min = std::min(cap, clamp_wait_real(typical * low_factor_));
    window.max = std::min(cap, std::max(floor_.of(context.round_trip), grown));
    if (window.max < window.min + gap) {
      window.max = std::min(cap, window.min + gap);
      window.min = std::min(window.min, std::max<Nanos>(0, window.max - gap));
    }
    return window;
  }

  Nanos wait(std::uint32_t k, const RetryContext& context, Random& random) const override {
    const Window window = this->window(k, context);
    const Nanos quantum = (window.max - window.min) / k;
    if (!quantized_ || k == 1 || quantum == 0) {
      return draw_wait(random, window.min, window.max);
    }
    const double u = random.unit();
    const auto quanta = static_cast<Nanos>(k * (u * std::sqrt(u)));
    return window.max - draw_wait(random, quantum * quanta, quantum * (quanta + 1));
  }

  void on_decided(const RetryContext& context, bool won) override {
    CountingStrategy::on_decided(context, won);
    latencies_[static_cast<std::size_t>(seen_ % kRemembered)] = context.elapsed;
    ++seen_;
  }

  void forget() override {
    CountingStrategy::forget();
    seen_ = 0;
  }

 private:
  static constexpr std::size_t kRemembered = 64;

  // Nearest rank: the smallest latency that at least `percent` of those remembered do not exceed.
  Nanos percentile(double percent) const {
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(seen_, kRemembered));
    if (size == 0) {
      return 0;
    }
    std::array<Nanos, kRemembered> sorted = latencies_;
    const auto rank = static_cast<std::size_t>(std::ceil(percent * static_cast<double>(size) / 100));  // 1 .. size
    const auto nth = sorted.begin() + static_cast<std::ptrdiff_t>(rank - 1);
    std::nth_element(sorted.begin(), nth, sorted.begin() + static_cast<std::ptrdiff_t>(size));
    return *nth;
  }

  double low_;
  double low_factor_;
  double high_;
  double growth_;
  Duration floor_;
  Duration cap_;
  Duration gap_;
  double gap_factor_;
  bool quantized_;
  std::array<Nanos, kRemembered> latencies_ = {};  // a ring
  std::uint64_t seen_ = 0;
};

}  // namespace paxoscope
