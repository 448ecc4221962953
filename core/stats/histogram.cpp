#include "core/stats/histogram.h"

#include <cmath>
#include <string>

namespace paxoscope {

void Histogram::allocate(Block& block) {
  block.resize(kBlockSize);
}

void Histogram::record_in_new(Block& block, std::int64_t value, std::uint64_t count) {
  allocate(block);
  record(value, count);
}

void Histogram::reserve(std::int64_t low, std::int64_t high) {
  for (std::size_t i = index_of(low) / kBlockSize; i <= index_of(high) / kBlockSize; ++i) allocate(blocks_[i]);
}

void Histogram::merge(const Histogram& other) {
  for (std::size_t i = 0; i < kBlocks; ++i) {
    const Block& from = other.blocks_[i];
    if (from.empty()) continue;
    allocate(blocks_[i]);
    for (std::size_t slot = 0; slot < kBlockSize; ++slot) blocks_[i][slot] += from[slot];
  }
  count_ += other.count_;
  saturated_ += other.saturated_;
  min_ = std::min(min_, other.min_);
  max_ = std::max(max_, other.max_);
  add_to_total(other.total_, 1);
}

void Histogram::clear() {
  if (empty()) return;
  // Between the ends only: a histogram of a few values that are close together is cleared in no time.
  const std::size_t last = index_of(max_);
  for (std::size_t i = index_of(min_); i <= last; ++i) {
    Block& block = blocks_[i / kBlockSize];
    if (block.empty()) {
      i |= kBlockSize - 1;
    } else {
      block[i % kBlockSize] = 0;
    }
  }
  count_ = total_ = saturated_ = 0;
  min_ = kMaxValue;
  max_ = 0;
}

std::int64_t Histogram::percentile(double p) const {
  // In whole numbers: the same rank on every machine.
  __extension__ using Wide = unsigned __int128;
  constexpr std::uint64_t kUnit = 100'000'000;  // 100 % in steps of 0.000001 %
  const auto share = static_cast<Wide>(std::llround(std::clamp(p, 0.0, 100.0) * 1e6));
  const auto rank = std::max<std::uint64_t>(1, static_cast<std::uint64_t>((share * count_ + kUnit - 1) / kUnit));

  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < kBlocks; ++i) {
    for (std::size_t slot = 0; slot < blocks_[i].size(); ++slot) {
      seen += blocks_[i][slot];
      if (seen >= rank) return std::min(max_, highest_equivalent(low_of(i * kBlockSize + slot)));
    }
  }
  return max_;  // empty: no rank to find
}

std::vector<HistogramBucket> Histogram::buckets() const {
  std::vector<HistogramBucket> result;
  for (std::size_t i = 0; i < kBlocks; ++i) {
    for (std::size_t slot = 0; slot < blocks_[i].size(); ++slot) {
      if (blocks_[i][slot] > 0) result.push_back({low_of(i * kBlockSize + slot), blocks_[i][slot]});
    }
  }
  return result;
}

HistogramSnapshot Histogram::snapshot() const {
  return {buckets(), min(), max(), total_, saturated_};
}

Expected<Histogram> Histogram::from_snapshot(const HistogramSnapshot& snapshot) {
  Histogram result;   // records every bucket at its lowest value
  Histogram highest;  // only its total: every bucket at its highest value
  if (snapshot.buckets.empty()) {
    if (snapshot != HistogramSnapshot{}) return fail("histogram: no buckets, but a min, max, total or saturated");
    return result;
  }
  std::int64_t previous = -1;
  for (const HistogramBucket& bucket : snapshot.buckets) {
    const std::string name = "histogram: bucket " + std::to_string(bucket.low);
    if (bucket.low <= previous) return fail(name + ": buckets must ascend from 0");
    if (bucket.low > kMaxValue) return fail(name + ": the largest value is 2^62 - 1");
    if (bucket.low != lowest_equivalent(bucket.low)) {
      return fail(name + ": not a bucket's lowest value, which is " + std::to_string(lowest_equivalent(bucket.low)));
    }
    if (bucket.count == 0) return fail(name + ": the count must be at least 1");
    if (bucket.count > std::numeric_limits<std::uint64_t>::max() - result.count_) {
      return fail(name + ": all counts together must stay below 2^64");
    }
    result.record(bucket.low, bucket.count);
    highest.add_to_total(static_cast<std::uint64_t>(highest_equivalent(bucket.low)), bucket.count);
    previous = bucket.low;
  }
  const std::int64_t first = snapshot.buckets.front().low;
  const HistogramBucket& last = snapshot.buckets.back();
  if (snapshot.min < first || snapshot.min > highest_equivalent(first)) {
    return fail("histogram: min " + std::to_string(snapshot.min) + " is not in the first bucket");
  }
  if (snapshot.max < std::max(last.low, snapshot.min) || snapshot.max > highest_equivalent(last.low)) {
    return fail("histogram: max " + std::to_string(snapshot.max) + " is not in the last bucket");
  }
  if (snapshot.saturated > 0 && (snapshot.max != kMaxValue || snapshot.saturated > last.count)) {
    return fail("histogram: more saturated values than the last bucket holds");
  }
  if (snapshot.total < result.total_ || snapshot.total > highest.total_) {
    return fail("histogram: total " + std::to_string(snapshot.total) + " is not what the buckets can sum to");
  }
  result.min_ = snapshot.min;
  result.max_ = snapshot.max;
  result.total_ = snapshot.total;
  result.saturated_ = snapshot.saturated;
  return result;
}

}  // namespace paxoscope
