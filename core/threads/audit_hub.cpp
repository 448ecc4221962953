#include "core/threads/audit_hub.h"

#include <thread>

namespace paxoscope {

AuditHub::AuditHub(const AuditOptions& options, std::size_t threads) : audit_(options) {
  for (std::size_t i = 0; i < threads; ++i) lanes_.push_back(std::make_unique<Lane>());
}

void AuditHub::judge() {
  if (judging_.exchange(true, std::memory_order_acquire)) return;
  for (const auto& lane : lanes_) {
    const std::uint64_t handed_in = lane->handed_in.load(std::memory_order_acquire);
    for (std::uint64_t i = lane->judged.load(std::memory_order_relaxed); i < handed_in; ++i) {
      lane->chunks[i % Lane::kChunks].judge(audit_);
      lane->judged.store(i + 1, std::memory_order_release);
    }
  }
  chosen_.store(audit_.chosen_ever(), std::memory_order_relaxed);
  measured_.store(audit_.report().chosen, std::memory_order_relaxed);
  if (!audit_.violation().empty()) violated_.store(true, std::memory_order_relaxed);
  judging_.store(false, std::memory_order_release);
}

Audit& AuditHub::finish(Nanos ended) {
  judge();
  audit_.finish(ended);
  return audit_;
}

void AuditFeed::hand_in() {
  if (!on()) return;
  if (!chunk_->empty()) {
    const std::uint64_t next = lane_->handed_in.load(std::memory_order_relaxed) + 1;
    lane_->handed_in.store(next, std::memory_order_release);
    const auto all_in_use = [&] {
      return next - lane_->judged.load(std::memory_order_acquire) >= AuditHub::Lane::kChunks;
    };
    while (all_in_use()) {
      hub_->judge();
      if (all_in_use()) std::this_thread::yield();  // somebody else is at it
    }
    chunk_ = &lane_->chunks[next % AuditHub::Lane::kChunks];
  }
  if (judges_) hub_->judge();
}

void AuditFeed::settle() {
  if (!on()) return;
  hand_in();
  while (lane_->judged.load(std::memory_order_acquire) != lane_->handed_in.load(std::memory_order_relaxed)) {
    hub_->judge();
    std::this_thread::yield();  // somebody else may be at it
  }
}

}  // namespace paxoscope
