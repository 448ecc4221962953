// A bounded ring of events between one thread that records and one that reads. After construction nobody allocates,
// locks or waits. What does not fit is counted, and shows as a gap in the agents' sequences.
//
//   stream  the reader drains while the run goes on; what finds the ring full is lost.
//   flight  the newest events overwrite the oldest; another thread follows, or takes a snapshot.
//
// Positions count records since the start, record p lives in slot p mod capacity. `head_` is where the producer writes
// next, `tail_` the first position not drained. Memory orders:
//   - The producer stores the words of a slot, then head_ (release). Who loads head_ (acquire) finds them whole.
//   - The reader loads the words, then stores tail_ (release). The producer loads tail_ (acquire) before it reuses a
//     slot, so it does not overwrite what is still being read.
//   - A snapshot may race with an overwrite. It is a seqlock over the whole ring (Boehm: "Can seqlocks get along with
//     programming language memory models?", MSPC 2012): words are stored with release and loaded with acquire, so a
//     reader that loads a word of the record at position p loads a head_ of at least p after it, and throws away every
//     position that p has overwritten.
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

#include "core/prefetch.h"
#include "core/trace/line.h"
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
      : slots_(std::make_unique<Slot[]>(capacity)),
        mask_(capacity - 1),
        mode_(mode),
        limit_(mode == RingMode::flight ? UINT64_MAX : capacity) {
    assert(capacity >= 2 && (capacity & mask_) == 0);
  }

  // The producer only. False: it is lost, and counted.
  bool push(const Record& record) {
    return push_made([&record]() -> const Record& { return record; }, [this] { return find_room(); });
  }

  // The same, of what make() returns. It is asked once for each word, when there is a place, and must not change
  // meanwhile: a release store keeps what was loaded before it before it, so a record made in advance would have to lie
  // in more registers than there are.
  // at_limit(): asked when the position reaches the limit, which is the end of the room or below it; true when there is
  // a place now.
  template <class Make, class AtLimit>
  [[gnu::always_inline]] bool push_made(Make&& make, AtLimit&& at_limit) {
    std::uint64_t head = head_.load(std::memory_order_relaxed);
    if (head == limit_) [[unlikely]] {
      if (!at_limit()) return lose();
      head = head_.load(std::memory_order_relaxed);
    }
    prefetch(&slot_of(head + kAhead), 1);  // the reader's core has read it, and still has it
    store(slot_of(head), make, std::make_index_sequence<Words>());
    head_.store(head + 1, std::memory_order_release);
    return true;
  }

  // The producer only: how many records find a place before the next look at what is drained.
  std::uint64_t room() const {
    if (mode_ == RingMode::flight) return capacity();
    return tail_.load(std::memory_order_acquire) + capacity() - head_.load(std::memory_order_relaxed);
  }
  // The producer only: where to ask at_limit(); at most room() records from the head on.
  void set_limit(std::uint64_t records) { limit_ = head_.load(std::memory_order_relaxed) + records; }

  // The reader of a stream only: hands at most `most` records with their positions to `take`, oldest first, and frees
  // their slots. Returns how many; 0: the ring is empty.
  template <class Take>
  std::size_t drain(std::size_t most, Take&& take) {
    const std::uint64_t tail = tail_.load(std::memory_order_relaxed);
    const std::uint64_t waiting = head_.load(std::memory_order_acquire) - tail;
    const std::size_t count = std::min<std::uint64_t>(waiting, most);
    for (std::size_t i = 0; i < count; ++i) take(tail + i, read(tail + i));
    if (count > 0) tail_.store(tail + count, std::memory_order_release);
    return count;
  }

  // Any thread but the producer, at any time: hands the newest records with their positions to `take`, oldest first.
  // Allocates. Short, if the producer of a flight ring goes on meanwhile. Of a stream: what has not been drained (the
  // reader's thread only).
  template <class Take>
  void snapshot(Take&& take) const {
    const std::uint64_t head = head_.load(std::memory_order_acquire);
    const std::uint64_t drained = tail_.load(std::memory_order_relaxed);
    const std::uint64_t first = std::max(drained, head - std::min<std::uint64_t>(head, capacity()));
    std::vector<Record> records;
    records.reserve(head - first);
    for (std::uint64_t p = first; p < head; ++p) records.push_back(read(p));
    const std::uint64_t bad = mode_ == RingMode::stream ? 0 : overwritten(first);
    for (std::uint64_t i = bad; i < records.size(); ++i) take(first + i, records[i]);
  }

  // Any thread but the producer, at any time, of a flight ring: hands the records from position `from` on, with their
  // positions, to `take`, oldest first, but for those that are overwritten by now. Returns the position after the last.
  template <class Take>
  std::uint64_t follow(std::uint64_t from, Take&& take) const {
    constexpr std::size_t kBatch = 64;  // records to a look at the head, whose line the producer wants for itself
    std::array<Record, kBatch> batch{};
    const std::uint64_t head = head_.load(std::memory_order_acquire);
    for (std::uint64_t p = std::max(from, head - std::min<std::uint64_t>(head, capacity())); p < head;) {
      const std::size_t count = std::min<std::uint64_t>(kBatch, head - p);
      for (std::size_t i = 0; i < count; ++i) batch[i] = read(p + i);
      for (std::size_t i = std::min<std::uint64_t>(overwritten(p), count); i < count; ++i) take(p + i, batch[i]);
      p += count;
    }
    return head;
  }

  // Any thread; a moment's view. pushed: written to the ring; lost: refused because it was full.
  std::uint64_t pushed() const { return head_.load(std::memory_order_relaxed); }
  std::uint64_t lost() const { return lost_.load(std::memory_order_relaxed); }
  std::size_t capacity() const { return mask_ + 1; }
  RingMode mode() const { return mode_; }

 private:
  bool find_room() {
    const std::uint64_t records = room();
    set_limit(records);
    return records > 0;
  }

  // A record of eight words is a cache line, and lies in one.
  struct alignas(kCacheLine) Slot {
    std::array<Atomic<std::uint64_t>, Words> words;
  };
  Slot& slot_of(std::uint64_t position) const { return slots_[position & mask_]; }

  Record read(std::uint64_t position) const {
    const Slot& slot = slot_of(position);
    Record record;
    for (std::size_t i = 0; i < Words; ++i) record[i] = slot.words[i].load(std::memory_order_acquire);
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
  [[gnu::always_inline]] static void store(Slot& slot, Make& make, std::index_sequence<I...>) {
    (slot.words[I].store(make()[I], std::memory_order_release), ...);
  }

  [[gnu::noinline]] bool lose() {
    lost_.store(lost_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    return false;
  }

  static constexpr std::uint64_t kAhead = 8;  // records; to fetch a line from another core takes about as long
  const std::unique_ptr<Slot[]> slots_;
  const std::uint64_t mask_;
  const RingMode mode_;
  alignas(kCacheLine) Atomic<std::uint64_t> head_{0};  // this line is the producer's
  Atomic<std::uint64_t> lost_{0};
  std::uint64_t limit_;  // the position at which the producer asks whether there is a place
  alignas(kCacheLine) Atomic<std::uint64_t> tail_{0};  // the reader's
};

// A sink for Recorders of one thread: events as lines, with a mark where others begin, and at least every kMarkEvery
// lines, so that a reader who comes late waits no longer for one.
class TraceRing : private BasicRing<kLineWords> {
 public:
  using BasicRing::capacity;
  using BasicRing::lost;
  using BasicRing::mode;
  using BasicRing::pushed;  // marks are among them

  // capacity: as for BasicRing, and at least 4. A flight ring keeps at least the newest capacity / 2 - 2 lines that
  // can be read, marks among them.
  TraceRing(RingMode mode, std::size_t capacity)
      : BasicRing(mode, capacity), mark_every_(std::min<std::size_t>(kMarkEvery, capacity / 2)) {
    set_limit(0);
  }

  // The producer only: the next event needs a mark, because its agent or its time is another.
  void turn() { set_limit(0); }

  // The producer only. stamp(): of this event, asked when a mark is needed. False: it is lost, and counted; the next
  // that finds a place has a mark.
  template <class Make, class MakeStamp, class WhenFull>
  [[gnu::always_inline]] bool push_line(Make&& make, MakeStamp&& stamp, WhenFull&& when_full) {
    return push_made(make, [&] { return put_mark(stamp(), when_full); });
  }
  template <class Make, class MakeStamp>
  [[gnu::always_inline]] bool push_line(Make&& make, MakeStamp&& stamp) {
    return push_line(make, stamp, [] { return false; });
  }
  // One event with a stamp of its own.
  bool push(const Event& event) {
    turn();
    const auto stamp = [&event]() -> Stamp { return {event.at, event.agent_kind, event.agent, event.sequence}; };
    const bool kept = push_line([&event] { return line_of(event); }, stamp);
    turn();
    return kept;
  }

  // Of a stream, the reader only: as BasicRing::drain, by lines; `take` gets the events among them.
  template <class Take>
  std::size_t drain(std::size_t most, Take&& take) {
    return BasicRing::drain(most, [&](std::uint64_t position, const Line& line) {
      if (const auto event = reader_.read(position, line)) take(*event);
    });
  }

  // Any thread but the producer: the newest events, as BasicRing::snapshot.
  std::vector<PackedEvent> snapshot() const {
    LineReader reader = reader_;
    std::vector<PackedEvent> events;
    BasicRing::snapshot([&](std::uint64_t position, const Line& line) {
      if (const auto event = reader.read(position, line)) events.push_back(*event);
    });
    return events;
  }

  // Any thread but the producer, of a flight ring: as BasicRing::follow.
  struct Followed {
    std::uint64_t position = 0;
    LineReader reader;
  };
  template <class Take>
  void follow(Followed& followed, Take&& take) const {
    followed.position = BasicRing::follow(followed.position, [&](std::uint64_t position, const Line& line) {
      if (const auto event = followed.reader.read(position, line)) take(*event);
    });
  }

 private:
  static constexpr std::size_t kMarkEvery = 128;

  template <class WhenFull>
  [[gnu::noinline]] bool put_mark(const Stamp& stamp, WhenFull& when_full) {
    while (room() < 2) {  // the mark's and the event's
      if (!when_full()) return false;
    }
    const Line line = mark(stamp);
    set_limit(1);
    push_made([&line]() -> const Line& { return line; }, [] { return true; });
    set_limit(std::min<std::uint64_t>(room(), mark_every_));
    return true;
  }

  const std::size_t mark_every_;
  LineReader reader_;  // of a stream's reader
};

}  // namespace paxoscope
