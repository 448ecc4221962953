// How much of a long test without threads is done: all of it, or a tenth under a sanitizer, which is ten times slower
// and needs to see each line, not each case.
#pragma once

#include <cstdint>

namespace paxoscope {

#ifdef PAXOSCOPE_SANITIZED
inline constexpr bool kSanitized = true;
#else
inline constexpr bool kSanitized = false;
#endif

constexpr std::uint64_t effort(std::uint64_t whole) {
  return kSanitized ? (whole + 9) / 10 : whole;
}

}  // namespace paxoscope
