// The acceptors of one node, one per open instance: per key a ring of consecutive versions, so that the hot path is
// two loads. Bounded: a version that no ring has room for is refused, and decided versions are retired from below.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/paxos/acceptor.h"

namespace paxoscope {

struct InstanceLimits {
  std::uint32_t keys_max = 1 << 20;          // keys 0 .. keys_max - 1
  std::uint32_t versions_max = 1 << 17;      // versions of one key kept at once, a power of two
  std::uint64_t instances_max = 1ULL << 26;  // over all keys: what rings may hold in sum
  std::uint32_t retain = 64;                 // decided versions kept below the watermark, for who still wants to learn
};

// Not thread-safe: owned by one acceptor node.
class InstanceTable {
 public:
  enum class Lookup : std::uint8_t { found, retired, full };

  explicit InstanceTable(const InstanceLimits& limits) : limits_(limits) {}

  // The acceptor of the instance, made on first touch; null when it is retired or there is no room for it.
  Acceptor* find(const InstanceId& instance, Lookup& lookup) {
    if (instance.key < keys_.size()) [[likely]] {
      Key& key = keys_[instance.key];
      const std::uint64_t offset = instance.ver - key.first;  // wraps far up when retired
      if (offset < key.ring.size()) [[likely]] {
        lookup = Lookup::found;
        return &key.ring[instance.ver & (key.ring.size() - 1)];
      }
    }
    return grow(instance, lookup);
  }

  // Somebody knows that every version of the key below `decided_below` is decided. Retires all but the last `retain`
  // of them; true when something was retired.
  bool raise_watermark(std::uint32_t key_number, std::uint64_t decided_below) {
    if (key_number >= keys_.size() || decided_below <= keys_[key_number].decided_below) [[likely]]
      return false;
    Key& key = keys_[key_number];
    key.decided_below = decided_below;
    const std::uint64_t first = decided_below - std::min<std::uint64_t>(decided_below, limits_.retain);
    if (first <= key.first) return false;
    const std::uint64_t passed = std::min<std::uint64_t>(first - key.first, key.ring.size());
    for (std::uint64_t i = 0; i < passed; ++i) key.ring[(key.first + i) & (key.ring.size() - 1)] = Acceptor();
    key.first = first;
    return true;
  }

  // The first version of the key that is not retired.
  std::uint64_t first(std::uint32_t key) const { return key < keys_.size() ? keys_[key].first : 0; }
  // Every version of the key below it is decided.
  std::uint64_t decided_below(std::uint32_t key) const { return key < keys_.size() ? keys_[key].decided_below : 0; }
  std::uint64_t capacity() const { return instances_; }  // acceptors allocated, open or not

 private:
  struct Key {
    std::uint64_t first = 0;
    std::uint64_t decided_below = 0;
    std::vector<Acceptor> ring;  // empty, or a power of two; version v lives at v mod size
  };

  // The cold path: a new key, a version beyond the ring, or a retired one.
  Acceptor* grow(const InstanceId& instance, Lookup& lookup) {
    lookup = Lookup::full;
    if (instance.key >= limits_.keys_max) return nullptr;
    if (instance.key >= keys_.size()) keys_.resize(instance.key + std::size_t{1});
    Key& key = keys_[instance.key];
    if (instance.ver < key.first) {
      lookup = Lookup::retired;
      return nullptr;
    }
    const std::uint64_t offset = instance.ver - key.first;
    if (offset >= limits_.versions_max) return nullptr;
    const std::uint64_t size = std::max<std::uint64_t>(std::bit_ceil(offset + 1), kRingMin);
    const std::uint64_t old = key.ring.size();
    if (size > limits_.versions_max || instances_ - old + size > limits_.instances_max) return nullptr;
    std::vector<Acceptor> ring(size);
    for (std::uint64_t i = 0; i < old; ++i) {
      const std::uint64_t ver = key.first + i;
      ring[ver & (size - 1)] = key.ring[ver & (old - 1)];
    }
    instances_ += size - old;
    key.ring = std::move(ring);
    lookup = Lookup::found;
    return &key.ring[instance.ver & (size - 1)];
  }

  static constexpr std::uint64_t kRingMin = 8;
  InstanceLimits limits_;
  std::uint64_t instances_ = 0;
  std::vector<Key> keys_;
};

}  // namespace paxoscope
