// One OS thread and the nodes it runs: looks into their mailboxes, steps them, sends what they answer, in batches. The
// same code serves one node (the default) or many (--workers).
//
// `Nodes` names the node types, so that bench can run the same threads and queues with nodes that speak no protocol:
// the floor below which no protocol can get. `Recorder` is an agent's pen (core/trace/recorder.h), or NoRecorder.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <memory>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "core/node/cluster.h"
#include "core/node/turn.h"
#include "core/threads/audit_hub.h"
#include "core/threads/idle.h"
#include "core/threads/mailbox.h"
#include "core/threads/parking.h"
#include "core/threads/thread_usage.h"
#include "core/threads/unanswered.h"

namespace paxoscope {

struct PaxosNodes {
  using Acceptor = AcceptorNode;
  using Proposer = ProposerNode;
  static constexpr bool kAudited = true;
};

// It has no record(): a run that is not recorded and yet would call it does not compile.
struct NoRecorder {
  static constexpr bool kTracing = false;
};

// What all threads of a run share.
struct SharedRun {
  std::chrono::steady_clock::time_point epoch;  // time zero, set before the threads begin
  Nanos measure_from = 0;
  Nanos measure_to = kNever;
  // Relaxed is enough for these: nothing else is published with them, and thread join orders the results.
  std::atomic<bool> stop{false};
  std::atomic<bool> gave_up{false};
  std::atomic<std::uint32_t> proposers_done{0};
  std::atomic<Nanos> crashed_at{kNever};  // of the first node that did

  Nanos now() const {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now() - epoch).count();
  }
};

// A node with its mailbox, and what its thread measures of it.
template <class Nodes, class Recorder>
struct AcceptorSeat {
  typename Nodes::Acceptor node;
  Mailbox<Request> inbox;
  [[no_unique_address]] Recorder recorder;
};

template <class Nodes, class Recorder>
struct ProposerSeat {
  typename Nodes::Proposer node;
  Mailbox<Reply> inbox;
  Unanswered unanswered;
  ProposerMeasurement measured;
  ProposerCounters before;  // as the measured time began
  std::uint64_t streak = 0;
  std::string livelock;
  bool done = false;
  [[no_unique_address]] Recorder recorder;
};

template <class Nodes, class Recorder>
class Crashes;

// Whether its nodes know how to come back.
template <class Nodes>
concept CanCrash = requires(typename Nodes::Proposer& proposer) {
  proposer.restart(Nanos(), true);
};

template <class Nodes, class Recorder = NoRecorder>
class Worker {
 public:
  using Acceptor = AcceptorSeat<Nodes, Recorder>;
  using Proposer = ProposerSeat<Nodes, Recorder>;

  // audit: null for none; thread: which of those that share it, 0 .. threads - 1. The first of them judges.
  Worker(SharedRun& run, const Idle& idle, bool can_park, AuditHub* audit, std::size_t thread)
      : run_(run), idle_(idle), parking_(can_park), audit_(audit, thread, thread == 0) {}

  Parking& parking() { return parking_; }
  void seat(Acceptor& acceptor) { acceptors_.push_back(&acceptor); }
  void seat(Proposer& proposer) {
    proposers_.push_back(&proposer);
    seated_.push_back(&proposer);
  }
  // Before the thread starts, and only if any node of the run is to crash.
  Crashes<Nodes, Recorder>& expect_crashes(Nanos from) {
    crashes_from_ = from;
    crashes_ = std::make_unique<Crashes<Nodes, Recorder>>(*this, from);
    return *crashes_;
  }
  const Crashes<Nodes, Recorder>* crashes() const { return crashes_.get(); }

