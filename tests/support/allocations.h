// Counts calls of operator new, for tests of code that promises not to allocate. Link support/allocations.cpp.
#pragma once

#include <cstdint>

namespace paxoscope {

std::uint64_t allocations_so_far();  // of this thread
std::uint64_t allocations_of_all_threads();

}  // namespace paxoscope
