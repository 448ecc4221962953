// Any bytes at all as a trace file, read in every way there is. A fuzzer cannot guess checksums, so the same bytes are
// also tried as the payload and as the metadata of a file whose checksums are right.
#include <sstream>
#include <string>

#include "core/trace/export.h"
#include "core/trace/file_format.h"
#include "core/trace/info.h"
#include "tests/fuzz/fuzz.h"

namespace paxoscope::fuzz {

namespace {

using trace_format::BlockKind;

void read_everything(const std::string& bytes) {
  std::istringstream in(bytes);
  const Expected<Trace> trace = read_trace(in);
  if (!trace) {
    require(!trace.error().message.empty());
    return;
  }
  const TraceStatus& status = trace->status;
  require(trace->events.size() == status.events);
  require(trace->events.size() <= bytes.size() / trace_format::kEventBytes);
  require(status.finished || status.error);
  require(status.skipped <= bytes.size());
  GapFinder order;
  for (const Event& event : trace->events) require(order.add(event).has_value());
  in.clear();
  require(summarise_trace(in)->status.events == status.events);
  for (const ExportFormat& format : export_formats()) {
    in.clear();
    std::ostringstream out;
    require(convert_trace(in, format.name, out)->events == status.events);
  }
}

std::string block(BlockKind kind, std::size_t item, std::uint64_t sequence, const std::string& bytes) {
  const std::string payload = bytes.substr(0, bytes.size() / item * item);
  return trace_format::block_header(kind, static_cast<std::uint32_t>(payload.size() / item), sequence, payload) +
         payload;
}

}  // namespace

int trace_file(const std::uint8_t* data, std::size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  read_everything(bytes);
  if (size > trace_format::kMetadataMax) return 0;
  const std::string events = block(BlockKind::events, trace_format::kEventBytes, 0, bytes);
  const std::string totals = block(BlockKind::end, trace_format::kTotalBytes, 1, bytes);
  read_everything(trace_format::header("{}") + events + totals);
  read_everything(trace_format::header(bytes) + events);
  return 0;
}

}  // namespace paxoscope::fuzz
