// Which key a client works on next, and when. Shared by all hosts; every draw comes from the caller's generator.
#pragma once

#include <cstdint>
#include <vector>

#include "core/nanos.h"
#include "core/random.h"

namespace paxoscope {

enum class KeyChoice : std::uint8_t {
  hot,       // key 0, always
  uniform,   // any of `keys`, equally often
  zipf,      // key i with a probability proportional to 1 / (i + 1)^theta
  disjoint,  // each proposer a key of its own: no contention, the base line
};

struct Workload {
  KeyChoice choice = KeyChoice::hot;
  std::uint32_t keys = 1;          // for uniform and zipf; >= 1
  double zipf_theta = 0.99;        // >= 0; YCSB's constant
  double read_share = 0;           // 0 .. 1: operations that only read the latest version they know of
  double arrivals_per_second = 0;  // of each proposer, Poisson; 0: closed loop, the next one when a slot is free
};

// Zipf-distributed numbers by inverting the cumulative distribution: exact, O(log keys) a draw, 8 bytes a key.
// Immutable after construction, so one table serves every proposer and thread.
class KeyPicker {
 public:
  explicit KeyPicker(const Workload& workload);

  // rank: the proposer's place among the proposers.
  std::uint32_t pick(Random& random, std::uint32_t rank) const {
    switch (choice_) {
      case KeyChoice::hot: return 0;
      case KeyChoice::uniform: return static_cast<std::uint32_t>(random.below(keys_));
      case KeyChoice::zipf: return pick_zipf(random);
      case KeyChoice::disjoint: return rank;
    }
    return 0;
  }

 private:
  std::uint32_t pick_zipf(Random& random) const;

  KeyChoice choice_;
  std::uint32_t keys_;
  std::vector<double> cumulative_;  // zipf only; the last is 1
};

// The next arrival of a Poisson stream, in ns after the last; the rate is in arrivals per second and above 0.
Nanos exponential_gap(Random& random, double per_second);

}  // namespace paxoscope
