// What the rule checker remembers: of an instance, its acceptors' states, its ballots and its votes; of a proposer, the
// operations that it has open.
#pragma once

#include <algorithm>
#include <optional>
#include <unordered_map>
#include <vector>

#include "core/check/rules.h"

namespace paxoscope::rules_detail {

// A set of acceptors.
class AcceptorSet {
 public:
  // False when it was in.
  bool add(std::uint32_t acceptor) {
    std::uint64_t& half = bits_[acceptor >> 6U & 1U];
    const std::uint64_t bit = std::uint64_t{1} << (acceptor & 63U);
    if ((half & bit) != 0) return false;
    half |= bit;
    ++count_;
    return true;
  }
  int count() const { return count_; }
  template <class Archive>
  void each_field(Archive& archive) {
    archive.number(bits_[0]);
    archive.number(bits_[1]);
    archive.number(count_);
  }

 private:
  std::uint64_t bits_[2] = {0, 0};
  int count_ = 0;
};

// What an acceptor answered to one request, or what a proposer got.
struct Answer {
  AcceptorState before = {};
  bool sent = false;       // the acceptor's event has come
  bool delivered = false;  // the proposer's event has come
  bool refused = false;    // answered without a step; `before` means nothing
  bool same_content(const Answer& other) const {
    return refused == other.refused && (refused || before == other.before);
  }
};

struct Delivery {
  Ballot ballot = {};
  Phase phase = Phase::prepare;
  std::uint32_t acceptor = 0;
  Answer answer = {};
  std::uint64_t event = 0;
};

// Copies of what one acceptor was sent or answered: those that the network says it made, and those that arrived.
struct Copies {
  std::uint32_t made = 0;
  std::uint32_t arrived = 0;
  std::uint64_t last = 0;  // the event of the last that arrived
};

// One phase of one ballot.
struct Broadcast {
  bool known = false;     // any of these:
  bool sent = false;      // by its owner
  bool answered = false;  // by somebody
  std::uint32_t round = 0;
  std::uint64_t event = 0;                  // the first one about it
  std::vector<Answer> answers;              // by acceptor, then those to duplicates
  std::vector<std::uint32_t> duplicate_of;  // the acceptors of the latter
  std::vector<Copies> copies;               // by acceptor; empty while there are none
  Copies& copies_of(std::uint32_t acceptor) {
    if (acceptor >= copies.size()) copies.resize(acceptor + std::size_t{1});
    return copies[acceptor];
  }
  void note_copy(std::uint32_t acceptor, std::uint64_t arrival) {
    Copies& of_it = copies_of(acceptor);
    ++of_it.arrived;
    of_it.last = std::max(of_it.last, arrival);
  }
  void clear() {  // keeps the memory
    known = sent = answered = false;
    round = 0;
    event = 0;
    answers.clear();
    duplicate_of.clear();
    copies.clear();
  }
};

struct BallotRecord {
  Ballot ballot = {};
  Value value = 0;
  bool has_value = false;
  Broadcast broadcast[2];  // prepare, accept
  Broadcast& of(Phase phase) { return broadcast[phase == Phase::accept ? 1 : 0]; }
  void clear() {  // keeps the memory
    ballot = {};
    value = 0;
    has_value = false;
    broadcast[0].clear();
    broadcast[1].clear();
  }
};

struct VoteTally {
  Ballot ballot = {};
  Value value = 0;
  AcceptorSet voters = {};
};

struct Result {
  Value value = 0;
  std::uint32_t proposer = 0;
  std::uint64_t event = 0;
};

// What a winner tells the other proposers, where they learn so.
struct Announcement {
  std::uint32_t winner = 0;
  Value value = 0;
  bool sent = false;        // the winner's event has come
  bool heard = false;       // another proposer's has,
  std::uint64_t event = 0;  // first this one
};

// An acceptor answered that the instance is decided and gone.
struct Retired {
  std::uint32_t acceptor = 0;
  std::uint64_t event = 0;
};

// The versions of a key that an acceptor has forgotten, and the event that last said so.
struct RetiredBelow {
  std::uint64_t ver = 0;
  std::uint64_t event = 0;
};

struct AcceptorView {
  AcceptorState state = {};
  bool known = true;  // false: something of it is missing, so the next event is taken as it is
};

struct Instance {
  InstanceId id = {};
  std::uint32_t operations = 0;  // open ones
  bool touched = false;          // lately: kept_instances.h
  bool has_chosen = false;
  Value chosen = 0;
  std::vector<AcceptorView> acceptors;
  std::vector<BallotRecord> ballots;  // ascending
  std::vector<BallotRecord> spare;    // for their memory
  std::vector<VoteTally> votes;
  std::vector<Value> proposed;
  std::vector<Result> results;
  std::vector<Announcement> announcements;
  std::vector<Delivery> unmatched;                           // replies that no acceptor's event explains yet
  std::optional<Retired> retired;                            // the first such answer
  const std::vector<RetiredBelow>* retired_below = nullptr;  // its key's, by acceptor

