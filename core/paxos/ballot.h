// A ballot {n, proposer} names one round of one proposer. It is one 64-bit word that compares as the pair.
#pragma once

#include <compare>
#include <cstdint>

namespace paxoscope {

using ProposerId = std::uint32_t;  // 0 .. Ballot::kMaxProposer

class Ballot {
 public:
  static constexpr int kProposerBits = 23;
  static constexpr std::uint64_t kMaxN = std::uint64_t{1} << 40;  // larger numbers are refused, not wrapped
  static constexpr ProposerId kMaxProposer = (ProposerId{1} << kProposerBits) - 1;

  constexpr Ballot() = default;  // {0, 0}: none. No round ever uses it.
  constexpr Ballot(std::uint64_t n, ProposerId proposer) : word_((n << kProposerBits) | proposer) {}
  // Whether a ballot from outside may be made at all: in range, and not none.
  static constexpr bool fits(std::uint64_t n, std::uint64_t proposer) {
    return n <= kMaxN && proposer <= kMaxProposer && (n != 0 || proposer != 0);
  }

  constexpr std::uint64_t n() const { return word_ >> kProposerBits; }
  constexpr ProposerId proposer() const { return static_cast<ProposerId>(word_ & kMaxProposer); }
  constexpr bool is_none() const { return word_ == 0; }
  constexpr std::uint64_t word() const { return word_; }

  friend constexpr auto operator<=>(Ballot, Ballot) = default;

 private:
  std::uint64_t word_ = 0;
};

}  // namespace paxoscope
