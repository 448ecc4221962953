// The longest run of the same bad outcome: how long one proposer ever kept losing.
#pragma once

#include <algorithm>
#include <cstdint>

namespace paxoscope {

// Fed one outcome at a time, in order. Not thread-safe, and not mergeable: a streak is about one participant.
class LosingStreak {
 public:
  void record(bool lost) {
    current_ = lost ? current_ + 1 : 0;
    longest_ = std::max(longest_, current_);
  }

  std::uint64_t current() const { return current_; }  // losses since the last win, or since the start
  std::uint64_t longest() const { return longest_; }  // the streak still going on counts too

 private:
  std::uint64_t current_ = 0;
  std::uint64_t longest_ = 0;
};

}  // namespace paxoscope