  // Before the thread starts: a way into every mailbox that its nodes write to.
  void connect(const std::vector<std::unique_ptr<Acceptor>>& acceptors,
               const std::vector<std::unique_ptr<Proposer>>& proposers, bool announces) {
    if (!proposers_.empty()) {
      for (const auto& acceptor : acceptors) to_acceptors_.connect(acceptor->inbox);
    }
    if (!acceptors_.empty() || announces) {
      to_proposers_.reserve(proposers.size());
      for (const auto& proposer : proposers) to_proposers_.emplace_back(proposer->inbox);
      noted_.reserve(proposers.size());
    }
  }

  // The thread's body: returns soon after run.stop.
  void operator()() {
    now_ = run_.now();
    measure();  // without a warm-up, what starts here counts
    (void)crash_and_come_back();
    for (Proposer* seat : proposers_) start(*seat);
    while (!run_.stop.load(std::memory_order_relaxed)) {
      measure();
      const Nanos before = now_;
      const bool worked = look();
      if (worked) {
        idle_.reset();
      } else if (idle_.step()) {
        park();
      }
      now_ = run_.now();
      if (worked) working_ += now_ - before;
      if (now_ - handed_in_ > kMillisecond) hand_in(now_);
    }
    now_ = run_.now();
    measure();
    if (measuring_) end_measuring();
    audit_.hand_in();
  }

  // Within the measured time; read these after the join.
  const ThreadUsage& used() const { return used_; }
  std::size_t proposers() const { return seated_.size(); }

 private:
  friend class Crashes<Nodes, Recorder>;
  static constexpr std::size_t kBatch = 256;
  static constexpr std::size_t kAnnouncedMax = 4096;
  static constexpr Nanos kParkMin = 100 * kMicrosecond;  // an OS sleep is some 50 µs off: a shorter wait yields
  static constexpr Nanos kParkMax = 100 * kMillisecond;

  struct AcceptorHost {
    static constexpr bool kTracing = Recorder::kTracing;
    Worker& worker;
    Acceptor& seat;
    template <class AnyEvent = Event>
    [[gnu::always_inline]] void record(const AnyEvent& event) {
      seat.recorder.record(event);
    }
  };

  struct ProposerHost {
    static constexpr bool kTracing = Recorder::kTracing;
    Worker& worker;
    Proposer& seat;
    void broadcast(const Request& request) { worker.broadcast(seat, request); }
    void announce(const Reply& reply) { worker.announce(seat, reply); }
    void finished(const Outcome& outcome) { worker.finished(seat, outcome); }
    template <class AnyEvent = Event>
    [[gnu::always_inline]] void record(const AnyEvent& event) {
      seat.recorder.record(event);
    }
    void yield(std::uint32_t times) {
      worker.flush();
      for (std::uint32_t i = 0; i < times; ++i) std::this_thread::yield();
    }
  };

  // One look at everything; true when there was something to do.
  bool look() {
    bool worked = crash_and_come_back();
    for (Acceptor* seat : acceptors_) worked |= serve(*seat);
    for (Proposer* seat : proposers_) worked |= propose(*seat);
    if (worked) flush();
    return worked;
  }

  // All that a run without crashes has of them is this comparison.
  bool crash_and_come_back() {
    if constexpr (CanCrash<Nodes>) {
      if (now_ >= crashes_from_) [[unlikely]]
        return crashes_->look();
    }
    return false;
  }

  bool serve(Acceptor& seat) {
    const std::size_t count = seat.inbox.receive(requests_);
    note_arrival(count);
    begin_recording(seat);
    AcceptorHost host{*this, seat};
    for (const Request& request : std::span(requests_).first(count)) {
      Sender<Reply>& sender = sender_to(request.ballot.proposer() - 1);
      const auto step = on_request(seat.node, request, sender.stage(), host);
      sender.staged();
      if constexpr (Nodes::kAudited) report(seat, request, step);
    }
    return count > 0;
  }

