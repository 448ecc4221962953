// libFuzzer's entry, compiled once for each target: PAXOSCOPE_FUZZ_TARGET is a function of fuzz.h.
#include "tests/fuzz/fuzz.h"

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer looks for this name
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return paxoscope::fuzz::PAXOSCOPE_FUZZ_TARGET(data, size);
}
