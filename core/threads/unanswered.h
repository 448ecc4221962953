// How many of a proposer's requests each acceptor has not answered yet.
//
// A broadcast counts once, not once for each acceptor: it is on the path of every decision, and answers are counted one
// by one anyway.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace paxoscope {

// Not thread-safe.
class Unanswered {
 public:
  Unanswered() = default;  // of one who never sends
  // acceptors: >= 1; max: one that leaves so many unanswered is crowded; >= 1.
  Unanswered(std::size_t acceptors, std::uint32_t max) : answered_(acceptors), max_(max) {}

  std::size_t acceptors() const { return answered_.size(); }
  std::uint64_t by(std::size_t acceptor) const { return sent_ - answered_[acceptor]; }
  bool crowded(std::size_t acceptor) const { return by(acceptor) >= max_; }

  bool any_crowded() {
    if (sent_ - fewest_answers_ < max_) [[likely]]
      return false;
    fewest_answers_ = *std::min_element(answered_.begin(), answered_.end());
    return sent_ - fewest_answers_ >= max_;
  }

  // To every acceptor; settle() it for each that is not sent the request after all.
  void sent() { ++sent_; }
  // Answered, lost or never sent.
  void settle(std::size_t acceptor) { ++answered_[acceptor]; }

 private:
  std::uint64_t sent_ = 0;
  std::vector<std::uint64_t> answered_;
  std::uint64_t fewest_answers_ = 0;  // of any acceptor, or less: they rose since it was last looked for
  std::uint32_t max_ = 1;
};

}  // namespace paxoscope
