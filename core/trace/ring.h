// A bounded ring of events between one thread that records and one that reads. After construction nobody allocates,
// locks or waits. What does not fit is counted, and shows as a gap in the agents' sequences.
//
//   stream  the reader drains while the run goes on; what finds the ring full is lost.
//   flight  the newest events overwrite the oldest; another thread freezes the ring and takes a snapshot.
//
// Positions count records since the start, record p lives in slot p mod capacity. `head_` is where the producer writes
// next, `tail_` the first position not drained. Memory orders:
//   - The producer stores the words of a slot, then head_ (release). Who loads head_ (acquire) finds them whole.
//   - The reader loads the words, then stores tail_ (release). The producer loads tail_ (acquire) before it reuses a
//     slot, so it does not overwrite what is still being read.
//   - A snapshot may race with an overwrite (the producer may not have seen the freeze yet). It is a seqlock over the
//     whole ring (Boehm: "Can seqlocks get along with programming language memory models?", MSPC 2012): words are
//     stored with release and loaded with acquire, so a reader that loads a word of the record at position p loads a
//     head_ of at least p after it, and throws away every position that p has overwritten.
//   - frozen_ is only a wish, and relaxed: a snapshot is right however late the producer sees it.
// On x86-64 all of these are plain moves.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "core/trace/packed_event.h"

namespace paxoscope {

enum class RingMode : std::uint8_t { stream, flight };

// `Words` 64-bit words to a record. `Atomic` is std::atomic, or a test's model of it that tries every outcome the
// memory orders allow.
template <std::size_t Words, template <class> class Atomic = std::atomic>
class BasicRing {
 public:
  using Record = std::array<std::uint64_t, Words>;

  // capacity: a power of two, at least 2. A flight ring keeps the newest capacity - 1 records.
  BasicRing(RingMode mode, std::size_t capacity)
      : words_(std::make_unique<Atomic<std::uint64_t>[]>(capacity * Words)),
        mask_(capacity - 1),
        mode_(mode),
        end_(mode == RingMode::flight ? UINT64_MAX : capacity) {
    assert(capacity >= 2 && (capacity & mask_) == 0);
  }

  // The producer only. False: it is lost, and counted.
  bool push(const Record& record) {
    return push_made([&record]() -> const Record& { return record; });
  }

  // The same, of what make() returns. It is asked once for each word, when there is a place, and must not change
  // meanwhile: a release store keeps what was loaded before it before it, so a record made in advance would have to lie
  // in more registers than there are.
  // when_full(): asked when there is none; true when there is one now.
  template <class Make, class WhenFull>
  [[gnu::always_inline]] bool push_made(Make&& make, WhenFull&& when_full) {
    const std::uint64_t head = head_.load(std::memory_order_relaxed);
    const bool full = head == end_ && !find_room() && !when_full();
    if (full || frozen_.load(std::memory_order_relaxed)) [[unlikely]]
      return lose();
    store(slot_of(head), make, std::make_index_sequence<Words>());
    head_.store(head + 1, std::memory_order_release);
    return true;
  }
  template <class Make>
  [[gnu::always_inline]] bool push_made(Make&& make) {
    return push_made(make, [] { return false; });
  }

  // The producer only, when a stream seemed full: whether another record finds a place now.
  [[gnu::noinline]] bool find_room() {
    end_ = tail_.load(std::memory_order_acquire) + capacity();
    return head_.load(std::memory_order_relaxed) != end_;
  }

  // The reader of a stream only: hands at most `most` records to `take`, oldest first, and frees their slots. Returns
  // how many; 0: the ring is empty.
  template <class Take>
  std::size_t drain(std::size_t most, Take&& take) {
    const std::uint64_t tail = tail_.load(std::memory_order_relaxed);
    const std::uint64_t waiting = head_.load(std::memory_order_acquire) - tail;
    const std::size_t count = std::min<std::uint64_t>(waiting, most);
    for (std::size_t i = 0; i < count; ++i) take(read(tail + i));
    if (count > 0) tail_.store(tail + count, std::memory_order_release);
    return count;
  }

