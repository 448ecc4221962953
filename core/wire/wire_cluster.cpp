#include "core/wire/wire_cluster.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <random>
#include <thread>
#include <utility>

#include "core/backoff/registry.h"
#include "core/node/turn.h"
#include "core/trace/file_format.h"
#include "core/wire/peers.h"

namespace paxoscope::wire {

namespace {

constexpr Nanos kWaitMax = 5 * kMillisecond;
constexpr Nanos kLookInterval = 5 * kMillisecond;  // between two looks at the bounds of the run
constexpr std::size_t kBatch = 256;                // replies taken before looking at anything else
// Versions of a key that the audit keeps below what is known to be decided. What is seen of older ones is not fed to
// it: a vote of an acceptor that was away for so long.
constexpr std::uint64_t kAuditKept = 1U << 15U;

// A proposer, and what is measured of it.
struct Seat {
  ProposerNode node;
  Recorder<EventList> recorder;
  ProposerMeasurement measured = {};
  ProposerCounters before = {};  // as the measured time began
  std::uint64_t streak = 0;
};

class Run {
 public:
  Run(const ClusterOptions& cluster, const WireOptions& wire, Peers& peers)
      : cluster_(cluster), wire_(wire), peers_(peers), acceptors_(wire.peers.size()) {
    if (cluster.audit) audit_.emplace(cluster.audit_options());
  }

  void seat(ProposerNode node) {
    EventList& trace = wire_.trace != nullptr ? *wire_.trace : no_trace_;
    const ProposerId id = node.options().id;
    seats_.push_back(std::make_unique<Seat>(Seat{std::move(node), {AgentKind::proposer, id, trace}}));
  }

  Measurement run(const RunControl& control) {
    epoch_ = std::chrono::steady_clock::now();
    now_ = 0;
    measure();
    for (const auto& seat : seats_) begin(*seat);
    while (!over(control)) {
      measure();
      take_answers();
      hand_on_announcements();
      for (const auto& seat : seats_) look_at_deadlines(*seat);
    }
    if (measuring_) end_measuring();
    return collect();
  }

 private:
  struct Host {
    static constexpr bool kTracing = true;
    Run& run;
    Seat& seat;
    void broadcast(const Request& request) { run.broadcast(request); }
    void announce(const Reply& reply) { run.announced_.push_back(reply); }
    void finished(const Outcome& outcome) { run.finished(seat, outcome); }
    void yield(std::uint32_t) { std::this_thread::yield(); }
    void record(const Event& event) { run.record(seat, event); }
  };

  Nanos clock() const {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now() - epoch_).count();
  }

  const std::string& name_of(std::uint32_t key) {
    for (auto i = static_cast<std::uint32_t>(names_.size()); i <= key; ++i) {
      names_.push_back(fmt::format("{}/{}", wire_.keys, i));
    }
    return names_[key];
  }

  void record(Seat& seat, Event event) {
    if (wire_.trace == nullptr) return;
    event.instance.key = trace_format::checksum(name_of(event.instance.key));
    seat.recorder.record(event, now_);
  }

  void broadcast(const Request& request) {
    note_decided(request.instance.key, request.decided_below);
    peers_.broadcast(name_of(request.instance.key), request, cluster_.timeout);
  }

  void begin(Seat& seat) {
    Host host{*this, seat};
    begin_operations(seat.node, now_, host);
  }

  // Waits for an answer at most until something else is to be done, then takes what else there is.
  void take_answers() {
    Nanos wait = kWaitMax;
    for (const auto& seat : seats_) wait = std::min(wait, seat->node.next_deadline() - now_);
    std::optional<Answer> answer = peers_.receive(std::max<Nanos>(wait, 0));
    now_ = clock();
    const Nanos before = now_;
    for (std::size_t taken = 0; answer && taken < kBatch; ++taken) {
      on_answer(*answer);
      answer = peers_.receive(0);
      now_ = clock();  // what an answer set off goes to the wire at once, so time passes
    }
    working_ += now_ - before;
  }

  void on_answer(const Answer& answer) {
    count(answer);
    judge(answer);
    Seat& seat = *seats_[answer.request.ballot.proposer() - 1];
    Host host{*this, seat};
    on_reply(seat.node, answer.reply, now_, host);
    begin(seat);
  }

  void count(const Answer& answer) {
    if (!measuring_) return;
    AcceptorCounters& acceptor = acceptors_[answer.reply.acceptor];
    const bool prepare = answer.request.phase == Phase::prepare;
    if (answer.reply.kind == ReplyKind::refused) {
      ++acceptor.refused;
      return;
    }
    ++(prepare ? acceptor.prepares : acceptor.accepts);
    acceptor.rejected_prepares += static_cast<std::uint64_t>(prepare && !answer.reply.granted());
    acceptor.votes += static_cast<std::uint64_t>(!prepare && answer.reply.granted());
  }

