// Counts this thread's calls of operator new, for tests of code that promises not to allocate.
#pragma once

#include <cstdint>

namespace paxoscope {

std::uint64_t allocations_so_far();

}  // namespace paxoscope
