// What happens next: entries come out by time, and those of one time in the order in which they went in, so that a run
// has one order and no other.
//
// A radix heap (Ahuja, Mehlhorn, Orlin, Tarjan: "Faster algorithms for the shortest path problem", JACM 37, 1990) with
// 64 buckets a level: times never fall, so a bucket is named by the highest base-64 digit in which a time differs from
// the last one taken, and by that digit. An entry moves down a level at a time, at most 10 times and in practice once
// or twice, always from one chunk of memory to another in sequence: a million entries cost little more each than ten.
// Equal times are always in the same bucket, and buckets are first in, first out; so are ties.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/nanos.h"

namespace paxoscope {

// Payload: a small trivially copyable value. Not thread-safe. Allocates only when more entries are held than ever.
template <class Payload>
class EventQueue {
 public:
  struct Entry {
    Nanos at = 0;
    Payload payload = {};
  };

  EventQueue() : buckets_(kLevels * kDigits) {}

  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }

  // at: not before the last entry that was taken; >= 0.
  void push(Nanos at, const Payload& payload) {
    ++size_;
    place({at, payload});
  }

  // The next entry; the queue must not be empty.
  Entry pop() {
    if (occupied_[0] == 0) [[unlikely]]
      refill();
    const auto digit = static_cast<std::size_t>(std::countr_zero(occupied_[0]));
    Bucket& bucket = buckets_[digit];
    Chunk& chunk = chunks_[bucket.head];
    const Entry entry = chunk.entries[chunk.begin++];
    last_ = entry.at;
    --size_;
    if (chunk.begin == chunk.end) {
      const std::uint32_t next = chunk.next;
      release(bucket.head);
      bucket.head = next;
      if (next == kNone) {
        bucket.tail = kNone;
        occupied_[0] &= occupied_[0] - 1;
      }
    }
    return entry;
  }

  // The entry that pop() would give `ahead` calls from now, if it is close at hand; for prefetching. Null otherwise.
  const Payload* peek(std::uint32_t ahead) const {
    if (occupied_[0] == 0) return nullptr;
    const Chunk& chunk = chunks_[buckets_[static_cast<std::size_t>(std::countr_zero(occupied_[0]))].head];
    return chunk.begin + ahead < chunk.end ? &chunk.entries[chunk.begin + ahead].payload : nullptr;
  }

  // Forgets all entries and starts at time 0 again; keeps the memory.
  void clear() {
    for (std::size_t level = 0; level < kLevels; ++level) {
      for (; occupied_[level] != 0; occupied_[level] &= occupied_[level] - 1) {
        Bucket& bucket = buckets_[level * kDigits + static_cast<std::size_t>(std::countr_zero(occupied_[level]))];
        for (std::uint32_t at = bucket.head; at != kNone;) at = release(at);
        bucket = {};
      }
    }
    size_ = 0;
    last_ = 0;
  }

  std::size_t memory() const { return chunks_.capacity() * sizeof(Chunk) + buckets_.capacity() * sizeof(Bucket); }

 private:
  static constexpr std::uint32_t kNone = ~std::uint32_t{0};
  static constexpr int kDigitBits = 6;
  static constexpr std::size_t kDigits = std::size_t{1} << kDigitBits;
  static constexpr std::size_t kLevels = 11;  // of 63 bits

  struct Chunk {
    std::array<Entry, 15> entries;
    std::uint32_t begin = 0, end = 0;  // those in use
    std::uint32_t next = kNone;
  };
  struct Bucket {
    std::uint32_t head = kNone, tail = kNone;
  };

  void place(const Entry& entry) {
    const auto differs = static_cast<std::uint64_t>(entry.at ^ last_);
    const int level = differs == 0 ? 0 : (63 - std::countl_zero(differs)) / kDigitBits;
    const auto digit = static_cast<std::uint64_t>(entry.at >> (level * kDigitBits)) & (kDigits - 1);
    occupied_[static_cast<std::size_t>(level)] |= std::uint64_t{1} << digit;
    Bucket& bucket = buckets_[static_cast<std::size_t>(level) * kDigits + digit];
    if (bucket.tail == kNone || chunks_[bucket.tail].end == chunks_[bucket.tail].entries.size()) add_chunk(bucket);
    Chunk& chunk = chunks_[bucket.tail];
    chunk.entries[chunk.end++] = entry;
  }

  void add_chunk(Bucket& bucket) {
    std::uint32_t fresh = free_;
    if (fresh == kNone) {
      fresh = static_cast<std::uint32_t>(chunks_.size());
      chunks_.emplace_back();
    } else {
      free_ = chunks_[fresh].next;
    }
    Chunk& chunk = chunks_[fresh];
    chunk.begin = chunk.end = 0;
    chunk.next = kNone;
    (bucket.tail == kNone ? bucket.head : chunks_[bucket.tail].next) = fresh;
    bucket.tail = fresh;
  }

  // Gives the chunk back; returns the one after it.
  std::uint32_t release(std::uint32_t index) {
    const std::uint32_t next = chunks_[index].next;
    chunks_[index].next = free_;
    free_ = index;
    return next;
  }

  // Level 0 is empty: the earliest bucket above is spread over the levels below it, seen from its earliest entry.
  void refill() {
    std::size_t level = 1;
    while (occupied_[level] == 0) ++level;
    const auto digit = static_cast<std::size_t>(std::countr_zero(occupied_[level]));
    occupied_[level] &= occupied_[level] - 1;
    Bucket& bucket = buckets_[level * kDigits + digit];
    const std::uint32_t head = bucket.head;
    bucket = {};
    last_ = INT64_MAX;
    for (std::uint32_t at = head; at != kNone; at = chunks_[at].next) {
      for (std::uint32_t i = chunks_[at].begin; i < chunks_[at].end; ++i) {
        if (chunks_[at].entries[i].at < last_) last_ = chunks_[at].entries[i].at;
      }
    }
    for (std::uint32_t at = head; at != kNone; at = release(at)) {
      // By value and by index: place() may move the chunks.
      for (std::uint32_t i = chunks_[at].begin; i < chunks_[at].end; ++i) place(Entry(chunks_[at].entries[i]));
    }
  }

  std::vector<Bucket> buckets_;
  std::vector<Chunk> chunks_;
  std::array<std::uint64_t, kLevels> occupied_ = {};  // a bit for each bucket that holds something
  std::size_t size_ = 0;
  std::uint32_t free_ = kNone;
  Nanos last_ = 0;
};

}  // namespace paxoscope