  // A granted Accept is a vote; a promise that shows a vote tells of one whose reply was lost.
  void judge(const Answer& answer) {
    if (!audit_ || answer.request.instance.ver < audited_from(answer.request.instance.key)) return;
    const Reply& reply = answer.reply;
    if (reply.phase == Phase::accept && reply.granted()) {
      const AcceptorState after{reply.ballot, reply.ballot, answer.request.value};
      audit_->feed(AuditRecord::vote(reply.acceptor, reply.instance, after, now_));
    } else if (cluster_.rules.learning == Learning::visible && !reply.v_bal.is_none()) {
      const AcceptorState shown{reply.last_bal, reply.v_bal, reply.value};
      audit_->feed(AuditRecord::vote(reply.acceptor, reply.instance, shown, now_));
    }
  }

  std::uint64_t audited_from(std::uint32_t key) const { return key < audited_from_.size() ? audited_from_[key] : 0; }

  void note_decided(std::uint32_t key, std::uint64_t decided_below) {
    if (!audit_ || decided_below < audited_from(key) + 2 * kAuditKept) return;
    if (key >= audited_from_.size()) audited_from_.resize(std::size_t{key} + 1);
    audited_from_[key] = decided_below - kAuditKept;
    for (std::size_t i = 0; i < acceptors_.size(); ++i) {
      audit_->feed(AuditRecord::retired(static_cast<AcceptorId>(i), {audited_from_[key], key}));
    }
  }

  void hand_on_announcements() {
    const std::vector<Reply> announced = std::exchange(announced_, {});
    for (const Reply& reply : announced) {
      for (const auto& seat : seats_) {
        if (seat->node.options().id == reply.ballot.proposer()) continue;
        Host host{*this, *seat};
        on_reply(seat->node, reply, now_, host);
        begin(*seat);
      }
    }
  }

  void look_at_deadlines(Seat& seat) {
    if (seat.node.next_deadline() > now_) return;
    Host host{*this, seat};
    on_deadlines(seat.node, now_, host);
    begin(seat);
  }

  void finished(Seat& seat, const Outcome& outcome) {
    if (outcome.kind == Outcome::Kind::decided && audit_ &&
        outcome.instance.ver >= audited_from(outcome.instance.key)) {
      audit_->feed(AuditRecord::result(seat.node.options().id, outcome));
    }
    if (outcome.kind == Outcome::Kind::gave_up && livelock_.empty()) livelock_ = describe_livelock(seat.node, outcome);
    if (!measuring_) return;
    if (outcome.intended >= cluster_.warm_up) seat.measured.to_end.record(outcome.ended - outcome.intended);
    if (outcome.read) return;
    seat.streak = outcome.won ? 0 : seat.streak + 1;
    seat.measured.longest_losing_streak = std::max(seat.measured.longest_losing_streak, seat.streak);
  }

  // Whether one of the run's bounds is reached.
  bool over(const RunControl& control) {
    if (now_ < next_look_) return false;
    next_look_ = now_ + kLookInterval;
    const std::uint64_t decisions = audit_ ? audit_->chosen_ever() : 0;
    const Nanos planned = cluster_.warm_up + cluster_.measure;
    if (control.progress) control.progress({now_, planned, decisions, audit_ ? audit_->report().chosen : 0});
    const auto stop = [&](bool when, StopReason reason) {
      if (when) stop_ = reason;
      return when;
    };
    return stop(control.interrupted && control.interrupted(), StopReason::interrupted) ||
           stop(audit_ && !audit_->violation().empty(), StopReason::violation) ||
           stop(!livelock_.empty(), StopReason::livelock) ||
           stop(cluster_.decisions_max != 0 && decisions >= cluster_.decisions_max, StopReason::decisions) ||
           stop(std::all_of(seats_.begin(), seats_.end(), [](const auto& seat) { return seat->node.done(); }),
                StopReason::operations) ||
           stop(now_ >= planned, StopReason::time);
  }

  void measure() {
    if (ended_ || now_ < cluster_.warm_up) return;
    if (!measuring_) begin_measuring();
    if (now_ >= cluster_.warm_up + cluster_.measure) end_measuring();
  }

  void begin_measuring() {
    measuring_ = true;
    began_ = now_;
    working_ = 0;
    for (const auto& seat : seats_) {
      seat->node.settle(now_);
      seat->before = seat->node.counters();
    }
  }

