// A set of 64-bit fingerprints in one open-addressing table, 8 bytes a slot.
//
// States are told apart by their fingerprint alone. With n states the probability that any two of them share one, and
// that a state is therefore missed, is below n^2 / 2^65: 3e-8 for a million states, 3e-4 for a hundred million.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <utility>
#include <vector>

#include "core/check/huge_pages.h"
#include "core/random.h"

namespace paxoscope {

// 64 bits of every byte: a folded 128-bit multiplication for every 16 bytes (as in Wang Yi's wyhash), and a mixer at
// the end. Never 0.
inline std::uint64_t fingerprint(std::string_view bytes) {
  __extension__ using Wide = unsigned __int128;
  std::uint64_t hash = 0x9e3779b97f4a7c15U ^ bytes.size();
  const auto fold = [&hash](const std::array<std::uint64_t, 2>& words) {
    const Wide product = static_cast<Wide>(hash ^ words[0]) * (words[1] ^ 0xbf58476d1ce4e5b9U);
    hash = static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64) ^ words[0];
  };
  std::array<std::uint64_t, 2> words{};
  for (; bytes.size() >= sizeof words; bytes.remove_prefix(sizeof words)) {
    std::memcpy(words.data(), bytes.data(), sizeof words);
    fold(words);
  }
  words = {};
  std::memcpy(words.data(), bytes.data(), bytes.size());
  fold(words);
  hash = Random::mix(hash);
  return hash == 0 ? 1 : hash;
}

// Not thread-safe. Doubles when half full.
class FingerprintSet {
 public:
  FingerprintSet() : slots_(kSlotsMin) {}

  // False when it was there before. fingerprint != 0.
  bool insert(std::uint64_t fingerprint) {
    if (2 * size_ >= slots_.size()) grow();
    if (!place(slots_, fingerprint)) return false;
    ++size_;
    return true;
  }

  void prefetch(std::uint64_t fingerprint) const { __builtin_prefetch(&slots_[fingerprint & (slots_.size() - 1)]); }
  std::size_t size() const { return size_; }
  std::size_t bytes() const { return slots_.size() * sizeof(std::uint64_t); }

 private:
  static constexpr std::size_t kSlotsMin = 1 << 12;

  using Slots = std::vector<std::uint64_t, HugePageAllocator<std::uint64_t>>;

  static bool place(Slots& slots, std::uint64_t fingerprint) {
    std::size_t at = fingerprint & (slots.size() - 1);
    while (slots[at] != 0) {
      if (slots[at] == fingerprint) return false;
      at = (at + 1) & (slots.size() - 1);
    }
    slots[at] = fingerprint;
    return true;
  }

  void grow() {
    Slots slots(slots_.size() * 2);
    for (const std::uint64_t fingerprint : slots_) {
      if (fingerprint != 0) place(slots, fingerprint);
    }
    slots_ = std::move(slots);
  }

  Slots slots_;
  std::size_t size_ = 0;
};

}  // namespace paxoscope
