// The rule checker itself, behind RuleChecker. Acceptors' events are judged in rule_acceptors.cpp, proposers' in
// rule_proposers.cpp, what closes an instance and the bookkeeping in rule_checker.cpp.
#pragma once

#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "core/check/kept_instances.h"
#include "core/check/rule_state.h"

namespace paxoscope {

class RuleChecker::State {
 public:
  explicit State(const RuleOptions& options)
      : options_(options),
        instances_(options.quorums.acceptors(), {options.versions_kept, options.retired_kept, options.unpacked_max}) {}

  void feed(const Event& event);
  void expect(AgentKind kind, std::uint32_t agent, std::uint64_t events);
  void cut_short();
  RuleReport finish();
  void reset();
  std::uint64_t kept() const { return instances_.size(); }

 private:
  using AgentName = std::pair<AgentKind, std::uint32_t>;
  // What was missed at the close of instances, as long as nobody's events are known to be missing.
  struct Lacking {
    std::array<std::uint64_t, 11> by_rule{};
    std::vector<Violation> first;
  };
  using Agent = rules_detail::Agent;
  using Answer = rules_detail::Answer;
  using Broadcast = rules_detail::Broadcast;
  using BallotRecord = rules_detail::BallotRecord;
  using Copies = rules_detail::Copies;
  using Delivery = rules_detail::Delivery;
  using Instance = rules_detail::Instance;
  using Operation = rules_detail::Operation;
  using VoteTally = rules_detail::VoteTally;

  std::uint64_t now() const { return report_.counters.events - 1; }  // position of the event being judged

  Agent& follow_sequence(const Event& event);
  void forget_operations(Agent& agent);
  void note_duplicated(const Event& event);
  Instance* instance_of(const Event& event);
  void violate(int rule, const InstanceId& instance, std::string sentence, std::initializer_list<std::uint64_t> events);
  void lack(std::optional<AgentName> whose, Violation violation);
  void judge_lacking();
  void miss(std::string reason);

  // Acceptors.
  void on_acceptor(const Event& event, const Agent& agent);
  void on_retired(const Event& event);
  void on_answered(const Event& event, const Agent& agent, Instance& instance);
  void check_not_retired(const Event& event, const rules_detail::RetiredBelow& retired);
  void on_vote(const Event& event, Instance& instance);
  void note_answer(Instance& instance, const Event& event, const Answer& answer);
  bool match_unmatched(Instance& instance, const Event& event, const Answer& answer);
  bool note_round(Broadcast& broadcast, const Event& event) const;
  void note_request(Instance& instance, BallotRecord& record, const Event& event, bool by_owner);

  // Proposers.
  void on_proposer(const Event& event, Agent& agent);
  void on_proposed(const Event& event, Agent& agent, Instance& instance);
  void on_sent(const Event& event, Agent& agent, Instance& instance, Operation& operation);
  void check_accept(const Event& event, const Agent& agent, Operation& operation);
  void on_reply(const Event& event, const Agent& agent, Instance& instance, Operation* operation);
  void note_announced(const Event& event, Instance& instance);
  void count_reply(const Event& event, const Agent& agent, Operation& operation);
  void on_end(const Event& event, Agent& agent, Instance& instance, Operation& operation);
  void check_result(const Event& event, const Agent& agent, Instance& instance, const Operation& operation);
  void check_echo(const Event& event, const Agent& agent, const Operation& operation);
  void note_delivery(Instance& instance, const Event& event);

  // Closing.
  void close(Instance& instance);
  void close_announcements(const Instance& instance);
  void check_retired(const Instance& instance);
  void close_requests(const Instance& instance, const BallotRecord& record);
  bool gap_of(AgentKind kind, std::uint32_t agent) const;

  RuleOptions options_;
  RuleReport report_;
  bool incomplete_ = false;
  bool any_gap_ = false;
  bool all_gap_ = false;                                 // of everybody something may be missing
  std::map<std::optional<AgentName>, Lacking> lacking_;  // by whose events would have shown it; none: anybody's
  rules_detail::Instances instances_;
  rules_detail::Agents agents_;
};

}  // namespace paxoscope
