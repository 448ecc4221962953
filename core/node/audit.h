// The safety check of every run: agreement and validity of every decided instance, judged from the acceptors' votes and
// not from what proposers believe. It also keeps the three clocks of a decision (chosen, first learner, every learner),
// since only somebody who sees the votes knows when a value was chosen.
//
// Votes of one acceptor arrive in its own order, and its retirements and crashes in order with them; that it is up
// again comes before anything that anybody does because of its votes from then on. Otherwise any order will do: "if v
// is chosen in ballot b, every vote in a higher ballot is for v" (Paxos Made Simple, P2) is timeless.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/nanos.h"
#include "core/node/proposer_node.h"
#include "core/node/version_rings.h"
#include "core/node/write_id.h"
#include "core/paxos/acceptor.h"
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
  std::uint64_t lag = 1024;      // versions kept behind the acceptors, for results that are still on their way
};

// One line of what an agent reports to the audit.
struct AuditRecord {
  enum class Kind : std::uint8_t { vote, result, retired, crashed, restarted };
  InstanceId instance = {};  // retired: every version of the key below instance.ver is gone at this acceptor
  Ballot ballot = {};        // vote: the ballot voted in; result: the ballot in which it was learned
  Value value = 0;           // vote, result
  Nanos began = 0;           // result: when the proposer began
  Nanos at = 0;              // when it voted, learned
  std::uint32_t agent = 0;   // acceptor id, or proposer id
  Kind kind = Kind::vote;

  // `after`: the acceptor's state after the step in which it voted.
  static AuditRecord vote(AcceptorId acceptor, const InstanceId& instance, const AcceptorState& after, Nanos at) {
    return {instance, after.v_bal, after.value, 0, at, acceptor, Kind::vote};
  }
  // outcome.kind: decided.
  static AuditRecord result(ProposerId proposer, const Outcome& outcome) {
    return {outcome.instance, outcome.ballot, outcome.value, outcome.began, outcome.ended, proposer, Kind::result};
  }
  static AuditRecord retired(AcceptorId acceptor, const InstanceId& first_kept) {
    return {first_kept, Ballot(), 0, 0, 0, acceptor, Kind::retired};
  }
  // An acceptor is down: the others need not wait for it before what they retired is forgotten. It is up again, with
  // its state.
  static AuditRecord crashed(AcceptorId acceptor) { return {{}, Ballot(), 0, 0, 0, acceptor, Kind::crashed}; }
  static AuditRecord restarted(AcceptorId acceptor) { return {{}, Ballot(), 0, 0, 0, acceptor, Kind::restarted}; }

  // Whether `next` says the same of the version that comes `versions` after this one, but for its value. With a window
  // in flight many do, and reporting them together keeps the audit cheap enough to be always on.
  bool goes_on(const AuditRecord& next, std::uint32_t versions) const {
    return next.kind == kind && kind < Kind::retired && next.instance.ver == instance.ver + versions &&
           next.instance.key == instance.key && next.ballot == ballot && next.at == at && next.began == began &&
           next.agent == agent;
  }
};

// What the audit measured of the instances that are over.
struct AuditReport {
  std::uint64_t votes = 0;
  std::uint64_t chosen = 0;                                 // instances; chosen within the measured time
  std::uint64_t chosen_ever = 0;                            // warm-up included
  std::uint64_t results = 0;                                // results compared with the chosen value
  std::uint64_t results_too_late = 0;                       // of instances already forgotten, so not compared
  std::uint64_t votes_too_late = 0;                         // the same, of acceptors that have been down
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

  void feed(const AuditRecord& record) { feed(record, {&record.value, 1}); }
  // So many versions, from first.instance.ver up, all of which went as `first` did, but each with its own value.
  void feed(const AuditRecord& first, std::span<const Value> values);
  // No more records: judge and measure what is still open. `ended`: when the measured time was over, if before
  // measure_to.
  void finish(Nanos ended = INT64_MAX);

  // The first thing that must never happen, in words; empty when all is well.
  const std::string& violation() const { return violation_; }
  const AuditReport& report() const { return report_; }
  std::uint64_t chosen_ever() const { return report_.chosen_ever; }

 private:
  // Up to this phase-2 quorum, the time of the vote that completed it is exact; above, it is that of the kTimes-th.
  static constexpr int kTimes = 4;

  // The votes of one ballot.
  struct Candidate {
    Ballot ballot = {};
    Value value = 0;
    std::uint64_t voters[2] = {0, 0};  // a bit per acceptor
    Nanos times[kTimes] = {};          // of the earliest votes, ascending
    std::int32_t votes = 0;
    void begin(Ballot in, Value with) {  // times are written before they are read
      ballot = in;
      value = with;
      voters[0] = voters[1] = 0;
      votes = 0;
    }
    bool add(std::uint32_t acceptor);
  };
  struct Instance {
    Candidate top;          // of the highest ballot voted in so far; older ones are in older_
    Ballot chosen_in = {};  // the lowest ballot seen to have a quorum
    Nanos chosen_at = 0;
    Value chosen = 0;
    Value result = 0;
    Nanos began = INT64_MAX, first_learned = INT64_MAX, last_learned = 0;
    std::uint32_t results = 0;
    bool has_older = false;
    void clear() {  // all else is written before it is read
      top.ballot = chosen_in = Ballot();
      began = first_learned = INT64_MAX;
      last_learned = 0;
      results = 0;
      has_older = false;
    }
  };
  struct KeyHash {
    std::size_t operator()(const InstanceId& id) const {
      return static_cast<std::size_t>(Random::mix(id.ver * 0x9e3779b97f4a7c15U + id.key));
    }
  };

  // `record` as far as it is about one version: that one's instance and value are given beside it.
  void on_vote(const AuditRecord& record, const InstanceId& id, Value value);
  void on_result(const AuditRecord& record, const InstanceId& id, Value value);
  void on_acceptor(const AuditRecord& record);
  void on_retired(const AuditRecord& record);
  Candidate* candidate_for(Instance& instance, const InstanceId& id, Ballot ballot, Value value);
  void choose(Instance& instance, const Candidate& candidate, const InstanceId& id);
  void note_time(Candidate& candidate, Nanos at) const;
  void close(const InstanceId& id, Instance& instance);
  Nanos quorum_time(const Candidate& candidate) const;
  std::uint64_t retired_below(std::uint32_t key, std::uint32_t acceptor) const;
  void violate(std::string what);

  AuditOptions options_;
  int quorum_;      // of phase 2
  int kept_times_;  // of a candidate
  AuditReport report_;
  std::string violation_;
  VersionRings<Instance> rings_;
  std::unordered_map<InstanceId, std::vector<Candidate>, KeyHash> older_;
  std::vector<std::vector<std::uint64_t>> retired_;  // by key, by acceptor: the first version not retired
  enum class Outage : std::uint8_t { none, now, over };
  std::vector<Outage> outages_;  // by acceptor
  Nanos last_chosen_at_ = 0;
};

}  // namespace paxoscope
