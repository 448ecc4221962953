// Part of capture.h: the newest events of each agent, and the eye on the trigger. Called from the thread that empties
// the rings; the window asks only the atomics.
#pragma once

#include <unordered_map>
#include <vector>

#include "core/trace/sink.h"
#include "viz/model/capture.h"

namespace paxoscope::viz {

class Capture::Memory final : public TraceSink {
 public:
  // agents: among how many the memory is shared.
  Memory(const CaptureOptions& options, std::uint32_t agents);

  void push(const PackedEvent& event) override;
  Expected<void> finish(std::span<const AgentTotal>) override { return {}; }

  // Of other threads; relaxed: a late look only delays the end of the run by as much.
  bool full() const { return full_.load(std::memory_order_relaxed); }
  bool triggered() const { return triggered_.load(std::memory_order_relaxed); }
  std::uint64_t seen() const { return seen_.load(std::memory_order_relaxed); }
  void trigger_now() { asked_.store(true, std::memory_order_relaxed); }

  // Once the run is over.
  void fill(History& history) const;
  Nanos triggered_at() const { return triggered_at_; }
  const std::string& text() const { return text_; }

 private:
  struct Agent {
    std::vector<PackedEvent> newest;  // event n at place n mod size
    std::uint64_t count = 0;
  };
  struct Work {  // of a proposer on an instance
    Nanos began = 0;
    std::uint64_t ballots = 0;
  };
  void watch(const Event& event);
  void watch_work(const Event& event);
  void pull(const Event& event, std::string text);
  void pull_by_agent(const Event& event, const std::string& what);

  CaptureOptions options_;
  std::size_t places_;  // of each agent
  std::unordered_map<std::uint64_t, Agent> agents_;
  std::unordered_map<std::uint64_t, Work> works_;  // by proposer and slot of a hash of the instance: bounded
  Nanos last_decision_ = 0;
  Nanos triggered_at_ = -1;
  std::string text_;
  std::uint64_t pushed_ = 0;
  std::atomic<bool> full_{false}, triggered_{false}, asked_{false};
  std::atomic<std::uint64_t> seen_{0};
};

}  // namespace paxoscope::viz
