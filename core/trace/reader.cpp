#include "core/trace/reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <system_error>

#include "core/trace/file_format.h"
#include "core/trace/packed_event.h"

namespace paxoscope {

using namespace trace_format;

namespace {

constexpr std::size_t kScanBytes = 1 << 16;  // at a time, when looking for the next whole block

bool is_block_header(std::string_view bytes) {
  return bytes.substr(0, kMarker.size()) == kMarker &&
         checksum(bytes.substr(0, kBlockBytes - 4)) == get<std::uint32_t>(bytes.data() + kBlockBytes - 4);
}

// Where one begins; else the first place that is too near the end to tell. bytes.size() >= kBlockBytes.
std::size_t find_block_header(std::string_view bytes) {
  const std::size_t untold = bytes.size() - kBlockBytes + 1;
  std::size_t at = bytes.find(kMarker);
  while (at < untold && !is_block_header(bytes.substr(at, kBlockBytes))) at = bytes.find(kMarker, at + 1);
  return std::min(at, untold);
}

std::size_t item_bytes(std::uint32_t kind) {
  switch (static_cast<BlockKind>(kind)) {
    case BlockKind::events: return kEventBytes;
    case BlockKind::end: return kTotalBytes;
  }
  return 0;
}

}  // namespace

Expected<TraceReader> TraceReader::open(std::istream& in) {
  TraceReader reader(in);
  const std::uint64_t size = reader.available();
  if (!reader.read(0, std::min<std::uint64_t>(size, kHeaderBytes))) return fail("offset 0: the file cannot be read");
  const std::string_view head = reader.bytes_;
  if (size == 0 && !in.seekg(0)) return fail("a pipe: a trace is not read from front to back only, so give a file");
  if (head.substr(0, kMagic.size()) != kMagic.substr(0, head.size()) || head.empty()) {
    return fail(fmt::format("offset 0: not a trace file: it does not begin with {}", kMagic));
  }
  if (head.size() < kHeaderBytes) {
    return fail(fmt::format("offset {}: the header is cut short: {} of {} bytes", size, size, kHeaderBytes));
  }
  const auto version = get<std::uint32_t>(head.data() + 8);
  if (version != kVersion) {
    return fail(fmt::format("offset 8: format version {}, this program reads version {}", version, kVersion));
  }
  reader.read_metadata();
  return reader;
}

// bytes_ holds the header up to the metadata.
void TraceReader::read_metadata() {
  const auto length = get<std::uint32_t>(bytes_.data() + 12);
  const auto expected = get<std::uint32_t>(bytes_.data() + 16);
  std::string checked = bytes_.substr(0, 16);
  offset_ = kHeaderBytes;
  std::string wrong;
  if (length > kMetadataMax) {
    wrong = fmt::format("offset 12: metadata of {} bytes, allowed at most {}", length, kMetadataMax);
  } else if (!read(kHeaderBytes, length)) {
    wrong = fmt::format("offset 12: metadata of {} bytes, and the file ends after {} of them", length,
                        available() - kHeaderBytes);
  } else if (checked += bytes_; checksum(checked) != expected) {
    wrong = "offset 16: the header is damaged: its checksum differs";
  } else if (!is_metadata(bytes_)) {
    wrong = fmt::format("offset {}: the metadata is not a JSON object of at most 64 levels", kHeaderBytes);
  }
  if (wrong.empty()) {
    metadata_ = bytes_;
    offset_ += length;
    return;
  }
  status_.error = Error{wrong};
  find_next_block();
}

bool TraceReader::next(std::vector<Event>& events) {
  events.clear();
  while (!status_.finished) {
    Block block;
    switch (read_block(block)) {
      case Found::cut: return false;
      case Found::damaged: continue;
      case Found::whole: break;
    }
    if (block.kind == static_cast<std::uint32_t>(BlockKind::events)) {
      take_events(block, events);
    } else {
      take_totals(block);
    }
    offset_ += kBlockBytes + block.length;
    if (!events.empty()) return true;
  }
  return false;
}

// Reads the block at offset_: its payload is then in bytes_. A damaged one is told of and passed.
TraceReader::Found TraceReader::read_block(Block& block) {
  cut_ = available() - std::min(available(), offset_);
  if (!read(offset_, kBlockBytes)) return Found::cut;
  if (const std::string wrong = read_block_header(block); !wrong.empty()) {
    problem(offset_, wrong);
    find_next_block();
    return Found::damaged;
  }
  if (!read(offset_ + kBlockBytes, block.length)) return Found::cut;
  const bool damaged = checksum(bytes_) != block.checksum;
  const bool repeated = block.sequence < next_block_;
  if (damaged) {
    problem(offset_, fmt::format("block {} is damaged: its checksum differs", block.sequence));
  } else if (repeated) {
    problem(offset_, fmt::format("block {} comes after block {}", block.sequence, next_block_ - 1));
  } else if (block.sequence > next_block_) {
    problem(offset_, fmt::format("block {} where block {} should be", block.sequence, next_block_));
  }
  if (!repeated) next_block_ = block.sequence + 1;
  if (!damaged && !repeated) return Found::whole;
  offset_ += kBlockBytes + block.length;
  status_.skipped += kBlockBytes + block.length;
  return Found::damaged;
}

// From bytes_. Returns what is wrong with it, if anything.
std::string TraceReader::read_block_header(Block& block) const {
  if (!is_block_header(bytes_)) return "a damaged block header";
  const char* fields = bytes_.data() + kMarker.size();
  block = {.kind = get<std::uint32_t>(fields),
           .length = get<std::uint32_t>(fields + 4),
           .count = get<std::uint32_t>(fields + 8),
           .checksum = get<std::uint32_t>(fields + 20),
           .sequence = get<std::uint64_t>(fields + 12)};
  const std::size_t item = item_bytes(block.kind);
  if (item > 0 && block.length <= kPayloadMax && block.length == block.count * std::uint64_t{item}) return "";
  return fmt::format("a block of kind {} with {} items in {} bytes, which cannot be", block.kind, block.count,
                     block.length);
}

// Moves offset_ on to the next thing that is surely a block header; without one, to where one might still be written.
void TraceReader::find_next_block() {
  const std::uint64_t from = offset_;
  const std::uint64_t size = available();
  for (++offset_; offset_ + kBlockBytes <= size;) {
    if (!read(offset_, std::min<std::uint64_t>(size - offset_, kScanBytes))) break;
    const std::size_t at = find_block_header(bytes_);
    offset_ += at;
    if (at + kBlockBytes <= bytes_.size()) break;
  }
  status_.skipped += std::min(offset_, size) - std::min(from, size);
}

void TraceReader::take_events(const Block& block, std::vector<Event>& events) {
  events.reserve(block.count);
  for (std::size_t i = 0; i < block.count; ++i) {
    const Expected<Event> event = unpack_checked(get_event(bytes_.data() + i * kEventBytes));
    const Expected<void> in_order = event ? gap_finder_.add(*event) : fail(event.error().message);
    if (in_order) {
      events.push_back(*event);
      continue;
    }
    ++status_.refused;
    problem(offset_ + kBlockBytes + i * kEventBytes, in_order.error().message);
  }
  status_.events += events.size();
}

void TraceReader::take_totals(const Block& block) {
  for (std::size_t i = 0; i < block.count; ++i) {
    const char* item = bytes_.data() + i * kTotalBytes;
    const auto kind = get<std::uint32_t>(item);
    const auto agent = get<std::uint32_t>(item + 4);
    const AgentTotal total{.agent_kind = kind == 0 ? AgentKind::proposer : AgentKind::acceptor,
                           .agent = agent,
                           .recorded = get<std::uint64_t>(item + 8)};
    const Expected<void> known = check_agent(kind, agent);
    const Expected<void> fits = known ? gap_finder_.add(total) : known;
    if (fits) {
      status_.totals.push_back(total);
    } else {
      problem(offset_ + kBlockBytes + i * kTotalBytes, fits.error().message);
    }
  }
  status_.finished = true;
  const std::uint64_t end = offset_ + kBlockBytes + block.length;
  if (available() > end) problem(end, fmt::format("{} bytes after the end of the trace", available() - end));
}

TraceStatus TraceReader::status() const {
  TraceStatus status = status_;
  status.gaps = gap_finder_.gaps();
  status.missing = gap_finder_.missing();
  status.open_ended = gap_finder_.without_total();
  if (status.finished || status.error) return status;
  status.error =
      Error{cut_ == 0 ? fmt::format("offset {}: the trace has no end: what came after block {} is missing", offset_,
                                    next_block_ == 0 ? "none" : std::to_string(next_block_ - 1))
                      : fmt::format("offset {}: block {} is cut short after {} bytes; what came after is missing",
                                    offset_, next_block_, cut_)};
  return status;
}

void TraceReader::problem(std::uint64_t offset, const std::string& what) {
  if (!status_.error) status_.error = Error{fmt::format("offset {}: {}", offset, what)};
}

// How long the file is now.
std::uint64_t TraceReader::available() {
  in_->clear();
  in_->seekg(0, std::ios::end);
  const std::streamoff size = in_->tellg();
  return size < 0 ? 0 : static_cast<std::uint64_t>(size);
}

// Exactly these bytes into bytes_; false when they are not all there.
bool TraceReader::read(std::uint64_t offset, std::size_t length) {
  if (offset + length > available()) return false;
  bytes_.resize(length);
  in_->seekg(static_cast<std::streamoff>(offset));
  in_->read(bytes_.data(), static_cast<std::streamsize>(length));
  return static_cast<std::size_t>(in_->gcount()) == length;
}

Expected<Trace> read_trace(std::istream& in) {
  Expected<TraceReader> reader = TraceReader::open(in);
  if (!reader) return fail(reader.error().message);
  Trace trace{.metadata = reader->metadata(), .events = {}, .status = {}};
  std::vector<Event> block;
  while (reader->next(block)) trace.events.insert(trace.events.end(), block.begin(), block.end());
  trace.status = reader->status();
  return trace;
}

Expected<Trace> load_trace(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return fail(fmt::format("cannot read {}: {}", path, std::generic_category().message(errno)));
  Expected<Trace> trace = read_trace(in);
  if (!trace) return fail(fmt::format("{}: {}", path, trace.error().message));
  return trace;
}

void order_by_time(std::vector<Event>& events) {
  std::stable_sort(events.begin(), events.end(), [](const Event& a, const Event& b) { return a.at < b.at; });
}

}  // namespace paxoscope
