// A cluster as every host runs it, and what a host measured of it.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "core/nanos.h"
#include "core/node/acceptor_node.h"
#include "core/node/audit.h"
#include "core/node/proposer_node.h"
#include "core/stats/histogram.h"
#include "core/trace/sink.h"

namespace paxoscope {

struct ClusterOptions {
  std::uint32_t proposers = 1;  // their ids are 1 .. proposers: id 0 would make the ballot (0,0) possible
  ProposerRules rules;
  std::uint32_t window = 1;
  Workload workload;
  InstanceLimits limits;
  Nanos round_trip = kMicrosecond;  // R
  Nanos timeout = kSecond;
  std::uint64_t rounds_max = 1'000'000;
  std::uint64_t operations_max = 0;  // of each proposer; 0: no end
  std::uint64_t decisions_max = 0;   // of all; the run stops there; 0: no end
  Nanos warm_up = 0;
  Nanos measure = kSecond;  // after the warm-up; then the run ends, decided or not
  std::uint64_t seed = 1;
  bool audit = true;

  ProposerNodeOptions proposer(std::uint32_t rank) const {
    return {.id = rank + 1,
            .rank = rank,
            .proposers = proposers,
            .rules = rules,
            .window = window,
            .round_trip = round_trip,
            .timeout = timeout,
            .rounds_max = rounds_max,
            .operations_max = operations_max,
            .seed = seed,
            .clock = {}};
  }

  AuditOptions audit_options() const {
    return {
        .quorums = rules.quorums, .round_trip = round_trip, .measure_from = warm_up, .measure_to = warm_up + measure};
  }
};

// Why a run ended.
enum class StopReason : std::uint8_t { time, decisions, operations, interrupted, violation, livelock, events };

// Where a proposer's time went; the parts sum to the measured time.
struct TimeBudget {
  Nanos working = 0;  // handling messages
  Nanos waiting = 0;  // for replies
  Nanos queued = 0;   // work was there, but no core (threads), or it stood in an acceptor's queue (simulation)
  Nanos backing_off = 0;
  Nanos idle = 0;  // nothing to do: an open-loop client between arrivals, or done
  Nanos total() const { return working + waiting + queued + backing_off + idle; }
};

// One proposer's part of a run, within the measured time.
struct ProposerMeasurement {
  ProposerCounters counters;
  Nanos measured = 0;  // how long this one was measured: the sum of its budget
  TimeBudget budget;
  Histogram to_end;  // ns from the intended start of an operation to its end: won, learned, read or empty
  std::uint64_t longest_losing_streak = 0;  // operations in a row that somebody else won
  std::uint64_t open_at_end = 0;            // operations in flight when the run stopped
  std::uint64_t held_back = 0;              // requests not sent because the acceptor had too many of ours unanswered
};

struct Measurement {
  std::vector<ProposerMeasurement> proposers;
  std::vector<AcceptorCounters> acceptors;  // whole run
  AuditReport audit;
  std::string violation;  // what must never happen, in words; empty when all is well
  std::string livelock;   // who preempted whom, when an instance was given up after rounds_max ballots
  StopReason stop = StopReason::time;
  Nanos warm_up = 0;
  Nanos measured = 0;  // how long the measured part really lasted
  // What faults did (threads only; in virtual time there is more to say of them).
  struct Crashes {
    std::uint64_t acceptors = 0, proposers = 0;
    std::uint64_t messages = 0;  // lost, because they reached a node that was down
    bool any() const { return acceptors + proposers > 0; }
    Crashes& operator+=(const Crashes& other) {
      acceptors += other.acceptors;
      proposers += other.proposers;
      messages += other.messages;
      return *this;
    }
  } crashes;
  // The machine (threads only; zero in virtual time).
  Nanos cpu = 0;  // of all threads, within the measured time
  std::uint64_t context_switches = 0;
  std::uint32_t threads = 0;
};

// How a run goes on, for whoever watches it.
struct Progress {
  Nanos elapsed = 0;
  Nanos planned = 0;            // warm-up and measured time together
  std::uint64_t decisions = 0;  // so far, roughly
  std::uint64_t measured = 0;   // of these, made within the measured time
  Nanos crashed_at = kNever;    // when the first node crashed (threads only)
};

// What becomes of events that threads record faster than the sink takes them.
enum class TraceMode : std::uint8_t {
  lossy,   // they are lost, and a gap in the trace; the run goes on
  whole,   // none is lost: the threads wait for the sink
  newest,  // nothing is handed over during the run: each thread keeps its newest events, and the sink gets these at the
           // end, after a gap. What a run under observation is disturbed by least.
};

// The caller's hand on a run. The functions are called from the thread that called the host, many times a second.
struct RunControl {
  std::function<bool()> interrupted = {};              // true: stop now; may be empty
  std::function<void(const Progress&)> progress = {};  // may be empty
  TraceSink* trace = nullptr;                          // takes the events of the run; must outlive it
  TraceMode trace_mode = TraceMode::lossy;  // of threads; the other engines lose nothing and wait for nothing
  // TraceMode::newest only. How many events each thread keeps at the most, a power of two, at least 4: those that it
  // recorded at the same time need one place more; 0: as many as fit into 64 MiB, but at most 16,384. And, if not
  // empty, what sees each event of the proposers, and of acceptors that are to crash, while it is kept: thread by
  // thread, each in its order, before `interrupted`. For who waits for a moment: it takes nothing from the threads'
  // time.
  std::size_t trace_kept = 0;
  std::function<void(const PackedEvent&)> trace_look = {};
};

// Why an instance was given up, in words: which one, after how many ballots, and who beat this proposer how often.
std::string describe_livelock(const ProposerNode& node, const Outcome& outcome);

}  // namespace paxoscope