  bool propose(Proposer& seat) {
    ProposerHost host{*this, seat};
    const std::size_t count = seat.inbox.receive(replies_);
    note_arrival(count);
    begin_recording(seat);
    for (const Reply& reply : std::span(replies_).first(count)) {
      if (reply.kind != ReplyKind::decided) seat.unanswered.settle(reply.acceptor);
      on_reply(seat.node, reply, now_, host);
    }
    const bool due = seat.node.next_deadline() <= now_;
    if (due) on_deadlines(seat.node, now_, host);
    if (count == 0 && !due) return false;
    // An acceptor that has no core for a while must not be left behind without end: what it has not answered waits in
    // queues and in the audit. So nothing new begins until it catches up; what is in flight goes on with a quorum.
    if (!seat.unanswered.any_crowded()) begin_operations(seat.node, now_, host);
    if (!seat.done && seat.node.done()) {
      seat.done = true;
      run_.proposers_done.fetch_add(1, std::memory_order_relaxed);
    }
    return true;
  }

  // A thread may be off its core between reading the clock and its mailbox. In a trace that would put an answer before
  // its question, so there the clock is read again when something has come.
  void note_arrival(std::size_t count) {
    if constexpr (Recorder::kTracing) {
      if (count > 0) now_ = run_.now();
    }
  }

  template <class Seat>
  void begin_recording([[maybe_unused]] Seat& seat) {
    if constexpr (Recorder::kTracing) seat.recorder.begin(now_);
  }

  void start(Proposer& seat) {
    ProposerHost host{*this, seat};
    begin_recording(seat);
    begin_operations(seat.node, now_, host);
    flush();
  }

  void broadcast(Proposer& seat, const Request& request) {
    if (seat.unanswered.any_crowded()) [[unlikely]]
      return broadcast_to_some(seat, request);
    seat.unanswered.sent();
    copy(request, to_acceptors_.stage());
    to_acceptors_.staged();
  }

  // Field by field. A request is sent right after its last fields were set, and a load that is wider than the stores it
  // needs waits until these have left the store buffer, behind all the messages just sent.
  static void copy(const Request& from, Request& to) {
    to.instance.ver = from.instance.ver;
    to.instance.key = from.instance.key;
    to.ballot = from.ballot;
    to.value = from.value;
    to.decided_below = from.decided_below;
    to.round = from.round;
    to.slot = from.slot;
    to.phase = from.phase;
  }

  // Bounded queues: an acceptor that is this far behind gets nothing more from us until it answers. Out of the way of
  // what is usual.
  [[gnu::noinline]] void broadcast_to_some(Proposer& seat, const Request& request) {
    for (std::size_t i = 0; i < seat.unanswered.acceptors(); ++i) {
      if (seat.unanswered.crowded(i)) {
        ++seat.measured.held_back;
        seat.unanswered.settle(i);
      } else {
        to_acceptors_.push_to(i, request);
      }
    }
    seat.unanswered.sent();
  }

  // The way to a proposer, noted for the next flush.
  Sender<Reply>& sender_to(std::uint32_t rank) {
    Sender<Reply>& sender = to_proposers_[rank];
    if (!sender.noted) {
      sender.noted = true;
      noted_.push_back(rank);
    }
    return sender;
  }

  void announce(const Proposer& from, const Reply& reply) {
    for (std::uint32_t rank = 0; rank < to_proposers_.size(); ++rank) {
      // Announcements only help: one that would find a crowded mailbox is not sent.
      if (rank == from.node.options().rank || to_proposers_[rank].mailbox().size_approx() > kAnnouncedMax) continue;
      sender_to(rank).push(reply);
    }
  }

  void flush() {
    to_acceptors_.flush();
    for (const std::uint32_t rank : noted_) {
      to_proposers_[rank].flush();
      to_proposers_[rank].noted = false;
    }
    noted_.clear();
  }

  void report(Acceptor& seat, const Request& request, const AcceptorNode::Step& step) {
    if (!audit_.on()) return;
    const AcceptorId id = seat.node.id();
    if (step.retired) {
      const std::uint64_t first = seat.node.table().first(request.instance.key);
      audit_.push(AuditRecord::retired(id, {first, request.instance.key}));
    }
    // The vote is read from the acceptor's state: a reply can lie.
    if (request.phase == Phase::accept && step.after != nullptr && step.after->v_bal == request.ballot) {
      audit_.push(AuditRecord::vote(id, request.instance, *step.after, now_));
    }
  }

