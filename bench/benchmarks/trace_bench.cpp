// What tracing costs: a run on threads, recorded and not, in turns; the pen of an agent, with and without asking for
// the time; and the trace file both ways.
#include <benchmark/benchmark.h>

#include <array>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <vector>

#include "bench/benchmarks/slices.h"
#include "core/trace/reader.h"
#include "core/trace/recorder.h"
#include "core/trace/ring.h"
#include "core/trace/writer.h"

namespace paxoscope {
namespace {

Event example(std::uint64_t number) {
  return {.instance = {number, 0},
          .ballot = Ballot(number & 0xff, 1),
          .value = static_cast<Value>(number),
          .last_bal = Ballot(number & 0xff, 2),
          .peer = 2,
          .round = 1,
          .kind = EventKind::used,
          .granted = true};
}

// Never full: a flight ring overwrites. In batches of one time, as threads under load record.
void record_into_ring(benchmark::State& state) {
  TraceRing ring(RingMode::flight, 1 << 12);
  Recorder<TraceRing> recorder(AgentKind::proposer, 1, ring);
  Nanos now = 0;
  for (auto _ : state) {
    if (++now % 64 == 1) recorder.begin(now);
    recorder.record(example(static_cast<std::uint64_t>(now)));
  }
  benchmark::DoNotOptimize(ring.pushed());
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(record_into_ring)->Name("trace/record");

void record_with_clock(benchmark::State& state) {
  TraceRing ring(RingMode::flight, 1 << 12);
  Recorder<TraceRing> recorder(AgentKind::proposer, 1, ring);
  std::uint64_t number = 0;
  for (auto _ : state) {
    recorder.record(example(++number), std::chrono::steady_clock::now().time_since_epoch().count());
  }
  benchmark::DoNotOptimize(ring.pushed());
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(record_with_clock)->Name("trace/record_with_clock");

// Push and drain by turns in one thread: both ends of a stream, without the cache misses between two cores. An item is
// a line, marks among them.
void stream_through_ring(benchmark::State& state) {
  TraceRing ring(RingMode::stream, 1 << 12);
  Recorder<TraceRing> recorder(AgentKind::proposer, 1, ring);
  const Event event = example(7);
  std::uint64_t sum = 0;
  std::uint64_t end = ring.capacity();
  for (auto _ : state) {
    recorder.begin(7);
    while (ring.pushed() < end) recorder.record(event);
    end += ring.capacity();
    ring.drain(ring.capacity(), [&](const PackedEvent& packed) { sum += packed[1]; });
  }
  benchmark::DoNotOptimize(sum);
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(ring.capacity()));
}
BENCHMARK(stream_through_ring)->Name("trace/push_and_drain");

constexpr int kFileEvents = 200'000;

void write_events(std::ostream& out) {
  Expected<TraceWriter> writer = TraceWriter::begin(out, "{}");
  Recorder<TraceWriter> recorder(AgentKind::proposer, 1, *writer);
  for (Nanos now = 0; now < kFileEvents; ++now) recorder.record(example(static_cast<std::uint64_t>(now)), now);
  (void)writer->finish(std::array{recorder.total()});
}

// Without a disk: what a collector's thread needs for an event.
void write_file(benchmark::State& state) {
  std::ofstream out("/dev/null", std::ios::binary);
  for (auto _ : state) write_events(out);
  state.SetItemsProcessed(state.iterations() * kFileEvents);
}
BENCHMARK(write_file)->Name("trace/write_file")->Unit(benchmark::kMillisecond);

// From memory, in blocks, as the window and the checker read.
void read_file(benchmark::State& state) {
  std::stringstream file;
  write_events(file);
  std::vector<Event> block;
  for (auto _ : state) {
    Expected<TraceReader> reader = TraceReader::open(file);
    while (reader->next(block)) benchmark::DoNotOptimize(block.data());
    if (!reader->status().complete()) state.SkipWithError("the trace was not read whole");
  }
  state.SetItemsProcessed(state.iterations() * kFileEvents);
}
BENCHMARK(read_file)->Name("trace/read_file")->Unit(benchmark::kMillisecond);

// Takes everything and keeps nothing: what is left is the recording threads' and the collector's part.
class NullSink : public TraceSink {
 public:
  void push(const PackedEvent& event) override { benchmark::DoNotOptimize(event[0]); }
  Expected<void> finish(std::span<const AgentTotal>) override { return {}; }
};

// Arguments: proposers; window; 0: every event goes through the collector to a sink that keeps nothing, 1: to a file,
// 2: the threads keep their newest events and the sink gets these at the end. trace_ratio: throughput over that of the
// same cluster unrecorded.
void record_run(benchmark::State& state) {
  ClusterOptions cluster = slice_cluster(3, static_cast<std::uint32_t>(state.range(1)));
  cluster.proposers = static_cast<std::uint32_t>(state.range(0));
  const bool to_file = state.range(2) == 1;
  const std::filesystem::path path = std::filesystem::temp_directory_path() / "paxos_bench.trace";
  const auto recorded = [&] {
    NullSink nowhere;
    RunControl control;
    control.trace = &nowhere;
    control.trace_mode = state.range(2) == 2 ? TraceMode::newest : TraceMode::lossy;
    if (!to_file) return run_paxos_slice(cluster, {}, control);
    std::ofstream out(path, std::ios::binary);
    auto writer = TraceWriter::begin(out, "{}");
    if (!writer) return Expected<Slice>(fail(writer.error().message));
    control.trace = &*writer;
    const Expected<Slice> slice = run_paxos_slice(cluster, {}, control);
    if (const auto written = writer->status(); !written) return Expected<Slice>(fail(written.error().message));
    return slice;
  };
  time_side_by_side(
      state, recorded, [&] { return run_paxos_slice(cluster, {}); }, "trace_ratio");
  std::filesystem::remove(path);
}
BENCHMARK(record_run)
    ->Name("trace/throughput")
    ->ArgNames({"proposers", "window", "to"})
    ->ArgsProduct({{1, 3}, {1, 64}, {0, 1, 2}})
    ->UseManualTime();

}  // namespace
}  // namespace paxoscope
