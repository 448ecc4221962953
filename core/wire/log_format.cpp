#include "core/wire/log_format.h"

#include <fmt/format.h>

#include "core/trace/file_format.h"
#include "core/wire/message.h"

namespace paxoscope::wire {

namespace {

using trace_format::checksum;
using trace_format::get;
using trace_format::put;

enum class RecordKind : std::uint8_t { state = 1, event = 2 };
constexpr std::size_t kStateBytes = 35;  // before the key
constexpr std::size_t kEventBytes = 1 + trace_format::kEventBytes;

struct Block {
  std::uint64_t sequence = 0;
  std::string_view payload;
};

// The whole block that begins here, if one does.
bool read_block(std::string_view bytes, Block& block) {
  using namespace log_format;
  if (bytes.size() < kBlockBytes || !bytes.starts_with(kMarker)) return false;
  if (get<std::uint32_t>(bytes.data() + 20) != checksum(bytes.substr(0, 20))) return false;
  const auto length = get<std::uint32_t>(bytes.data() + 4);
  if (length > kPayloadMax || length > bytes.size() - kBlockBytes) return false;
  block = {get<std::uint64_t>(bytes.data() + 8), bytes.substr(kBlockBytes, length)};
  return checksum(block.payload) == get<std::uint32_t>(bytes.data() + 16);
}

// Whether anything whole comes after the block that is broken at `broken`.
bool goes_on(std::string_view bytes, std::size_t broken) {
  Block block;
  for (std::size_t at = bytes.find(log_format::kMarker, broken + 1); at != std::string_view::npos;
       at = bytes.find(log_format::kMarker, at + 1)) {
    if (read_block(bytes.substr(at), block)) return true;
  }
  return false;
}

Ballot ballot_of(std::uint64_t word) {
  return {word >> Ballot::kProposerBits, static_cast<ProposerId>(word & Ballot::kMaxProposer)};
}

// Takes the first record off `payload`.
Expected<void> read_state(std::string_view& payload, const LogVisitor& visitor) {
  if (payload.size() < kStateBytes) return fail("a state that is cut short");
  const char* at = payload.data();
  const auto length = get<std::uint16_t>(at + 33);
  if (length == 0 || length > kKeyMax || length > payload.size() - kStateBytes) return fail("a state without its key");
  StateRecord record{payload.substr(kStateBytes, length), get<std::uint64_t>(at + 25),
                     AcceptorState{ballot_of(get<std::uint64_t>(at + 1)), ballot_of(get<std::uint64_t>(at + 9)),
                                   static_cast<Value>(get<std::uint64_t>(at + 17))}};
  const auto fits = [](Ballot ballot) { return ballot.n() <= Ballot::kMaxN; };
  if (!fits(record.state.last_bal) || record.state.last_bal.is_none() || record.state.v_bal > record.state.last_bal) {
    return fail("a state that no acceptor can be in");
  }
  payload.remove_prefix(kStateBytes + length);
  return visitor.state(record);
}

Expected<void> read_event(std::string_view& payload, const LogVisitor& visitor) {
  if (payload.size() < kEventBytes) return fail("an event that is cut short");
  const auto event = unpack_checked(trace_format::get_event(payload.data() + 1));
  if (!event) return tl::unexpected(event.error());
  if (visitor.event) visitor.event(*event);
  payload.remove_prefix(kEventBytes);
  return {};
}

Expected<void> read_record(std::string_view& payload, const LogVisitor& visitor) {
  switch (static_cast<RecordKind>(payload.front())) {
    case RecordKind::state: return read_state(payload, visitor);
    case RecordKind::event: return read_event(payload, visitor);
  }
  return fail("a record of no known kind");
}

Expected<LogScan> read_header(std::string_view bytes) {
  using namespace log_format;
  if (!bytes.starts_with(kMagic)) return fail("not an acceptor's log: no PAXOSLOG at offset 0");
  if (bytes.size() < kHeaderBytes) return fail("its header is cut short at offset 0");
  const auto version = get<std::uint32_t>(bytes.data() + 8);
  if (get<std::uint32_t>(bytes.data() + 24) != checksum(bytes.substr(0, 24))) {
    return fail("its header is damaged at offset 0");
  }
  if (version != kVersion) return fail(fmt::format("version {} at offset 8; allowed: {}", version, kVersion));
  const auto acceptor = get<std::uint32_t>(bytes.data() + 12);
  if (acceptor >= kMaxAcceptors) return fail(fmt::format("acceptor {} at offset 12", acceptor));
  const auto sequence = get<std::uint64_t>(bytes.data() + 16);
  return LogScan{static_cast<AcceptorId>(acceptor), sequence, sequence, kHeaderBytes};
}

}  // namespace

namespace log_format {

std::string header(AcceptorId acceptor, std::uint64_t sequence) {
  std::string bytes(kMagic);
  put(bytes, kVersion);
  put(bytes, std::uint32_t{acceptor});
  put(bytes, sequence);
  put(bytes, checksum(bytes));
  return bytes;
}

void add(std::string& payload, const StateRecord& record) {
  payload += static_cast<char>(RecordKind::state);
  put(payload, record.state.last_bal.word());
  put(payload, record.state.v_bal.word());
  put(payload, static_cast<std::uint64_t>(record.state.value));
  put(payload, record.ver);
  put(payload, static_cast<std::uint16_t>(record.key.size()));
  payload += record.key;
}

void add(std::string& payload, const Event& event) {
  payload += static_cast<char>(RecordKind::event);
  put(payload, pack(event));
}

std::string block(std::uint64_t sequence, std::string_view payload) {
  std::string bytes(kMarker);
  put(bytes, static_cast<std::uint32_t>(payload.size()));
  put(bytes, sequence);
  put(bytes, checksum(payload));
  put(bytes, checksum(bytes));
  bytes += payload;
  return bytes;
}

}  // namespace log_format

Expected<LogScan> scan_log(std::string_view bytes, const LogVisitor& visitor) {
  auto scan = read_header(bytes);
  if (!scan) return scan;
  while (scan->whole < bytes.size()) {
    Block block;
    if (!read_block(bytes.substr(scan->whole), block)) {
      if (bytes.size() - scan->whole > log_format::kBlockBytes + log_format::kPayloadMax ||
          goes_on(bytes, scan->whole)) {
        return fail(fmt::format("damaged at offset {}: votes may be lost", scan->whole));
      }
      return scan;
    }
    if (block.sequence != scan->next_sequence) {
      return fail(fmt::format("block {} stands at offset {}, where block {} belongs", block.sequence, scan->whole,
                              scan->next_sequence));
    }
    for (std::string_view payload = block.payload; !payload.empty();) {
      const std::size_t offset = static_cast<std::size_t>(payload.data() - bytes.data());
      if (const auto read = read_record(payload, visitor); !read) {
        return fail(fmt::format("{} at offset {}", read.error().message, offset));
      }
    }
    scan->whole += log_format::kBlockBytes + block.payload.size();
    ++scan->next_sequence;
  }
  return scan;
}

}  // namespace paxoscope::wire
