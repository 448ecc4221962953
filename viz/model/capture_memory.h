// Part of capture.h: the eye on the trigger while the run goes on, and what is kept of it when it is over. Called from
// the thread that runs the cluster; the window asks only the atomics.
#pragma once

#include <map>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/trace/sink.h"
#include "viz/model/capture.h"

namespace paxoscope::viz {

class Capture::Memory final : public TraceSink {
 public:
  explicit Memory(const CaptureOptions& options);

  // Each event of the threads that are looked at, while it is in the ring; then, a few times, how late it is, and when
  // the first node crashed (kNever: none has).
  void look(const PackedEvent& event);
  void settle(Nanos elapsed, Nanos crashed_at);

  // When the run is over: what the rings still hold.
  void push(const PackedEvent& event) override;
  Expected<void> finish(std::span<const AgentTotal>) override;
  History take() const;  // of the time around the trigger; if nothing of that is left, all that is
  bool missed() const;   // nothing of it is left

  bool full() const { return triggered_at_ >= 0 && elapsed_ > triggered_at_ + options_.after; }
  Nanos triggered_at() const { return triggered_at_; }
  const std::string& text() const { return text_; }

  // Of any thread; relaxed: a late look only delays the end of the run by as much.
  bool triggered() const { return triggered_.load(std::memory_order_relaxed); }
  std::uint64_t seen() const { return seen_.load(std::memory_order_relaxed); }
  void trigger_now() { asked_.store(true, std::memory_order_relaxed); }

 private:
  using AgentName = std::pair<AgentKind, std::uint32_t>;
  struct Work {  // of a proposer on an instance
    Nanos began = 0;
    std::uint64_t ballots = 0;
  };
  struct Span {
    Nanos from, to;
    bool has(Nanos at) const { return from <= at && at <= to; }
  };
  void watch(const Event& event);
  void watch_work(const Event& event);
  void watch_for_livelock();
  Span asked_for() const;
  void pull(Nanos at, std::string text);
  void pull_by_agent(const Event& event, const std::string& what);

  CaptureOptions options_;
  std::unordered_map<std::uint64_t, Work> works_;  // by proposer and slot of a hash of the instance: bounded
  std::vector<std::pair<Nanos, EventKind>> ends_;  // of rounds, decided and not, that are not judged yet
  Nanos last_decision_ = -1;                       // before any: when the first round ended
  Nanos elapsed_ = 0;
  Nanos crashed_at_ = kNever;
  Nanos triggered_at_ = -1;
  std::vector<Event> apart_;  // what pulled the trigger, and crashes and restarts: shown, whatever is overwritten
  std::string text_;
  std::vector<PackedEvent> kept_;
  std::map<AgentName, std::uint32_t> oldest_;  // number of the first event of each that came from the rings
  Nanos newest_ = 0;
  std::uint64_t looked_ = 0;
  std::atomic<bool> triggered_{false}, asked_{false};
  std::atomic<std::uint64_t> seen_{0};
};

}  // namespace paxoscope::viz
