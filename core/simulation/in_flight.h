// Messages on their way, by value, in slabs: nothing is allocated for an event once there were as many before.
#pragma once

#include <cstdint>
#include <vector>

#include "core/nanos.h"
#include "core/paxos/message.h"
#include "core/prefetch.h"

namespace paxoscope {

// What an entry of the event queue stands for: 8 bytes.
struct Due {
  enum class Kind : std::uint8_t {
    request,
    served,
    reply,
    timer,
    start,
    measure,
    end,
    fault_begins,
    fault_ends,
    heal,
    judge
  };
  std::uint32_t index = 0;  // broadcast (request), epoch (served), message (reply), fault (fault_begins, fault_ends)
  std::uint32_t word = 0;

  static Due of(Kind kind, std::uint32_t target = 0, std::uint32_t index = 0) {
    return {index, target << 8U | static_cast<std::uint32_t>(kind)};
  }
  Kind kind() const { return static_cast<Kind>(word & 0xffU); }
  std::uint32_t target() const { return word >> 8U; }  // acceptor id, or proposer rank; below 2^24
};

// Numbered places for T, reused. Not thread-safe; take() may move all of them.
template <class T>
class Slab {
 public:
  std::uint32_t take() {
    if (free_.empty()) {
      places_.emplace_back();
      return static_cast<std::uint32_t>(places_.size() - 1);
    }
    const std::uint32_t index = free_.back();
    free_.pop_back();
    return index;
  }
  void give_back(std::uint32_t index) { free_.push_back(index); }
  T& operator[](std::uint32_t index) { return places_[index].value; }
  const T& operator[](std::uint32_t index) const { return places_[index].value; }
  std::size_t in_use() const { return places_.size() - free_.size(); }
  std::size_t memory() const { return places_.capacity() * sizeof(Place) + free_.capacity() * sizeof(std::uint32_t); }
  void clear() {
    places_.clear();
    free_.clear();
  }

 private:
  struct alignas(kCacheLine) Place {  // whole cache lines: each is one access to memory
    T value;
  };
  std::vector<Place> places_;
  std::vector<std::uint32_t> free_;
};

// One request on its way to many acceptors: kept once.
struct Broadcast {
  Request request;
  std::uint64_t draws = 0;    // where the random draws of its messages and of their replies begin
  std::uint32_t pending = 0;  // copies not yet handled or lost
};

}  // namespace paxoscope
