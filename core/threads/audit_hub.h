// Brings the votes and results of all threads to the one Audit, in chunks. There is no thread for it: one of them
// judges what all have handed in, so that what the audit remembers stays in that core's cache. Whoever needs a chunk
// while all are in use judges too (as in flat combining: Hendler, Incze, Shavit, Tzafrir, SPAA 2010). So checking costs
// no context switch, and memory stays bounded.
#pragma once

#include <concurrentqueue.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "core/node/audit_chunk.h"

namespace paxoscope {

class AuditHub {
 public:
  using Chunk = AuditChunk;

  // For `threads` threads; each gets a few chunks.
  AuditHub(const AuditOptions& options, std::size_t threads);

  // Any thread.
  Chunk* take();
  void submit(Chunk* chunk);
  void judge();  // everything that has been handed in, unless somebody is just at it
  // Instances, roughly up to date: in all, and those chosen within the measured time.
  std::uint64_t chosen() const { return chosen_.load(std::memory_order_relaxed); }
  std::uint64_t measured() const { return measured_.load(std::memory_order_relaxed); }
  bool violated() const { return violated_.load(std::memory_order_relaxed); }

  // When all threads are done: judges the rest. `ended`: when the measured time was over. The verdict is final then.
  Audit& finish(Nanos ended);

 private:
  Audit audit_;  // owned by whoever holds judging_
  std::atomic<bool> judging_{false};
  std::atomic<std::uint64_t> chosen_{0};
  std::atomic<std::uint64_t> measured_{0};
  std::atomic<bool> violated_{false};
  moodycamel::ConcurrentQueue<Chunk*> full_;
  moodycamel::ConcurrentQueue<Chunk*> free_;
  std::vector<std::unique_ptr<Chunk>> chunks_;
};

// One thread's way to the hub. A null hub: nothing is recorded. One of the feeds should judge.
class AuditFeed {
 public:
  AuditFeed(AuditHub* hub, bool judges) : hub_(hub), judges_(judges), chunk_(hub == nullptr ? nullptr : hub->take()) {}

  bool on() const { return hub_ != nullptr; }
  void push(const AuditRecord& record) {
    chunk_->push(record);
    if (chunk_->full()) hand_in();
  }
  void hand_in() {
    if (hub_ == nullptr) return;
    if (!chunk_->empty()) {
      hub_->submit(chunk_);
      chunk_ = hub_->take();
    }
    if (judges_) hub_->judge();
  }

 private:
  AuditHub* hub_;
  bool judges_;
  AuditHub::Chunk* chunk_;
};

}  // namespace paxoscope