  void end_measuring() {
    measuring_ = false;
    ended_ = true;
    measured_ = now_ - began_;
    for (const auto& seat : seats_) {
      seat->node.settle(now_);
      seat->measured.counters = seat->node.counters() - seat->before;
      seat->measured.open_at_end = seat->node.busy();
      seat->measured.budget = budget(seat->measured.counters);
    }
  }

  TimeBudget budget(const ProposerCounters& counters) const {
    const auto window = static_cast<Nanos>(cluster_.window);
    TimeBudget budget;
    budget.backing_off = std::min(counters.backing_off / window, measured_);
    const Nanos open = std::min(counters.waiting / window, measured_ - budget.backing_off);
    budget.working = std::min(working_ / static_cast<Nanos>(seats_.size()), open);
    budget.waiting = open - budget.working;
    budget.idle = measured_ - budget.backing_off - open;
    return budget;
  }

  Measurement collect() {
    Measurement result;
    result.stop = stop_;
    result.warm_up = cluster_.warm_up;
    result.measured = measured_;
    result.threads = 1;
    result.livelock = livelock_;
    result.acceptors = acceptors_;
    for (const auto& seat : seats_) result.proposers.push_back(std::move(seat->measured));
    if (!result.proposers.empty()) {
      for (const PeerCounters& peer : peers_.counters()) result.proposers.front().held_back += peer.held_back;
    }
    if (audit_) {
      audit_->finish(cluster_.warm_up + measured_);
      result.audit = audit_->report();
      result.violation = audit_->violation();
      if (!result.violation.empty()) result.stop = StopReason::violation;
    }
    return result;
  }

  const ClusterOptions& cluster_;
  const WireOptions& wire_;
  Peers& peers_;
  EventList no_trace_;
  std::optional<Audit> audit_;
  std::vector<std::uint64_t> audited_from_;  // by key
  std::vector<std::unique_ptr<Seat>> seats_;
  std::vector<AcceptorCounters> acceptors_;  // as the replies tell, within the measured time
  std::vector<std::string> names_;           // of the keys, by number
  std::vector<Reply> announced_;
  std::string livelock_;
  std::chrono::steady_clock::time_point epoch_;
  Nanos now_ = 0;
  Nanos next_look_ = 0;
  Nanos began_ = 0;
  Nanos measured_ = 0;
  Nanos working_ = 0;
  StopReason stop_ = StopReason::time;
  bool measuring_ = false;
  bool ended_ = false;
};

}  // namespace

std::string fresh_keys() {
  std::random_device random;
  return fmt::format("run-{:08x}{:08x}", random(), random());
}

Expected<Measurement> run_wire(const ClusterOptions& cluster, const Backoff& strategy, const WireOptions& wire,
                               const RunControl& control) {
  const auto quorum = static_cast<std::size_t>(
      std::max(cluster.rules.quorums.size(Phase::prepare), cluster.rules.quorums.size(Phase::accept)));
  // Requests that an acceptor may leave unanswered: each slot's, four times over.
  const std::uint32_t unanswered_max = 4 * cluster.window * cluster.proposers + 16;
  const auto peers = Peers::connect(wire.peers, quorum, unanswered_max, 3 * kSecond, control.interrupted);
  if (!peers) return tl::unexpected(peers.error());
  const KeyPicker picker(cluster.workload);
  Run run(cluster, wire, **peers);
  for (std::uint32_t rank = 0; rank < cluster.proposers; ++rank) {
    run.seat(ProposerNode(cluster.proposer(rank), strategy, cluster.workload, picker));
  }
  return run.run(control);
}

Expected<Nanos> measure_wire_round_trip(const ClusterOptions& cluster, const WireOptions& wire,
                                        const RunControl& control) {
  ClusterOptions alone = cluster;
  alone.proposers = 1;
  alone.window = 1;
  alone.workload = {};
  alone.warm_up = 0;
  alone.measure = 20 * kSecond;
  alone.operations_max = 50;
  alone.decisions_max = 0;
  alone.audit = false;
  const WireOptions apart{.peers = wire.peers, .keys = fresh_keys()};
  const auto strategy = parse_strategy("none");
  RunControl unseen;  // its progress is nobody's
  unseen.interrupted = control.interrupted;
  const auto measurement = run_wire(alone, **strategy, apart, unseen);
  if (!measurement) return tl::unexpected(measurement.error());
  if (measurement->stop == StopReason::interrupted) return Nanos{0};
  const Histogram& decisions = measurement->proposers.front().to_end;
  if (decisions.empty()) return fail("no decision in 20 s while measuring the round trip: give it with --round-trip");
  return std::max<Nanos>(decisions.percentile(50) / 2, 1);  // two phases, a round trip each
}

}  // namespace paxoscope::wire
