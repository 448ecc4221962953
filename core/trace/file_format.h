// The trace file, version 1, byte by byte. Integers are little-endian, nothing is aligned, nothing is padding.
//
//   header   0  magic        8 bytes "PAXTRACE"
//            8  version      u32, 1
//           12  length       u32, of the metadata, at most kMetadataMax
//           16  checksum     u32, CRC-32 of bytes 0..15 and the metadata
//           20  metadata     one JSON object in UTF-8, at most 64 levels deep: acceptors, quorums, proposers, seed,
//           command, ...
//   then blocks, appended as the run goes
//            0  marker       4 bytes "PBLK", to find the next block after a damaged one
//            4  kind         u32, 1: events, 2: end
//            8  length       u32, of the payload in bytes, a multiple of the item size, at most kPayloadMax
//           12  count        u32, of the items; length = count * item size
//           16  sequence     u64, of the block, from 0 without gaps
//           24  checksum     u32, CRC-32 of the payload
//           28  checksum     u32, CRC-32 of bytes 0..27 of this block
//           32  payload      events: 80 bytes each, the ten words of packed_event.h
//                            end: 16 bytes per agent: u32 agent kind, u32 agent, u64 events recorded in all
//
// Events of one agent are in the order of their sequence numbers and of time; those of different agents mix freely. A
// number that is missing was recorded and lost. The end block is the last: a file without one was cut short, or is
// still being written. CRC-32 is that of zlib (ISO 3309); it finds every single flipped bit.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/trace/packed_event.h"

namespace paxoscope::trace_format {

inline constexpr std::string_view kMagic = "PAXTRACE";
inline constexpr std::string_view kMarker = "PBLK";
inline constexpr std::uint32_t kVersion = 1;
inline constexpr std::size_t kHeaderBytes = 20;  // before the metadata
inline constexpr std::size_t kBlockBytes = 32;   // before the payload
inline constexpr std::size_t kEventBytes = 8 * kEventWords;
inline constexpr std::size_t kTotalBytes = 16;
inline constexpr std::size_t kEventsPerBlock = 4096;  // what the writer fills a block with
inline constexpr std::size_t kMetadataMax = 1 << 20;  // bytes
inline constexpr std::size_t kPayloadMax = 1 << 24;   // bytes: what a reader allocates at most

enum class BlockKind : std::uint32_t { events = 1, end = 2 };

// These loops compile to plain moves on a little-endian machine.
template <class Int>
void put(char* bytes, Int value) {
  for (std::size_t i = 0; i < sizeof(Int); ++i) bytes[i] = static_cast<char>(value >> (8 * i));
}

template <class Int>
void put(std::string& out, Int value) {
  std::array<char, sizeof(Int)> bytes{};
  put(bytes.data(), value);
  out.append(bytes.data(), bytes.size());
}

template <class Int>
Int get(const char* bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < sizeof(Int); ++i) {
    value |= std::uint64_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
  }
  return static_cast<Int>(value);
}

inline void put(std::string& out, const PackedEvent& event) {
  std::array<char, kEventBytes> bytes{};
  for (std::size_t i = 0; i < kEventWords; ++i) put(bytes.data() + 8 * i, event[i]);
  out.append(bytes.data(), bytes.size());
}

inline PackedEvent get_event(const char* bytes) {
  PackedEvent event;
  for (std::size_t i = 0; i < kEventWords; ++i) event[i] = get<std::uint64_t>(bytes + 8 * i);
  return event;
}

// A JSON object, not nested so deeply that anybody's recursion would overflow.
bool is_metadata(std::string_view text);

std::uint32_t checksum(std::string_view bytes);

// metadata.size() <= kMetadataMax
std::string header(std::string_view metadata);

// What stands before the payload. payload.size() = count * item size, at most kPayloadMax.
std::string block_header(BlockKind kind, std::uint32_t count, std::uint64_t sequence, std::string_view payload);

}  // namespace paxoscope::trace_format
