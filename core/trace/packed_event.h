// An Event as ten 64-bit words: what the file stores, and what readers of a ring get (it holds lines, line.h). No
// padding, so every bit is defined. The layout is part of the file's format version.
//
//   word   bits 63..32             bits 31..0
//   0      at
//   1      instance.ver
//   2..6   ballot, value, last_bal, v_bal, vote
//   7      agent                   instance.key
//   8      sequence                peer
//   9      flags|phase|agent kind|kind, a byte each, the flags highest     round
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "core/error.h"
#include "core/trace/event.h"

namespace paxoscope {

inline constexpr std::size_t kEventWords = 10;
using PackedEvent = std::array<std::uint64_t, kEventWords>;

namespace packed {
inline constexpr std::uint32_t kRead = 1, kGranted = 2;  // flags

constexpr std::uint64_t pair(std::uint32_t high, std::uint32_t low) {
  return (std::uint64_t{high} << 32) | low;
}
constexpr std::uint32_t high(std::uint64_t word) {
  return static_cast<std::uint32_t>(word >> 32);
}
constexpr std::uint32_t low(std::uint64_t word) {
  return static_cast<std::uint32_t>(word);
}
constexpr Ballot ballot(std::uint64_t word) {
  return Ballot(word >> Ballot::kProposerBits, static_cast<ProposerId>(word & Ballot::kMaxProposer));
}
}  // namespace packed

constexpr PackedEvent pack(const Event& event) {
  const std::uint64_t flags = (event.read ? packed::kRead : 0) | (event.granted ? packed::kGranted : 0);
  const std::uint64_t kinds = static_cast<std::uint64_t>(event.kind) << 32 |
                              static_cast<std::uint64_t>(event.agent_kind) << 40 |
                              static_cast<std::uint64_t>(event.phase) << 48 | flags << 56;
  return {static_cast<std::uint64_t>(event.at),
          event.instance.ver,
          event.ballot.word(),
          static_cast<std::uint64_t>(event.value),
          event.last_bal.word(),
          event.v_bal.word(),
          static_cast<std::uint64_t>(event.vote),
          packed::pair(event.agent, event.instance.key),
          packed::pair(event.sequence, event.peer),
          kinds | event.round};
}

// Of words that pack() made: the kind alone.
constexpr EventKind kind_of(const PackedEvent& words) {
  return static_cast<EventKind>(packed::high(words[9]) & 0xff);
}

// For words that pack() made.
constexpr Event unpack(const PackedEvent& words) {
  const std::uint32_t kinds = packed::high(words[9]);
  return {.at = static_cast<Nanos>(words[0]),
          .instance = {words[1], packed::low(words[7])},
          .ballot = packed::ballot(words[2]),
          .value = static_cast<Value>(words[3]),
          .last_bal = packed::ballot(words[4]),
          .v_bal = packed::ballot(words[5]),
          .vote = static_cast<Value>(words[6]),
          .agent = packed::high(words[7]),
          .peer = packed::low(words[8]),
          .sequence = packed::high(words[8]),
          .round = packed::low(words[9]),
          .kind = static_cast<EventKind>(kinds & 0xff),
          .agent_kind = static_cast<AgentKind>(kinds >> 8 & 0xff),
          .phase = static_cast<Phase>(kinds >> 16 & 0xff),
          .read = (kinds >> 24 & packed::kRead) != 0,
          .granted = (kinds >> 24 & packed::kGranted) != 0};
}

// Whether there can be such an agent: kind as in AgentKind, ids in their range.
Expected<void> check_agent(std::uint32_t kind, std::uint32_t agent);

// For words from outside: nothing that no host could have recorded. The Error says which field is wrong.
Expected<Event> unpack_checked(const PackedEvent& words);

}  // namespace paxoscope
