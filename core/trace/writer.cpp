#include "core/trace/writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "core/trace/file_format.h"

namespace paxoscope {

using namespace trace_format;

namespace {

// Streams tell no reason of their own; errno has it when it was the system that refused.
std::string why() {
  return errno != 0 ? std::generic_category().message(errno) : "the stream refused";
}

}  // namespace

Expected<TraceWriter> TraceWriter::begin(std::ostream& out, std::string_view metadata) {
  if (metadata.size() > kMetadataMax) {
    return fail(fmt::format("trace metadata of {} bytes, allowed at most {}", metadata.size(), kMetadataMax));
  }
  if (!is_metadata(metadata)) return fail("trace metadata is not a JSON object of at most 64 levels");
  TraceWriter writer(out);
  writer.payload_.reserve(kEventsPerBlock * kEventBytes);
  writer.write(header(metadata));
  if (!writer.error_.empty()) return fail(writer.error_);
  return writer;
}

void TraceWriter::push(const PackedEvent& event) {
  put(payload_, event);
  ++events_;
  if (payload_.size() == kEventsPerBlock * kEventBytes) write_events();
}

Expected<void> TraceWriter::flush() {
  if (!payload_.empty()) write_events();
  errno = 0;
  if (error_.empty() && !out_->flush()) error_ = fmt::format("cannot write the trace: {}", why());
  return status();
}

Expected<void> TraceWriter::status() const {
  if (!error_.empty()) return fail(error_);
  return {};
}

Expected<void> TraceWriter::finish(std::span<const AgentTotal> totals) {
  if (!payload_.empty()) write_events();
  // A block holds a million agents; whoever has more gets no end block rather than one that no reader takes.
  if (totals.size() > kPayloadMax / kTotalBytes) {
    return fail(fmt::format("{} agents in a trace, allowed at most {}", totals.size(), kPayloadMax / kTotalBytes));
  }
  std::string payload;
  for (const AgentTotal& total : totals) {
    put(payload, static_cast<std::uint32_t>(total.agent_kind));
    put(payload, total.agent);
    put(payload, total.recorded);
  }
  write(block_header(BlockKind::end, static_cast<std::uint32_t>(totals.size()), blocks_++, payload));
  write(payload);
  return flush();
}

void TraceWriter::write_events() {
  const auto count = static_cast<std::uint32_t>(payload_.size() / kEventBytes);
  write(block_header(BlockKind::events, count, blocks_++, payload_));
  write(payload_);
  payload_.clear();
}

void TraceWriter::write(std::string_view bytes) {
  if (!error_.empty()) return;
  errno = 0;
  if (!out_->write(bytes.data(), static_cast<std::streamsize>(bytes.size()))) {
    error_ = fmt::format("cannot write the trace at offset {}: {}", offset_, why());
  }
  offset_ += bytes.size();
}

}  // namespace paxoscope
