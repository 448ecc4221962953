#include "core/threads/audit_hub.h"

#include <thread>

namespace paxoscope {

namespace {
constexpr std::size_t kChunksPerThread = 4;
}

AuditHub::AuditHub(const AuditOptions& options, std::size_t threads) : audit_(options) {
  for (std::size_t i = 0; i < threads * kChunksPerThread; ++i) {
    chunks_.push_back(std::make_unique<Chunk>());
    free_.enqueue(chunks_.back().get());
  }
}

AuditHub::Chunk* AuditHub::take() {
  Chunk* chunk = nullptr;
  while (!free_.try_dequeue(chunk)) {
    judge();
    std::this_thread::yield();
  }
  return chunk;
}

void AuditHub::submit(Chunk* chunk) {
  full_.enqueue(chunk);
}

void AuditHub::judge() {
  if (judging_.exchange(true, std::memory_order_acquire)) return;
  Chunk* chunk = nullptr;
  while (full_.try_dequeue(chunk)) {
    chunk->judge(audit_);
    free_.enqueue(chunk);
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

}  // namespace paxoscope
