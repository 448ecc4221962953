// What checking every run costs: per vote, and as a share of throughput, with and without in turns.
#include <benchmark/benchmark.h>

#include <vector>

#include "bench/benchmarks/slices.h"
#include "core/node/audit.h"

namespace paxoscope {
namespace {

// The votes of three acceptors on ever new versions, their retirements and the proposer's results. `run`: how many
// consecutive versions are told of together.
void audit_votes(benchmark::State& state) {
  const auto run = static_cast<std::uint32_t>(state.range(0));
  constexpr ProposerId kProposer = 1;
  constexpr Ballot kBallot(1, kProposer);
  constexpr std::uint64_t kRetained = 64;
  Audit audit({});
  std::vector<Value> values(run);
  std::uint64_t ver = 0;
  Nanos now = 0;
  for (auto _ : state) {
    const InstanceId instance{ver, 0};
    for (Value& value : values) value = write_id({ver++, 0}, kProposer);
    ++now;
    for (AcceptorId acceptor = 0; acceptor < 3; ++acceptor) {
      audit.feed(AuditRecord::vote(acceptor, instance, {kBallot, kBallot, values[0]}, now), values);
      if (ver % kRetained == 0 && ver > kRetained) audit.feed(AuditRecord::retired(acceptor, {ver - kRetained, 0}));
    }
    audit.feed(
        AuditRecord::result(
            kProposer,
            {.won = true, .instance = instance, .ballot = kBallot, .value = values[0], .began = now, .ended = now}),
        values);
  }
  if (!audit.violation().empty()) state.SkipWithError(audit.violation().c_str());
  state.counters["per_vote"] =
      benchmark::Counter(3.0 * run, benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}
BENCHMARK(audit_votes)->Name("audit/feed")->ArgName("run")->Arg(1)->Arg(8)->Arg(64);

void audit_throughput(benchmark::State& state) {
  const ClusterOptions without = slice_cluster(3, static_cast<std::uint32_t>(state.range(0)));
  ClusterOptions with = without;
  with.audit = true;
  time_side_by_side(
      state, [&] { return run_paxos_slice(with, {}); }, [&] { return run_paxos_slice(without, {}); }, "audit_ratio");
}
BENCHMARK(audit_throughput)->Name("audit/throughput")->ArgName("window")->Arg(1)->Arg(64)->Arg(1024)->UseManualTime();

}  // namespace
}  // namespace paxoscope
