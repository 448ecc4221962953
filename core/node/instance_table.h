// The acceptors of one node, one per open instance, in bounded memory: an instance for which there is no room is
// refused, and decided ones are retired behind a watermark. No vote or promise of an open instance is ever forgotten.
#pragma once

#include <algorithm>
#include <cstdint>

#include "core/node/version_rings.h"
#include "core/paxos/acceptor.h"

namespace paxoscope {

struct InstanceLimits {
  RingLimits rings;
  std::uint64_t retain = 64;  // decided versions of a key kept below the watermark, for who still wants to learn them
};

// Not thread-safe: owned by one acceptor node.
class InstanceTable {
 public:
  using Rings = VersionRings<Acceptor, std::uint64_t>;  // of each key, below which version all are decided

  explicit InstanceTable(const InstanceLimits& limits) : rings_(limits.rings), retain_(limits.retain) {}

  struct Found {
    Acceptor* acceptor = nullptr;  // made on first touch; null when it is retired, or else there is no room for it
    bool retired = false;          // instances of its key were retired: see first()
  };

  // Somebody knows that every version of its key below `decided_below` is decided: one lookup serves that as well.
  Found find(const InstanceId& instance, std::uint64_t decided_below) {
    bool retired = false;
    Acceptor* acceptor = rings_.find(instance, [&](std::uint64_t& known) {
      if (decided_below > known) [[unlikely]]
        retired = raise_watermark(instance.key, known, decided_below);
    });
    return {acceptor, retired};
  }
  bool is_retired(const InstanceId& instance) const { return rings_.is_retired(instance); }

  // As if new, and keeps the memory.
  void clear() { rings_.clear(); }

  // Every version of the key below it is known to be decided.
  std::uint64_t decided_below(std::uint32_t key) const {
    const std::uint64_t* known = rings_.note(key);
    return known == nullptr ? 0 : *known;
  }
  // The first version of the key that is not retired.
  std::uint64_t first(std::uint32_t key) const { return rings_.first(key); }
  std::uint64_t capacity() const { return rings_.capacity(); }  // acceptors allocated, open or not

 private:
  static constexpr std::uint64_t kRetireBatch = 32;

  bool raise_watermark(std::uint32_t key, std::uint64_t& known, std::uint64_t below) {
    known = below;
    // In batches: it is the ring that is bounded, not each single version.
    const std::uint64_t first = below - std::min(below, retain_);
    if (first < rings_.first(key) + kRetireBatch) return false;
    rings_.retire(key, first, [](std::uint64_t, const Acceptor&) {});
    return true;
  }

  Rings rings_;
  std::uint64_t retain_;
};

}  // namespace paxoscope
