// paxoskv's messages (paxoskv.proto) as bytes, and what may be in them. Whatever comes from a network goes through
// here first: any bytes at all give a request that is safe to act on, or a refusal with a gRPC status.
//
// Pure functions without gRPC or protobuf, so that they are tested and fuzzed by themselves. The encoding is proto3's:
// of a field that comes twice the last counts, messages that come twice are merged, unknown fields are skipped. Groups,
// which proto3 does not have, are refused.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "core/error.h"
#include "core/paxos/acceptor.h"
#include "core/paxos/message.h"

namespace paxoscope::wire {

inline constexpr std::string_view kPrepareMethod = "/paxoskv.PaxosKV/Prepare";
inline constexpr std::string_view kAcceptMethod = "/paxoskv.PaxosKV/Accept";

inline constexpr std::size_t kKeyMax = 1024;      // bytes of a key
inline constexpr std::size_t kMessageMax = 4096;  // bytes of a message: the longest key, with room for unknown fields

// Why a request is refused: the numbers are those of gRPC's status codes.
enum class Code : std::uint8_t { invalid_argument = 3, resource_exhausted = 8, unavailable = 14 };
struct Refusal {
  Code code = Code::invalid_argument;
  std::string message;  // one line: what is wrong, and what is allowed
};

// A request that may be acted upon: key of 1 .. kKeyMax bytes of UTF-8, a ballot that fits and is not none.
struct WireRequest {
  std::string_view key;  // within the bytes it was parsed from
  std::uint64_t ver = 0;
  Ballot ballot;
  Value value = 0;  // Accept only
  Phase phase = Phase::prepare;
};

// Of a Proposer message. A Prepare may carry a value, which means nothing.
tl::expected<WireRequest, Refusal> parse_request(Phase phase, std::string_view bytes);
std::string encode_request(const WireRequest& request);

// Of an Acceptor message. Both ballots are always written, since a peer in Go looks into them unasked; a state that no
// acceptor can be in is an Error.
std::string encode_reply(const AcceptorState& state);
Expected<AcceptorState> parse_reply(std::string_view bytes);

}  // namespace paxoscope::wire
