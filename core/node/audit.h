// The safety check of every run: agreement and validity of every decided instance, judged from the acceptors' votes and
// not from what proposers believe. It also keeps the three clocks of a decision (chosen, first learner, every learner),
// since only somebody who sees the votes knows when a value was chosen.
//
// Votes of one acceptor arrive in its own order, and its retirements in order with them; otherwise any order will do:
// "if v is chosen in ballot b, every vote in a higher ballot is for v" (Paxos Made Simple, P2) is timeless.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/nanos.h"
#include "core/node/version_rings.h"
#include "core/paxos/quorum.h"
#include "core/random.h"
#include "core/stats/histogram.h"

namespace paxoscope {

struct AuditOptions {
  Quorums quorums = Quorums::majority(3);
  bool write_ids = true;         // values must be write ids (core/node/write_id.h) of their instance
  Nanos round_trip = 1;          // R, for livelock time
  Nanos measure_from = 0;        // instances begun earlier are checked, but not measured
  Nanos measure_to = INT64_MAX;  // nor are instances chosen later
  std::uint64_t lag = 4096;      // versions kept behind the acceptors, for results that are still on their way
};

// One line of what an agent reports to the audit.
struct AuditRecord {
  enum class Kind : std::uint8_t { vote, result, retired };
  InstanceId instance;      // retired: every version of the key below instance.ver is gone at this acceptor
  Ballot ballot;            // vote
  Value value = 0;          // vote, result
  Nanos began = 0;          // result: when the proposer began
  Nanos at = 0;             // when it voted, learned
  std::uint32_t agent = 0;  // acceptor id, or proposer id
  Kind kind = Kind::vote;
};

// What the audit measured of the instances that are over.
struct AuditReport {
  std::uint64_t votes = 0;
  std::uint64_t chosen = 0;                                 // instances; chosen within the measured time
  std::uint64_t chosen_ever = 0;                            // warm-up included
  std::uint64_t results = 0;                                // results compared with the chosen value
  std::uint64_t results_too_late = 0;                       // of instances already forgotten, so not compared
  std::uint64_t many_ballots = 0;                           // instances with votes in more than one ballot
  Histogram to_chosen, to_first_learner, to_every_learner;  // ns since the first proposer began
  Nanos livelock = 0;  // sum over instances of the time without a quorum beyond 1.5 R
  Nanos livelock_longest = 0;
  Nanos longest_silence = 0;  // the longest time without a decision, anywhere
};

// Not thread-safe.
class Audit {
 public:
  explicit Audit(const AuditOptions& options);

  void feed(const AuditRecord& record);
  // No more records: judge and measure what is still open.
  void finish();

  // The first thing that must never happen, in words; empty when all is well.
  const std::string& violation() const { return violation_; }
  const AuditReport& report() const { return report_; }
  std::uint64_t chosen_ever() const { return report_.chosen_ever; }

 private:
  static constexpr int kTimes = 4;  // phase-2 quorums up to this size get the exact time of their last vote

  // The votes of one ballot.
  struct Candidate {
    Ballot ballot;
    Value value = 0;
    Tally votes;
    Nanos times[kTimes] = {};  // the earliest, ascending
    Nanos latest = 0;
  };
  struct Instance {
    Candidate top;     // of the highest ballot voted in so far; older ones that were not chosen are in older_
    Ballot chosen_in;  // the lowest ballot seen to have a quorum
    Value chosen = 0;
    Value result = 0;
    Nanos chosen_at = 0;
    Nanos began = INT64_MAX, first_learned = INT64_MAX, last_learned = 0;
    std::uint32_t results = 0;
    bool has_older = false;
  };
  struct KeyHash {
    std::size_t operator()(const InstanceId& id) const {
      return static_cast<std::size_t>(Random::mix(id.ver * 0x9e3779b97f4a7c15U + id.key));
    }
  };

  void on_vote(const AuditRecord& record);
  void on_result(const AuditRecord& record);
  void on_retired(const AuditRecord& record);
  Candidate* candidate_for(Instance& instance, const AuditRecord& record);
  void choose(Instance& instance, const Candidate& candidate, const AuditRecord& record);
  static void note_time(Candidate& candidate, Nanos at, int quorum);
  void close(const InstanceId& id, Instance& instance);
  Nanos quorum_time(const Candidate& candidate) const;
  void violate(std::string what);

  AuditOptions options_;
  AuditReport report_;
  std::string violation_;
  VersionRings<Instance> rings_;
  std::unordered_map<InstanceId, std::vector<Candidate>, KeyHash> older_;
  std::vector<std::vector<std::uint64_t>> retired_;  // by key, by acceptor: the first version not retired
  Nanos last_chosen_at_ = 0;
};

}  // namespace paxoscope
