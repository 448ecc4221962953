// Brings memory into the cache that will be read and written soon.
#pragma once

#include <cstddef>

namespace paxoscope {

inline constexpr std::size_t kCacheLine = 64;  // bytes

// lines: how many cache lines from `from` on. Whoever calls it in a function of its own must force that one to be
// inlined as well: GCC takes a function that only prefetches for one without effect, and drops its calls.
[[gnu::always_inline]] inline void prefetch(const void* from, std::size_t lines) {
  for (std::size_t i = 0; i < lines; ++i) __builtin_prefetch(static_cast<const char*>(from) + i * kCacheLine, 1);
}

}  // namespace paxoscope
