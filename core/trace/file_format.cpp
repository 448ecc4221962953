#include "core/trace/file_format.h"

#include <zlib.h>

#include <nlohmann/json.hpp>

namespace paxoscope::trace_format {

bool is_metadata(std::string_view text) {
  constexpr int kDepthMax = 64;
  bool too_deep = false;
  const auto parsed = nlohmann::json::parse(
      text,
      [&](int depth, nlohmann::json::parse_event_t, nlohmann::json&) {
        too_deep |= depth > kDepthMax;
        return !too_deep;
      },
      false);
  return !too_deep && parsed.is_object();
}

std::uint32_t checksum(std::string_view bytes) {
  return static_cast<std::uint32_t>(crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

std::string header(std::string_view metadata) {
  std::string bytes(kMagic);
  put(bytes, kVersion);
  put(bytes, static_cast<std::uint32_t>(metadata.size()));
  put(bytes, checksum(bytes + std::string(metadata)));
  bytes += metadata;
  return bytes;
}

std::string block_header(BlockKind kind, std::uint32_t count, std::uint64_t sequence, std::string_view payload) {
  std::string bytes(kMarker);
  put(bytes, static_cast<std::uint32_t>(kind));
  put(bytes, static_cast<std::uint32_t>(payload.size()));
  put(bytes, count);
  put(bytes, sequence);
  put(bytes, checksum(payload));
  put(bytes, checksum(bytes));
  return bytes;
}

}  // namespace paxoscope::trace_format