  void finished(Proposer& seat, const Outcome& outcome) {
    if (outcome.kind == Outcome::Kind::decided && audit_.on()) {
      audit_.push(AuditRecord::result(seat.node.options().id, outcome));
    }
    if (outcome.kind == Outcome::Kind::gave_up) [[unlikely]]
      gave_up(seat, outcome);
    if (!measuring_) return;
    if (outcome.intended >= run_.measure_from) seat.measured.to_end.record(outcome.ended - outcome.intended);
    if (outcome.read) return;
    seat.streak = outcome.won ? 0 : seat.streak + 1;
    seat.measured.longest_losing_streak = std::max(seat.measured.longest_losing_streak, seat.streak);
  }

  [[gnu::cold]] void gave_up(Proposer& seat, const Outcome& outcome) {
    if (seat.livelock.empty()) seat.livelock = describe_livelock(seat.node, outcome);
    run_.gave_up.store(true, std::memory_order_relaxed);
  }

  // Sleeps until somebody writes to us, the next deadline, or the end of the run.
  void park() {
    Nanos wait = kParkMax;
    for (const Proposer* seat : proposers_) wait = std::min(wait, seat->node.next_deadline() - now_);
    if constexpr (CanCrash<Nodes>) {
      if (crashes_) wait = std::min(wait, crashes_->wake_at(now_) - now_);
    }
    if (wait < kParkMin) return std::this_thread::yield();
    hand_in(now_);
    parking_.announce();
    if (look() || run_.stop.load(std::memory_order_relaxed)) return parking_.cancel();
    const Nanos before = run_.now();
    parking_.park(wait);
    if (!ended_) used_.parked += run_.now() - before;
  }

  void hand_in(Nanos now) {
    audit_.hand_in();
    handed_in_ = now;
  }

  // Notes where the measured time begins and ends.
  void measure() {
    if (ended_ || now_ < run_.measure_from) return;
    if (!measuring_) begin_measuring();
    if (now_ >= run_.measure_to) end_measuring();
  }

  void begin_measuring() {
    measuring_ = true;
    for (Proposer* seat : seated_) {
      seat->node.settle(now_);
      seat->before = seat->node.counters();
    }
    used_ = {};
    begin_usage_ = ThreadUsage::of_this_thread(now_);
    working_ = 0;
  }

  void end_measuring() {
    measuring_ = false;
    ended_ = true;
    used_ = ThreadUsage::of_this_thread(now_).since(begin_usage_, working_, used_.parked);
    for (Proposer* seat : seated_) {
      seat->node.settle(now_);
      seat->measured.counters = seat->node.counters() - seat->before;
      seat->measured.open_at_end = seat->node.busy();
    }
  }

  SharedRun& run_;
  Idle idle_;
  Parking parking_;
  AuditFeed audit_;
  std::vector<Acceptor*> acceptors_;  // those that are up,
  std::vector<Proposer*> proposers_;
  std::vector<Proposer*> seated_;  // and all
  Fanout<Request> to_acceptors_;
  std::vector<Sender<Reply>> to_proposers_;
  std::vector<std::uint32_t> noted_;  // the ranks that the next flush is for
  std::array<Request, kBatch> requests_;
  std::array<Reply, kBatch> replies_;
  Nanos now_ = 0;
  Nanos crashes_from_ = kNever;
  std::unique_ptr<Crashes<Nodes, Recorder>> crashes_;  // null: nobody is to crash
  Nanos working_ = 0;
  Nanos handed_in_ = 0;
  ThreadUsage begin_usage_;
  ThreadUsage used_;
  bool measuring_ = false;
  bool ended_ = false;
};

}  // namespace paxoscope

#include "core/threads/crashes.h"
