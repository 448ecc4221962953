// The acceptor's log, version 1, byte by byte. Integers are little-endian, nothing is aligned, nothing is padding.
//
//   header   0  magic      8 bytes "PAXOSLOG"
//            8  version    u32, 1
//           12  acceptor   u32, whose log this is
//           16  sequence   u64, of the first block
//           24  checksum   u32, CRC-32 of bytes 0..23
//   then blocks, one for each flush to the disk
//            0  marker     4 bytes "PLOG"
//            4  length     u32, of the payload, at most kPayloadMax
//            8  sequence   u64, one more than that of the block before
//           16  checksum   u32, CRC-32 of the payload
//           20  checksum   u32, CRC-32 of bytes 0..19 of this block
//           24  payload    records, whole ones
//   record   0  kind       u8, 1: a state, 2: an event
//      state 1  last_bal   u64, v_bal u64, value i64: the instance's state from here on
//           25  ver        u64
//           33  length     u16, of the key, 1 .. 1024
//           35  key
//      event 1  words      80 bytes (core/trace/packed_event.h), key: the CRC-32 of its name; sequence: 0
//
// A block is on the disk before the next is written and before anything in it is told, so only the last can be broken
// by a crash. What is broken at the end and followed by nothing whole is an interrupted write, and is cut: nobody was
// told of it. (A last block that was whole once and rotted looks the same.) So are zeros, of room that was kept. What
// is broken with a whole block after it is damage, and the log is refused.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "core/error.h"
#include "core/paxos/acceptor.h"
#include "core/trace/event.h"

namespace paxoscope::wire {

struct StateRecord {
  std::string_view key;
  std::uint64_t ver = 0;
  AcceptorState state;
};

namespace log_format {

inline constexpr std::string_view kMagic = "PAXOSLOG";
inline constexpr std::string_view kMarker = "PLOG";
inline constexpr std::uint32_t kVersion = 1;
inline constexpr std::size_t kHeaderBytes = 28;
inline constexpr std::size_t kBlockBytes = 24;         // before the payload
inline constexpr std::size_t kPayloadMax = 1U << 24U;  // bytes

std::string header(AcceptorId acceptor, std::uint64_t sequence);
void add(std::string& payload, const StateRecord& record);
void add(std::string& payload, const Event& event);
std::string block(std::uint64_t sequence, std::string_view payload);

}  // namespace log_format

// Who reads a log is handed its records in order; an Error of theirs ends the reading and names the record's offset.
struct LogVisitor {
  std::function<Expected<void>(const StateRecord&)> state;
  std::function<void(const Event&)> event;  // may be empty
};

struct LogScan {
  AcceptorId acceptor = 0;
  std::uint64_t first_sequence = 0;
  std::uint64_t next_sequence = 0;
  std::size_t whole = 0;  // bytes, from the beginning; what is behind is an interrupted write
};

// Reads a whole log. An Error names the offset of the damage; then what was visited means nothing. Any bytes at all are
// safe to read. Memory: that of the bytes.
Expected<LogScan> scan_log(std::string_view bytes, const LogVisitor& visitor);

}  // namespace paxoscope::wire
