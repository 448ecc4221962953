// Counts the calls of operator new of the whole process.
#pragma once

#include <cstdint>

namespace paxoscope {

std::uint64_t allocations_of_all_threads();

}  // namespace paxoscope
