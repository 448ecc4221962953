// paxos_bench: every standard flag of Google Benchmark, and --peers=HOST:PORT,...: acceptors for the benchmarks whose
// names begin with wire/ (--benchmark_filter=wire/). Compare two of its JSON files with the stock compare.py.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "bench/benchmarks/acceptors.h"
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

// Takes --peers, the one option of ours, off the words. False, with a line on stderr, when it is wrong.
bool take_peers(std::vector<char*>& arguments) {
  constexpr std::string_view kOption = "--peers=";
  const auto ours = [&](const char* word) { return std::string_view(word).starts_with(kOption); };
  for (const char* word : arguments) {
    if (!ours(word)) continue;
    const auto peers = paxoscope::wire::parse_peers(std::string(word).substr(kOption.size()));
    if (!peers) fmt::print(stderr, "paxos_bench: --peers: {}\n", peers.error().message);
    if (!peers) return false;
    paxoscope::given_peers() = *peers;
  }
  std::erase_if(arguments, ours);
  return true;
}

void print_help() {
  benchmark::PrintDefaultHelp();
  fmt::print("          [--peers=<host:port>,...]  acceptors for the benchmarks whose names begin with wire/\n");
}

}  // namespace

int main(int argc, char** argv) {
  // Before the user's, which so override it: the library's half a second would make the whole suite five times as long.
  std::string shorter = "--benchmark_min_time=0.1";
  std::vector<char*> arguments(argv, argv + argc);
  if (!take_peers(arguments)) return 2;
  arguments.insert(arguments.begin() + 1, shorter.data());
  int count = static_cast<int>(arguments.size());
  benchmark::Initialize(&count, arguments.data(), print_help);
  if (benchmark::ReportUnrecognizedArguments(count, arguments.data())) return 1;
  add_context();
  paxoscope::register_uncontended();
  paxoscope::register_contended();
  paxoscope::register_waits();
  paxoscope::register_backoff();
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}
