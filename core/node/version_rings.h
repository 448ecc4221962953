// A table of T per instance: per key a ring of consecutive versions, so that the hot path is two loads. It grows on
// demand up to its limits and forgets versions only from below.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "core/paxos/message.h"

namespace paxoscope {

struct RingLimits {
  std::uint32_t keys_max = 1 << 20;          // keys 0 .. keys_max - 1
  std::uint64_t versions_max = 1 << 17;      // of one key, kept at once; a power of two
  std::uint64_t instances_max = 1ULL << 26;  // what all rings hold in sum
};

struct NoNote {};

// `Note`: what is kept of each key beside its ring. Not thread-safe.
template <class T, class Note = NoNote>
class VersionRings {
 public:
  explicit VersionRings(const RingLimits& limits = {}) : limits_(limits) {}

  // The entry of the instance, made on first touch; null when it is retired, or else there is no room for it.
  T* find(const InstanceId& instance) {
    return find(instance, [](const Note&) {});
  }

  // Likewise, and first calls see(note) if its key has ever been asked about. see() may retire() versions of this key.
  template <class See>
  T* find(const InstanceId& instance, See&& see) {
    if (instance.key < touched_) [[likely]] {
      Key& key = keys_[instance.key];
      see(key.note);
      const std::uint64_t offset = instance.ver - key.first;  // wraps to a huge number when retired
      if (offset < key.size) [[likely]]
        return &key.ring[instance.ver & (key.size - 1)];
    }
    return grow(instance);
  }

  // It is below what its key keeps, and stays so.
  bool is_retired(const InstanceId& instance) const { return instance.ver < first(instance.key); }

  // Forgets all versions of the key below `first`; calls gone(ver, entry) on each that the ring held, in order.
  template <class Gone>
  void retire(std::uint32_t key_number, std::uint64_t first, Gone&& gone) {
    touch(key_number);
    Key& key = keys_[key_number];
    if (first <= key.first) return;
    const std::uint64_t held = std::min(first - key.first, key.size);
    for (std::uint64_t ver = key.first; ver < key.first + held; ++ver) {
      T& entry = key.ring[ver & (key.size - 1)];
      gone(ver, entry);
      if constexpr (requires { entry.clear(); }) {
        entry.clear();
      } else {
        entry = T();
      }
    }
    key.first = first;
  }

  // The first version of the key that is not retired.
  std::uint64_t first(std::uint32_t key) const { return key < keys_.size() ? keys_[key].first : 0; }
  // Null of a key that has never been asked about, or is beyond the limits.
  const Note* note(std::uint32_t key) const { return key < touched_ ? &keys_[key].note : nullptr; }
  std::uint64_t capacity() const { return instances_; }  // entries allocated, used or not

  // As if new, and keeps the memory.
  void clear() {
    for (std::size_t number = 0; number < touched_; ++number) {
      keys_[number].first = keys_[number].size = 0;
      keys_[number].note = Note();
    }
    touched_ = 0;
    instances_ = 0;
  }

  // visit(instance, entry) on every entry that a ring holds, used or not.
  template <class Visit>
  void for_each(Visit&& visit) {
    for (std::size_t number = 0; number < keys_.size(); ++number) {
      Key& key = keys_[number];
      for (std::uint64_t ver = key.first; ver < key.first + key.size; ++ver) {
        visit(InstanceId{ver, static_cast<std::uint32_t>(number)}, key.ring[ver & (key.size - 1)]);
      }
    }
  }

 private:
  struct Key {
    std::uint64_t first = 0;
    std::uint64_t size = 0;  // of the ring, 0 or a power of two; kept beside it, because asking a vector is a division
    std::vector<T> ring;     // version v lives at v mod size
    [[no_unique_address]] Note note = {};
  };

  void touch(std::uint32_t key) {
    if (key < touched_) return;
    touched_ = key + std::size_t{1};
    if (touched_ > keys_.size()) keys_.resize(touched_);
  }

  // The cold path: a new key, a version beyond the ring, or a retired one.
  T* grow(const InstanceId& instance) {
    if (instance.key >= limits_.keys_max) return nullptr;
    touch(instance.key);
    Key& key = keys_[instance.key];
    if (instance.ver < key.first) return nullptr;
    const std::uint64_t offset = instance.ver - key.first;
    if (offset >= limits_.versions_max) return nullptr;
    const std::uint64_t size = std::max<std::uint64_t>(std::bit_ceil(offset + 1), kRingMin);
    const std::uint64_t old = key.size;
    if (instances_ - old + size > limits_.instances_max) return nullptr;
    if (old == 0) {
      key.ring.assign(size, T());
    } else {
      std::vector<T> ring(size);
      for (std::uint64_t ver = key.first; ver < key.first + old; ++ver) {
        ring[ver & (size - 1)] = std::move(key.ring[ver & (old - 1)]);
      }
      key.ring = std::move(ring);
    }
    instances_ += size - old;
    key.size = size;
    return &key.ring[instance.ver & (size - 1)];
  }

  static constexpr std::uint64_t kRingMin = 8;
  RingLimits limits_;
  std::uint64_t instances_ = 0;
  std::vector<Key> keys_;  // those from touched_ on are as new, but for their memory
  std::size_t touched_ = 0;
};

}  // namespace paxoscope
