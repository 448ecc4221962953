// paxos_bench: every standard flag of Google Benchmark. Compare two of its JSON files with the stock compare.py.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <string>
#include <vector>

#include "bench/benchmarks/points.h"
#include "core/experiment/report.h"
#include "core/experiment/runner.h"

namespace {

void add_context() {
  const paxoscope::Machine& machine = paxoscope::this_machine();
  benchmark::AddCustomContext("cores", std::to_string(machine.cores));
  benchmark::AddCustomContext("cpu", machine.cpu);
  benchmark::AddCustomContext("system", machine.system);
  benchmark::AddCustomContext("compiler", machine.compiler);
  benchmark::AddCustomContext("build_type", machine.build);  // ours; library_build_type is libbenchmark's own
  benchmark::AddCustomContext("version", machine.version);
  benchmark::AddCustomContext("commit", machine.commit);
  const auto round_trip = paxoscope::round_trip_of({});
  benchmark::AddCustomContext("round_trip",
                              round_trip ? fmt::format("{} ns", *round_trip) : round_trip.error().message);
}

}  // namespace

int main(int argc, char** argv) {
  // Before the user's, which so override it: the library's half a second would make the whole suite five times as long.
  std::string shorter = "--benchmark_min_time=0.1";
  std::vector<char*> arguments(argv, argv + argc);
  arguments.insert(arguments.begin() + 1, shorter.data());
  int count = static_cast<int>(arguments.size());
  benchmark::Initialize(&count, arguments.data());
  if (benchmark::ReportUnrecognizedArguments(count, arguments.data())) return 1;
  add_context();
  paxoscope::register_uncontended();
  paxoscope::register_contended();
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}
