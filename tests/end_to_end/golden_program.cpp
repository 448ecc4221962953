// Prints every golden run with the hash that this build gives it. every_compiler_test.py builds it in several ways.
#include <cinttypes>
#include <cstdio>

#include "tests/simulation/golden.h"

int main() {
  for (const paxoscope::testing::Golden& golden : paxoscope::testing::kGolden) {
    const auto setting = paxoscope::testing::setting_of(golden);
    const auto result = paxoscope::run_simulation(setting.cluster, *setting.strategy, setting.options);
    if (!result) return 1;
    std::printf("%016" PRIx64 " %s %016" PRIx64 "\n", golden.hash, golden.strategy, result->trace_hash);
  }
  return 0;
}
