// Quorums: how many acceptors a phase needs, and the tally of one round's replies.
#pragma once

#include <cstdint>
#include <optional>

#include "core/paxos/message.h"

namespace paxoscope {

// When a round that has been refused is given up.
enum class GiveUp : std::uint8_t {
  first_nack,             // at the first refusal
  majority_out_of_reach,  // when the acceptors that have not refused are fewer than a quorum
  all_replies,            // when every acceptor has answered
};

// Phase 1 and phase 2 quorums by size. Any two of them meet iff phase1 + phase2 > acceptors
// (Howard, Malkhi, Spiegelman: "Flexible Paxos", OPODIS 2016).
class Quorums {
 public:
  // Nothing when the sizes are out of range or two quorums could miss each other.
  static constexpr std::optional<Quorums> make(int acceptors, int phase1, int phase2) {
    const bool in_range = acceptors >= 1 && acceptors <= kMaxAcceptors && phase1 >= 1 && phase1 <= acceptors &&
                          phase2 >= 1 && phase2 <= acceptors;
    if (!in_range || phase1 + phase2 <= acceptors) return std::nullopt;
    return Quorums(acceptors, phase1, phase2);
  }

  // n/2 + 1 in both phases; acceptors in 1 .. kMaxAcceptors.
  static constexpr Quorums majority(int acceptors) { return Quorums(acceptors, acceptors / 2 + 1, acceptors / 2 + 1); }

  constexpr int acceptors() const { return acceptors_; }
  constexpr int size(Phase phase) const { return phase == Phase::prepare ? phase1_ : phase2_; }
  friend constexpr bool operator==(const Quorums&, const Quorums&) = default;

 private:
  constexpr Quorums(int acceptors, int phase1, int phase2)
      : acceptors_(static_cast<std::uint8_t>(acceptors)),
        phase1_(static_cast<std::uint8_t>(phase1)),
        phase2_(static_cast<std::uint8_t>(phase2)) {}
  std::uint8_t acceptors_, phase1_, phase2_;
};

enum class Verdict : std::uint8_t { pending, won, lost };

// The replies of one round, a bit per acceptor, so that a duplicate changes nothing.
class Tally {
 public:
  // False when this acceptor has been counted before. acceptor < kMaxAcceptors.
  constexpr bool add(AcceptorId acceptor, bool granted) {
    if (has_heard(acceptor)) return false;
    heard_[acceptor >> 6U] |= bit(acceptor);
    if (granted) granted_[acceptor >> 6U] |= bit(acceptor);
    ++(granted ? granted_count_ : refused_count_);
    return true;
  }
  constexpr Verdict verdict(const Quorums& quorums, Phase phase, GiveUp give_up) const {
    const int needed = quorums.size(phase), all = quorums.acceptors();
    if (granted_count_ >= needed) return Verdict::won;
    const bool lost =
        refused() > 0 && (give_up == GiveUp::first_nack ||
                          (give_up == GiveUp::all_replies ? granted() + refused() == all : all - refused() < needed));
    return lost ? Verdict::lost : Verdict::pending;
  }
  constexpr bool has_granted(AcceptorId acceptor) const { return (granted_[acceptor >> 6U] & bit(acceptor)) != 0; }
  constexpr bool has_heard(AcceptorId acceptor) const { return (heard_[acceptor >> 6U] & bit(acceptor)) != 0; }
  constexpr bool has_refused(AcceptorId acceptor) const { return has_heard(acceptor) && !has_granted(acceptor); }
  constexpr int granted() const { return granted_count_; }
  constexpr int refused() const { return refused_count_; }
  friend constexpr bool operator==(const Tally&, const Tally&) = default;

 private:
  static constexpr std::uint64_t bit(AcceptorId acceptor) { return std::uint64_t{1} << (acceptor & 63U); }
  std::uint64_t heard_[2] = {0, 0}, granted_[2] = {0, 0};
  std::uint8_t granted_count_ = 0, refused_count_ = 0;
};

}  // namespace paxoscope
