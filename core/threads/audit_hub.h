// Brings the votes and results of all threads to the one Audit, in chunks. There is no thread for it: one of them
// judges what all have handed in, so that what the audit remembers stays in that core's cache. Whoever needs a chunk
// while all of its own are in use judges too (as in flat combining: Hendler, Incze, Shavit, Tzafrir, SPAA 2010). So
// checking costs no context switch, and memory stays bounded.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "core/node/audit_chunk.h"

namespace paxoscope {

class AuditHub {
 public:
  // For `threads` threads, each with a feed of its own.
  AuditHub(const AuditOptions& options, std::size_t threads);

  // Any thread.
  void judge();  // everything that has been handed in, unless somebody is just at it
  // Instances, roughly up to date: in all, and those chosen within the measured time.
  std::uint64_t chosen() const { return chosen_.load(std::memory_order_relaxed); }
  std::uint64_t measured() const { return measured_.load(std::memory_order_relaxed); }
  bool violated() const { return violated_.load(std::memory_order_relaxed); }

  // When all threads are done: judges the rest. `ended`: when the measured time was over. The verdict is final then.
  Audit& finish(Nanos ended);

 private:
  friend class AuditFeed;

  // One thread's chunks, as a ring: the thread fills them in turn, whoever judges empties them in turn.
  struct Lane {
    static constexpr std::uint64_t kChunks = 4;
    std::array<AuditChunk, kChunks> chunks;
    // Release by its one writer, acquire by the other side: a chunk is the judge's while it counts as handed in and not
    // as judged.
    alignas(64) std::atomic<std::uint64_t> handed_in{0};
    alignas(64) std::atomic<std::uint64_t> judged{0};
  };

  std::vector<std::unique_ptr<Lane>> lanes_;
  Audit audit_;  // owned by whoever holds judging_, as are the lanes' sides of the judge
  std::atomic<bool> judging_{false};
  std::atomic<std::uint64_t> chosen_{0};
  std::atomic<std::uint64_t> measured_{0};
  std::atomic<bool> violated_{false};
};

// One thread's way to the hub. A null hub: nothing is recorded. One of the feeds should judge. Not thread-safe.
class AuditFeed {
 public:
  // thread: 0 .. threads - 1, another for each feed.
  AuditFeed(AuditHub* hub, std::size_t thread, bool judges)
      : hub_(hub), lane_(hub == nullptr ? nullptr : hub->lanes_[thread].get()), judges_(judges) {
    if (on()) chunk_ = &lane_->chunks[0];
  }

  bool on() const { return hub_ != nullptr; }
  void push(const AuditRecord& record) {
    chunk_->push(record);
    if (chunk_->full()) hand_in();
  }
  void hand_in();
  // The same, and returns once all of it has been judged.
  void settle();

 private:
  AuditHub* hub_;
  AuditHub::Lane* lane_;
  bool judges_;
  AuditChunk* chunk_ = nullptr;
};

}  // namespace paxoscope