  Announcement& announcement(std::uint32_t winner, Value value) {
    const auto found = std::find_if(announcements.begin(), announcements.end(), [&](const Announcement& known) {
      return known.winner == winner && known.value == value;
    });
    if (found != announcements.end()) return *found;
    return announcements.emplace_back(Announcement{.winner = winner, .value = value});
  }

  BallotRecord& record(Ballot ballot) {
    auto at = ballots.end();
    while (at != ballots.begin() && (at - 1)->ballot >= ballot) --at;
    if (at == ballots.end() || at->ballot != ballot) {
      BallotRecord fresh;
      if (!spare.empty()) {
        fresh = std::move(spare.back());
        spare.pop_back();
      }
      fresh.ballot = ballot;
      at = ballots.insert(at, std::move(fresh));
    }
    return *at;
  }

  // As one that nothing is known of but its acceptors; keeps the memory.
  void clear(const std::vector<AcceptorView>& fresh) {
    id = {};
    operations = 0;
    has_chosen = false;
    chosen = 0;
    acceptors = fresh;
    for (BallotRecord& record : ballots) {
      record.clear();
      spare.push_back(std::move(record));
    }
    ballots.clear();
    votes.clear();
    proposed.clear();
    results.clear();
    announcements.clear();
    unmatched.clear();
    retired.reset();
  }
};

// The highest vote that replies of phase 1 reported, and how many of them reported it.
struct HighestVote {
  Ballot ballot = {};
  Value value = 0;
  int count = 0;
  void add(Ballot v_bal, Value vote) {
    if (v_bal.is_none()) return;
    if (v_bal > ballot) *this = {v_bal, vote, 0};
    if (v_bal == ballot) ++count;
  }
};

// An operation of a proposer on an instance, from `proposed` to its end.
struct Operation {
  Value own = 0;
  bool has_own = false;
  bool outstanding = false;  // a request is, so replies may be used
  Phase phase = Phase::prepare;
  std::uint32_t round = 0;  // of the last broadcast
  Ballot ballot = {};       // of the current round
  Ballot used_before = {};  // the highest this proposer ever sent here
  Ballot highest_seen = {};
  AcceptorSet used = {};
  AcceptorSet showed = {};  // among them: their state, granted or not
  AcceptorSet granted = {};
  HighestVote among_grants = {};
  HighestVote among_all = {};  // refusals with their votes too
  Value candidate = 0;         // of the Accept
  bool told = false;           // an announcement was used
  Value news = 0;
  std::uint64_t sent_event = 0;
};

struct InstanceHash {
  std::size_t operator()(const InstanceId& id) const {
    return static_cast<std::size_t>((id.ver * 0x9e3779b97f4a7c15U) ^
                                    (std::uint64_t{id.key} * 0xd1342543de82ef95U) >> 7U);
  }
};

struct Agent {
  std::uint32_t next_sequence = 0;
  bool gap = false;
  bool down = false;                                                   // crashed, and not restarted
  std::unordered_map<InstanceId, Operation, InstanceHash> operations;  // a proposer's
  void clear() {
    next_sequence = 0;
    gap = down = false;
    operations.clear();
  }
  Operation* operation(const InstanceId& id) {
    const auto found = operations.find(id);
    return found == operations.end() ? nullptr : &found->second;
  }
};

// Agents by kind and number. Those with low numbers, nearly always all of them, are found without a search.
class Agents {
 public:
  // Made when first asked for; valid until the next call.
  Agent& get(AgentKind kind, std::uint32_t number) {
    if (number >= kLow) return high_[key(kind, number)];
    std::vector<Agent>& low = low_[static_cast<std::size_t>(kind)];
    if (number >= low.size()) low.resize(std::size_t{number} + 1);
    return low[number];
  }
  // Null when nobody asked for it.
  const Agent* find(AgentKind kind, std::uint32_t number) const {
    const std::vector<Agent>& low = low_[static_cast<std::size_t>(kind)];
    if (number < kLow) return number < low.size() ? &low[number] : nullptr;
    const auto found = high_.find(key(kind, number));
    return found == high_.end() ? nullptr : &found->second;
  }
  // As if nobody had been seen; keeps the memory.
  void clear() {
    for (std::vector<Agent>& low : low_) std::for_each(low.begin(), low.end(), [](Agent& agent) { agent.clear(); });
    high_.clear();
  }

 private:
  static constexpr std::uint32_t kLow = 1024;
  static std::uint64_t key(AgentKind kind, std::uint32_t number) {
    return std::uint64_t{number} << 1U | static_cast<std::uint64_t>(kind);
  }
  std::vector<Agent> low_[2];
  std::unordered_map<std::uint64_t, Agent> high_;
};

}  // namespace paxoscope::rules_detail
