// What happens next: entries come out by time, and those of one time in the order in which they went in, so that a run
// has one order and no other.
//
// Up to 64 entries are a sorted list in one place. More are a radix heap (Ahuja, Mehlhorn, Orlin, Tarjan: "Faster
// algorithms for the shortest path problem", JACM 37, 1990) with 64 buckets a level: times never fall, so a bucket is
// named by the highest base-64 digit in which a time differs from the last one taken, and by that digit. An entry moves
// down a level at a time, at most 10 times and in practice once or twice, always from one chunk of memory to another in
// sequence: a million entries cost little more each than ten. Equal times are always in the same bucket, and buckets
// are first in, first out; so are ties. Once there is a heap, it is used until it is empty.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/nanos.h"
#include "core/prefetch.h"

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
    if (heaped_) return place({at, payload});
    if (list_end_ == list_.size()) make_room();
    if (heaped_) return place({at, payload});
    std::size_t place = list_end_++;
    for (; place > list_begin_ && list_[place - 1].at > at; --place) list_[place] = list_[place - 1];
    list_[place] = {at, payload};
  }

  // The next entry; the queue must not be empty.
  Entry pop() {
    if (!heaped_) {
      --size_;
      return list_[list_begin_++];
    }
    if (occupied_[0] == 0) [[unlikely]]
      refill();
    const auto digit = static_cast<std::size_t>(std::countr_zero(occupied_[0]));
    Bucket& bucket = buckets_[digit];
    Chunk& chunk = chunks_[bucket.head];
    const Entry entry = chunk.entries[chunk.begin++];
    last_ = entry.at;
    heaped_ = --size_ > 0;
    seen_ -= static_cast<std::size_t>(seen_ > 0);
    if (chunk.begin == chunk.end) {
      const std::uint32_t next = chunk.next;
      release(bucket.head);
      bucket.head = next;
      if (next == kNone) {
        bucket = {};
        occupied_[0] &= occupied_[0] - 1;
      } else {
        prefetch_after(next);
      }
    }
    return entry;
  }

  // Calls visit(payload) on what will come out soon, once on each: of use to fetch memory early. It keeps `distance`
  // entries ahead of pop(), as far as they are known offhand; who is pushed in before that is not visited.
  template <class Visit>
  void look_ahead(std::size_t distance, Visit visit) {
    if (!heaped_ || occupied_[0] == 0) return;
    if (seen_ == 0) scout_to(occupied_[0]);
    for (; seen_ < distance; ++seen_) {
      if (scout_.place == chunks_[scout_.chunk].end) {
        if (const std::uint32_t next = chunks_[scout_.chunk].next; next != kNone) {
          scout_.chunk = next;
          scout_.place = 0;
        } else if (const std::uint64_t later = occupied_[0] & (kNotFirst << scout_.digit); later != 0) {
          scout_to(later);
        } else {
          return;
        }
      }
      visit(chunks_[scout_.chunk].entries[scout_.place++].payload);
    }
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
    size_ = list_begin_ = list_end_ = 0;
    last_ = 0;
    seen_ = 0;
    heaped_ = false;
  }

  std::size_t memory() const { return chunks_.capacity() * sizeof(Chunk) + buckets_.capacity() * sizeof(Bucket); }

 private:
  static constexpr std::uint32_t kNone = ~std::uint32_t{0};
  static constexpr int kDigitBits = 6;
  static constexpr std::size_t kDigits = std::size_t{1} << kDigitBits;
  static constexpr std::size_t kLevels = 11;  // of 63 bits
  static constexpr std::uint64_t kNotFirst = ~std::uint64_t{1};

  struct alignas(kCacheLine) Chunk {
    std::uint32_t begin = 0, end = 0;  // those in use
    std::uint32_t next = kNone;
    std::array<Entry, 15> entries;
  };
  struct Bucket {
    std::uint32_t head = kNone, tail = kNone;
    Nanos earliest = INT64_MAX;
  };
  // The first entry that look_ahead() has not visited.
  struct Scout {
    std::size_t digit = 0;  // of its bucket at level 0
    std::uint32_t chunk = 0, place = 0;
  };

  // The list has come to its last place: it moves to the front of its memory or, when it is long, into the heap.
  void make_room() {
    const std::size_t length = list_end_ - list_begin_;
    heaped_ = length > list_.size() / 2;
    if (heaped_) {
      for (std::size_t i = list_begin_; i < list_end_; ++i) place(list_[i]);
    } else {
      std::copy(list_.begin() + static_cast<std::ptrdiff_t>(list_begin_),
                list_.begin() + static_cast<std::ptrdiff_t>(list_end_), list_.begin());
    }
    list_begin_ = 0;
    list_end_ = heaped_ ? 0 : length;
  }

  void place(const Entry& entry) {
    const auto differs = static_cast<std::uint64_t>(entry.at ^ last_);
    const int level = differs == 0 ? 0 : (63 - std::countl_zero(differs)) / kDigitBits;
    const auto digit = static_cast<std::uint64_t>(entry.at >> (level * kDigitBits)) & (kDigits - 1);
    occupied_[static_cast<std::size_t>(level)] |= std::uint64_t{1} << digit;
    Bucket& bucket = buckets_[static_cast<std::size_t>(level) * kDigits + digit];
    bucket.earliest = std::min(bucket.earliest, entry.at);
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

  [[gnu::always_inline]] void prefetch_after(std::uint32_t chunk) const {
    if (const std::uint32_t next = chunks_[chunk].next; next != kNone)
      prefetch(&chunks_[next], sizeof(Chunk) / kCacheLine);
  }

  // To the first of these buckets of level 0.
  void scout_to(std::uint64_t occupied) {
    scout_.digit = static_cast<std::size_t>(std::countr_zero(occupied));
    scout_.chunk = buckets_[scout_.digit].head;
    scout_.place = chunks_[scout_.chunk].begin;
  }

  // Level 0 is empty: the earliest bucket above is spread over the levels below it, seen from its earliest entry.
  void refill() {
    std::size_t level = 1;
    while (occupied_[level] == 0) ++level;
    const auto digit = static_cast<std::size_t>(std::countr_zero(occupied_[level]));
    occupied_[level] &= occupied_[level] - 1;
    Bucket& bucket = buckets_[level * kDigits + digit];
    const std::uint32_t head = bucket.head;
    last_ = bucket.earliest;
    bucket = {};
    for (std::uint32_t at = head; at != kNone; at = release(at)) {
      if (chunks_[at].next != kNone) prefetch_after(chunks_[at].next);
      // By value and by index: place() may move the chunks.
      for (std::uint32_t i = chunks_[at].begin; i < chunks_[at].end; ++i) place(Entry(chunks_[at].entries[i]));
    }
  }

  std::array<Entry, 128> list_;
  std::size_t list_begin_ = 0, list_end_ = 0;
  bool heaped_ = false;  // all entries are in the heap, otherwise in the list
  std::vector<Bucket> buckets_;
  std::vector<Chunk> chunks_;
  std::array<std::uint64_t, kLevels> occupied_ = {};  // a bit for each bucket that holds something
  std::size_t size_ = 0;
  Scout scout_;
  std::size_t seen_ = 0;  // so many that were visited are still here; 0: the scout stands anywhere
  std::uint32_t free_ = kNone;
  Nanos last_ = 0;
};

}  // namespace paxoscope
