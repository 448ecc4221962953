// Counts of durations and other whole numbers at a relative precision of 0.1 %, in the layout of Gil Tene's
// HdrHistogram with 3 significant digits. Merge histograms, then ask for percentiles; never average percentiles.
//
// Layout: values below 2048 have a bucket each; above, every power of two is cut into 1024 equal buckets, so a
// bucket is at most 1/1024 of its lowest value wide.
//
// Memory: 1.4 KiB, and 8 KiB for each power of two that was ever recorded (the values below 1024 count as one):
// typically 10 to 20 of them, 53 at most (425 KiB). The first value in a power of two allocates; reserve() does
// so ahead, and after it recording within the reserved range never allocates.
//
// Thread-safety: none. One owner records; others merge it after the owner is done.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "core/error.h"

namespace paxoscope {

// A non-empty bucket: `count` values, none below `low` nor above Histogram::highest_equivalent(low).
struct HistogramBucket {
  std::int64_t low = 0;
  std::uint64_t count = 0;
  bool operator==(const HistogramBucket&) const = default;
};

// All that a histogram knows, as a plain value for files. Zeros and no buckets when empty.
struct HistogramSnapshot {
  std::vector<HistogramBucket> buckets;  // ascending, counts >= 1
  std::int64_t min = 0;
  std::int64_t max = 0;
  std::uint64_t total = 0;
  std::uint64_t saturated = 0;
  bool operator==(const HistogramSnapshot&) const = default;
};

class Histogram {
 public:
  static constexpr std::int64_t kMaxValue = (std::int64_t{1} << 62) - 1;

  // Counts `value`, 0 .. kMaxValue, `count` times. A value outside that range (a negative one too: somebody's
  // clock ran backwards) is recorded as kMaxValue and counted in saturated(), so that it shows.
  // All counts together stay below 2^64. Inline: it is on the path of every decision.
  [[gnu::always_inline]] void record(std::int64_t value, std::uint64_t count = 1) {
    if (count == 0) return;
    if (static_cast<std::uint64_t>(value) > static_cast<std::uint64_t>(kMaxValue)) [[unlikely]] {
      value = kMaxValue;
      saturated_ += count;
    }
    const std::size_t index = index_of(value);
    Block& block = blocks_[index / kBlockSize];
    if (block.empty()) [[unlikely]]
      return record_in_new(block, value, count);
    block[index % kBlockSize] += count;
    count_ += count;
    min_ = std::min(min_, value);
    max_ = std::max(max_, value);
    add_to_total(static_cast<std::uint64_t>(value), count);
  }

  // Allocates now what recording any value in [low, high] needs. 0 <= low <= high <= kMaxValue.
  void reserve(std::int64_t low, std::int64_t high);

  // Afterwards this equals one histogram that had recorded everything that either did.
  void merge(const Histogram& other);

  // Forgets the values and keeps the memory.
  void clear();

  bool empty() const { return count_ == 0; }
  std::uint64_t count() const { return count_; }          // how many values
  std::uint64_t total() const { return total_; }          // their sum, exact; stays at 2^64 - 1 once there
  std::uint64_t saturated() const { return saturated_; }  // how many of them were out of range

  // Exact. 0 when empty.
  std::int64_t min() const { return empty() ? 0 : min_; }
  std::int64_t max() const { return max_; }
  double mean() const { return empty() ? 0.0 : static_cast<double>(total_) / static_cast<double>(count_); }

  // The highest value equivalent to the order statistic of rank ceil(p / 100 * count), rank 1 at least, and
  // never above max(): with the sorted values v[1..count], v[rank] <= percentile(p) <= v[rank] * (1 + 1/1024).
  // `p` in [0, 100] is taken to the nearest 0.000001, so that 99.9 of 1000 values is rank 999 whatever binary
  // fraction 99.9 became. 0 when empty.
  std::int64_t percentile(double p) const;

  // The non-empty buckets, ascending.
  std::vector<HistogramBucket> buckets() const;

  HistogramSnapshot snapshot() const;
  // A histogram equal to the one the snapshot was taken from. An error for what no histogram can have said.
  static Expected<Histogram> from_snapshot(const HistogramSnapshot& snapshot);

  bool operator==(const Histogram& other) const { return snapshot() == other.snapshot(); }

  // The bounds of the bucket that holds `value`, 0 .. kMaxValue.
  static constexpr std::int64_t lowest_equivalent(std::int64_t value) {
    return (value >> shift_of(value)) << shift_of(value);
  }
  static constexpr std::int64_t highest_equivalent(std::int64_t value) {
    return lowest_equivalent(value) + ((std::int64_t{1} << shift_of(value)) - 1);
  }

 private:
  // 3 significant digits need 2 * 10^3 buckets below the first doubling, rounded up to a power of two: 2^11.
  static constexpr int kPrecisionBits = 11;
  static constexpr std::size_t kBlockSize = std::size_t{1} << (kPrecisionBits - 1);
  static constexpr std::size_t kBlocks = 62 - kPrecisionBits + 2;
  using Block = std::vector<std::uint64_t>;  // kBlockSize counts, or none yet

  // How many low bits of `value` its bucket ignores.
  static constexpr int shift_of(std::int64_t value) {
    return std::max(0, static_cast<int>(std::bit_width(static_cast<std::uint64_t>(value))) - kPrecisionBits);
  }
  static constexpr std::size_t index_of(std::int64_t value) {
    const int shift = shift_of(value);
    return static_cast<std::size_t>(shift) * kBlockSize + static_cast<std::size_t>(value >> shift);
  }
  static constexpr std::int64_t low_of(std::size_t index) {
    const std::size_t block = index / kBlockSize;
    if (block < 2) return static_cast<std::int64_t>(index);
    return static_cast<std::int64_t>(kBlockSize + index % kBlockSize) << (block - 1);
  }
  static_assert((kMaxValue >> 51) + 51 * 1024 == kBlocks * kBlockSize - 1, "the last value has the last bucket");

  void add_to_total(std::uint64_t value, std::uint64_t times) {
    std::uint64_t product = 0;
    if (__builtin_mul_overflow(value, times, &product) || __builtin_add_overflow(total_, product, &total_)) {
      total_ = std::numeric_limits<std::uint64_t>::max();
    }
  }
  static void allocate(Block& block);
  void record_in_new(Block& block, std::int64_t value, std::uint64_t count);  // not inline: keeps record() small

  std::array<Block, kBlocks> blocks_;
  std::uint64_t count_ = 0;
  std::uint64_t total_ = 0;
  std::uint64_t saturated_ = 0;
  std::int64_t min_ = kMaxValue;
  std::int64_t max_ = 0;
};

}  // namespace paxoscope
