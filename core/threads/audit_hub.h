// Brings the votes and results of all threads to the one Audit, in chunks. There is no thread for it: whoever hands in
// a chunk becomes the judge of everything that has been handed in, unless somebody is just at it (flat combining:
// Hendler, Incze, Shavit, Tzafrir, SPAA 2010). So checking costs no context switch, and memory stays bounded, because
// who needs a chunk while all are in use helps judging.
#pragma once

#include <concurrentqueue.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "core/node/audit.h"

namespace paxoscope {

class AuditHub {
 public:
  struct Chunk {
    std::size_t size = 0;
    std::array<AuditRecord, 256> records;
  };

  // For `threads` threads; each gets a few chunks.
  AuditHub(const AuditOptions& options, std::size_t threads);

  // Any thread.
  Chunk* take();
  void submit(Chunk* chunk);
  // Instances, roughly up to date: in all, and those chosen within the measured time.
  std::uint64_t chosen() const { return chosen_.load(std::memory_order_relaxed); }
  std::uint64_t measured() const { return measured_.load(std::memory_order_relaxed); }
  bool violated() const { return violated_.load(std::memory_order_relaxed); }

  // When all threads are done: judges the rest. `ended`: when the measured time was over. The verdict is final then.
  Audit& finish(Nanos ended);

 private:
  void try_judge();

  Audit audit_;  // owned by whoever holds judging_
  std::atomic<bool> judging_{false};
  std::atomic<std::uint64_t> chosen_{0};
  std::atomic<std::uint64_t> measured_{0};
  std::atomic<bool> violated_{false};
  moodycamel::ConcurrentQueue<Chunk*> full_;
  moodycamel::ConcurrentQueue<Chunk*> free_;
  std::vector<std::unique_ptr<Chunk>> chunks_;
};

// One thread's way to the hub. A null hub: nothing is recorded.
class AuditFeed {
 public:
  explicit AuditFeed(AuditHub* hub) : hub_(hub), chunk_(hub == nullptr ? nullptr : hub->take()) {}

  bool on() const { return hub_ != nullptr; }
  void push(const AuditRecord& record) {
    if (chunk_->size > 0 && chunk_->records[chunk_->size - 1].extend(record)) return;
    if (chunk_->size == chunk_->records.size()) hand_in();
    chunk_->records[chunk_->size++] = record;
  }
  void hand_in() {
    if (hub_ == nullptr || chunk_->size == 0) return;
    hub_->submit(chunk_);
    chunk_ = hub_->take();
  }

 private:
  AuditHub* hub_;
  AuditHub::Chunk* chunk_;
};

}  // namespace paxoscope
