// A state of the explorer's world: a column per acceptor (its state, what it ever voted for, the messages that lie
// before it or come from it), the proposers, and what was chosen.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "core/check/local_states.h"

namespace paxoscope {

struct WorldColumn {
  static constexpr int kMessagesMax = 28;
  std::uint32_t voted;  // votes ever cast, a bit per (ballot, value)
  LocalId acceptor;
  std::uint16_t count;
  std::array<LocalId, kMessagesMax> message;  // sorted
  // It is written as it lies in memory, without the places where no message is.
  static constexpr std::size_t kHead = 8;
  std::size_t bytes() const { return kHead + count * sizeof(LocalId); }
};

struct WorldState {
  std::uint32_t chosen = 0;  // a bit per value
  std::uint32_t crashes = 0;
  bool fell = false;  // an acceptor's last_bal or v_bal did, on the way here
  std::array<LocalId, 4> proposer{};
  std::array<WorldColumn, 5> column;

  WorldState() : column{} {}
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init): assignment writes every column; clearing them first is time
  WorldState(const WorldState& from) { *this = from; }
  // Most of the search's time goes into copies. Each column is a cache line: a few wide moves, where the compiler would
  // use one slow string move for all.
  WorldState& operator=(const WorldState& from) {
    if (this == &from) return *this;
    chosen = from.chosen;
    crashes = from.crashes;
    fell = from.fell;
    proposer = from.proposer;
    for (std::size_t a = 0; a < column.size(); ++a) std::memcpy(&column[a], &from.column[a], sizeof(WorldColumn));
    return *this;
  }
  ~WorldState() = default;
};
static_assert(sizeof(WorldColumn) == 64 && offsetof(WorldColumn, message) == WorldColumn::kHead);

}  // namespace paxoscope
