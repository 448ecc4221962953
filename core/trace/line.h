// An event as a ring holds it: one cache line, made by as few instructions as can be, because the threads that record
// are those that are measured. What many events in a row have in common, whose they are, when, and their numbers, is
// said once, in a line before them: a mark. LineReader makes the events whole again.
//
//   word   bits 63..32                            bits 31..0
//   0      instance.ver
//   1      flags|phase|-|kind, a byte each        instance.key
//   2..6   ballot, value, last_bal, v_bal, vote
//   7      peer                                   round
//
// A reply goes into its line as it is: flag `reply`, the acceptor where the phase would be, and as word 7 its own
// kind|phase|slot|round, of which the phase and whether it is a grant are found when it is read.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>

#include "core/trace/packed_event.h"

namespace paxoscope {

inline constexpr std::size_t kLineWords = 8;
using Line = std::array<std::uint64_t, kLineWords>;

// What a Recorder adds to an event: when, whose, and its number.
struct Stamp {
  Nanos at = 0;
  AgentKind agent_kind = AgentKind::proposer;
  std::uint32_t agent = 0;
  std::uint64_t sequence = 0;
};

namespace line_detail {
inline constexpr std::uint64_t kReply = std::uint64_t{0x80} << 56, kMark = std::uint64_t{0x40} << 56;  // in word 1
}  // namespace line_detail

// Of an event all but its stamp.
[[gnu::always_inline]] constexpr Line line_of(const Event& event) {
  const std::uint64_t flags = (event.read ? packed::kRead : 0) | (event.granted ? packed::kGranted : 0);
  return {event.instance.ver,
          std::uint64_t{event.instance.key} | static_cast<std::uint64_t>(event.kind) << 32 |
              static_cast<std::uint64_t>(event.phase) << 48 | flags << 56,
          event.ballot.word(),
          static_cast<std::uint64_t>(event.value),
          event.last_bal.word(),
          event.v_bal.word(),
          static_cast<std::uint64_t>(event.vote),
          packed::pair(event.peer, event.round)};
}

// The same of event_of_reply(kind, reply), core/node/message_event.h.
[[gnu::always_inline]] constexpr Line line_of(EventKind kind, const Reply& reply) {
  return {reply.instance.ver,
          std::uint64_t{reply.instance.key} | static_cast<std::uint64_t>(kind) << 32 |
              std::uint64_t{reply.acceptor} << 48 | line_detail::kReply,
          reply.ballot.word(),
          static_cast<std::uint64_t>(reply.value),
          reply.last_bal.word(),
          reply.v_bal.word(),
          0,
          std::uint64_t{reply.round} | std::uint64_t{reply.slot} << 32 | static_cast<std::uint64_t>(reply.phase) << 48 |
              static_cast<std::uint64_t>(reply.kind) << 56};
}

// The stamp of the next event; those that follow have the next numbers.
constexpr Line mark(const Stamp& stamp) {
  return {static_cast<std::uint64_t>(stamp.at), line_detail::kMark, stamp.agent,
          static_cast<std::uint64_t>(stamp.agent_kind), stamp.sequence};
}

// Makes lines into events, in the order of their positions. Not thread-safe; a copy goes on from the same place.
class LineReader {
 public:
  // The event, unless the line is a mark, its mark is not known, or its number is more than an Event can carry.
  std::optional<PackedEvent> read(std::uint64_t position, const Line& line) {
    const bool known = position == next_;
    next_ = position + 1;
    if ((line[1] & line_detail::kMark) != 0) {
      at_ = line[0];
      agent_ = line[2] << 32;
      agent_kind_ = line[3] << 40;
      sequence_ = line[4];
      return {};
    }
    if (!known) next_ = kNowhere;
    if (!known || sequence_ > std::numeric_limits<std::uint32_t>::max()) return {};
    const bool reply = (line[1] & line_detail::kReply) != 0;
    const std::uint64_t vote = reply ? line[3] : line[6];
    const std::uint64_t peer = reply ? line[1] >> 48 & 0xff : line[7] >> 32;
    const std::uint64_t kinds = reply ? kinds_of_reply(line) : line[1] & ~std::uint64_t{0xffff'ffff};
    return PackedEvent{at_,
                       line[0],
                       line[2],
                       line[3],
                       line[4],
                       line[5],
                       vote,
                       agent_ | packed::low(line[1]),
                       sequence_++ << 32 | peer,
                       kinds | agent_kind_ | packed::low(line[7])};
  }

 private:
  static constexpr std::uint64_t kNowhere = ~std::uint64_t{0};

  static std::uint64_t kinds_of_reply(const Line& line) {
    const Reply reply{.ballot = packed::ballot(line[2]),
                      .last_bal = packed::ballot(line[4]),
                      .kind = static_cast<ReplyKind>(line[7] >> 56)};
    const std::uint64_t flags = reply.granted() ? packed::kGranted : 0;
    return (line[1] & std::uint64_t{0xff} << 32) | (line[7] & std::uint64_t{0xff} << 48) | flags << 56;
  }

  std::uint64_t next_ = kNowhere;                                     // the position for which the stamp below is right
  std::uint64_t at_ = 0, agent_ = 0, agent_kind_ = 0, sequence_ = 0;  // the middle two where they go in word 7 and 9
};

}  // namespace paxoscope
