// Names a livelock: proposers that keep preempting each other on one instance, while nobody gets it decided. A host
// feeds it what its proposers do; it says which instance, after how many ballots, and who preempts whom in which phase.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "core/nanos.h"
#include "core/paxos/message.h"

namespace paxoscope {

struct Livelock {
  // One proposer's ballots in one phase, preempted by another's.
  struct Preemption {
    ProposerId by = 0;
    ProposerId loser = 0;
    Phase phase = Phase::prepare;
    std::uint64_t times = 0;
  };
  InstanceId instance = {};
  std::uint64_t ballots = 0;  // of all proposers
  Nanos began = 0, until = 0;
  std::vector<Preemption> preemptions;  // the most frequent first
};

// In one line: "key 0 version 7 is undecided after 100000 ballots in 2.5 s: P1 preempts P2 …".
std::string describe(const Livelock& livelock);

// Memory: one entry for each open instance, so a host that bounds its window bounds this.
// Not thread-safe.
class LivelockDetector {
 public:
  // ballots_max: an instance that has used so many ballots, of all proposers, without a decision is in a livelock;
  // >= 1.
  explicit LivelockDetector(std::uint64_t ballots_max) : ballots_max_(ballots_max) {}

  // A proposer begins a round on the instance.
  void on_ballot(const InstanceId& instance, Nanos now);
  // A round of `loser` is lost to a ballot of `by`, in `phase`.
  void on_preempted(const InstanceId& instance, ProposerId loser, ProposerId by, Phase phase, Nanos now);
  // The instance is decided: it was none.
  void on_decided(const InstanceId& instance);

  // The livelock found first, as it is now; nothing while there is none.
  std::optional<Livelock> found() const;
  // The open instance with the most ballots, livelock or not.
  std::optional<Livelock> worst() const;
  std::size_t open() const { return contests_.size(); }

 private:
  struct Contest {
    std::uint64_t ballots = 0;
    Nanos began = 0, until = 0;
    std::map<std::tuple<ProposerId, ProposerId, Phase>, std::uint64_t> preemptions;  // by, loser, phase
  };
  static Livelock picture(const InstanceId& instance, const Contest& contest);

  std::uint64_t ballots_max_;
  std::map<InstanceId, Contest> contests_;
  std::vector<InstanceId> over_;  // the livelocks, in the order in which they were found
};

}  // namespace paxoscope
