// Time since the run began, in whole nanoseconds: the only notion of time in core.
// Real threads and the simulation both hand it in as an argument; no pure code ever asks for it.
#pragma once

#include <cstdint>

namespace paxoscope {

using Nanos = std::int64_t;

inline constexpr Nanos kMicrosecond = 1'000;
inline constexpr Nanos kMillisecond = 1'000'000;
inline constexpr Nanos kSecond = 1'000'000'000;

}  // namespace paxoscope