  // Any thread but the producer, at any time: the newest records, oldest first. Allocates. Freeze a flight ring first,
  // or the snapshot may be short. Of a stream: what has not been drained (the reader's thread only).
  std::vector<Record> snapshot() const {
    const std::uint64_t head = head_.load(std::memory_order_acquire);
    const std::uint64_t drained = tail_.load(std::memory_order_relaxed);
    const std::uint64_t first = std::max(drained, head - std::min<std::uint64_t>(head, capacity()));
    std::vector<Record> records;
    records.reserve(head - first);
    for (std::uint64_t p = first; p < head; ++p) records.push_back(read(p));
    if (mode_ == RingMode::stream) return records;
    const std::uint64_t bad = std::min<std::uint64_t>(overwritten(first), records.size());
    records.erase(records.begin(), records.begin() + static_cast<std::ptrdiff_t>(bad));
    return records;
  }

  // Any thread but the producer, at any time, of a flight ring: hands the records from position `from` on to `take`,
  // oldest first, but for those that are overwritten by now. Returns the position after the last.
  template <class Take>
  std::uint64_t follow(std::uint64_t from, Take&& take) const {
    constexpr std::size_t kBatch = 64;  // records to a look at the head, whose line the producer wants for itself
    std::array<Record, kBatch> batch{};
    const std::uint64_t head = head_.load(std::memory_order_acquire);
    for (std::uint64_t p = std::max(from, head - std::min<std::uint64_t>(head, capacity())); p < head;) {
      const std::size_t count = std::min<std::uint64_t>(kBatch, head - p);
      for (std::size_t i = 0; i < count; ++i) batch[i] = read(p + i);
      for (std::size_t i = std::min<std::uint64_t>(overwritten(p), count); i < count; ++i) take(batch[i]);
      p += count;
    }
    return head;
  }

  // Any thread. While frozen, what is pushed is lost and counted.
  void freeze() { frozen_.store(true, std::memory_order_relaxed); }
  void thaw() { frozen_.store(false, std::memory_order_relaxed); }
  bool frozen() const { return frozen_.load(std::memory_order_relaxed); }

  // Any thread; a moment's view. pushed: written to the ring; lost: refused because it was full or frozen.
  std::uint64_t pushed() const { return head_.load(std::memory_order_relaxed); }
  std::uint64_t lost() const { return lost_.load(std::memory_order_relaxed); }
  std::size_t capacity() const { return mask_ + 1; }
  RingMode mode() const { return mode_; }

 private:
  Atomic<std::uint64_t>* slot_of(std::uint64_t position) const { return &words_[(position & mask_) * Words]; }

  Record read(std::uint64_t position) const {
    const Atomic<std::uint64_t>* slot = slot_of(position);
    Record record;
    for (std::size_t i = 0; i < Words; ++i) record[i] = slot[i].load(std::memory_order_acquire);
    return record;
  }

  // Of the records from `first` on that have been read: how many may have been overwritten meanwhile. The slot of the
  // head may be half written, and everything before it in the ring is gone.
  std::uint64_t overwritten(std::uint64_t first) const {
    const std::uint64_t now = head_.load(std::memory_order_acquire);
    const std::uint64_t torn = now + 1 - std::min<std::uint64_t>(now + 1, capacity());  // positions below it
    return torn - std::min(torn, first);
  }

  template <class Make, std::size_t... I>
  [[gnu::always_inline]] static void store(Atomic<std::uint64_t>* slot, Make& make, std::index_sequence<I...>) {
    (slot[I].store(make()[I], std::memory_order_release), ...);
  }

  [[gnu::noinline]] bool lose() {
    lost_.store(lost_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    return false;
  }

  static constexpr std::size_t kLine = 64;  // bytes of a cache line
  const std::unique_ptr<Atomic<std::uint64_t>[]> words_;
  const std::uint64_t mask_;
  const RingMode mode_;
  alignas(kLine) Atomic<std::uint64_t> head_{0};  // this line is the producer's
  Atomic<std::uint64_t> lost_{0};
  std::uint64_t end_;                             // the position that has no place yet, as far as the producer knows
  alignas(kLine) Atomic<std::uint64_t> tail_{0};  // the reader's
  alignas(kLine) Atomic<bool> frozen_{false};     // written once in a while
};

// A sink for Recorder.
class TraceRing : public BasicRing<kEventWords> {
 public:
  using BasicRing::BasicRing;
  using BasicRing::push;
  void push(const Event& event) { push(pack(event)); }  // the producer only
};

}  // namespace paxoscope
