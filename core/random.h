// The one random generator, seeded, and the same on every compiler and standard library
// (std::uniform_*_distribution is not, so draws are spelled out here).
#pragma once

#include <cstdint>

namespace paxoscope {

// SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", OOPSLA 2014).
// 8 bytes of state, so that every node can own one. Not thread-safe; never shared.
class Random {
 public:
  explicit constexpr Random(std::uint64_t seed) : state_(seed) {}

  // Uniform over all 64-bit words.
  constexpr std::uint64_t next() {
    state_ += 0x9e3779b97f4a7c15U;
    return mix(state_);
  }

  // Uniform in [0, bound), without bias worth speaking of (at most bound / 2^64); bound >= 1.
  constexpr std::uint64_t below(std::uint64_t bound) {
    __extension__ using Wide = unsigned __int128;
    return static_cast<std::uint64_t>((static_cast<Wide>(next()) * bound) >> 64);
  }

  // Uniform in [0, 1), 53 bits.
  constexpr double unit() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }

  // Uniform in (0, 1], for a logarithm's argument.
  constexpr double unit_above_zero() { return 1.0 - unit(); }

  // A generator for a numbered part of the run: the streams of two parts do not meet in practice.
  static constexpr Random for_stream(std::uint64_t seed, std::uint64_t stream) {
    return Random(mix(mix(seed) ^ (stream * 0xd1342543de82ef95U + 0x2545f4914f6cdd1dU)));
  }

  static constexpr std::uint64_t mix(std::uint64_t word) {
    word = (word ^ (word >> 30)) * 0xbf58476d1ce4e5b9U;
    word = (word ^ (word >> 27)) * 0x94d049bb133111ebU;
    return word ^ (word >> 31);
  }

 private:
  std::uint64_t state_;
};

}  // namespace paxoscope
