#include "viz/model/capture_memory.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/random.h"
#include "core/scenario/narrate.h"
#include "viz/model/text.h"

namespace paxoscope::viz {

namespace {

constexpr std::uint64_t kWorksOfAProposer = 64;  // instances in flight that can be told apart
constexpr std::uint64_t kTell = 1024;            // events between two updates of seen()

std::uint64_t work_key(const Event& event) {
  const std::uint64_t instance = Random::mix(event.instance.ver * 0x9e3779b97f4a7c15U + event.instance.key);
  return std::uint64_t{event.agent} * kWorksOfAProposer + instance % kWorksOfAProposer;
}

}  // namespace

Capture::Memory::Memory(const CaptureOptions& options, std::uint32_t agents)
    : options_(options), places_(std::max<std::size_t>(64, options.events_max / std::max(1U, agents))) {}

void Capture::Memory::push(const PackedEvent& packed) {
  if (++pushed_ % kTell == 0) seen_.store(pushed_, std::memory_order_relaxed);
  const Event event = unpack(packed);
  // The rings are emptied one after the other: what others recorded before the end still comes.
  if (triggered_at_ >= 0 && event.at > triggered_at_ + options_.after) {
    full_.store(true, std::memory_order_relaxed);
    return;
  }
  Agent& agent = agents_[packed::pair(event.agent, static_cast<std::uint32_t>(event.agent_kind))];
  if (agent.newest.empty()) agent.newest.resize(places_);
  agent.newest[agent.count++ % places_] = packed;
  if (triggered_at_ >= 0) return;
  watch(event);
  if (asked_.load(std::memory_order_relaxed)) pull(event, "by hand");
}

void Capture::Memory::pull(const Event& event, std::string text) {
  if (triggered_at_ >= 0) return;
  triggered_at_ = event.at;
  text_ = std::move(text);
  triggered_.store(true, std::memory_order_relaxed);
}

void Capture::Memory::pull_by_agent(const Event& event, const std::string& what) {
  pull(event, fmt::format("{} {}", text_of(event.agent_kind, event.agent), what));
}

void Capture::Memory::watch(const Event& event) {
  const Trigger& trigger = options_.trigger;
  switch (trigger.kind) {
    case Trigger::Kind::now: return pull(event, "at once");
    case Trigger::Kind::rule_broken: return;  // the audit ends the run
    case Trigger::Kind::preempted_in_accept:
      if (event.kind == EventKind::backed_off && event.phase == Phase::accept && !event.last_bal.is_none()) {
        pull_by_agent(event, fmt::format("was preempted in phase 2 by {}", text_of(event.last_bal)));
      }
      return;
    case Trigger::Kind::ballots:
    case Trigger::Kind::slow_decision: return watch_work(event);
    case Trigger::Kind::livelock:
      if (event.kind == EventKind::decided) last_decision_ = std::max(last_decision_, event.at);
      if (event.kind != EventKind::backed_off || event.at - last_decision_ <= trigger.time) return;
      return pull(event, fmt::format("nobody has decided anything for {}", time_text(event.at - last_decision_, 3)));
  }
}

// One proposer on one instance.
void Capture::Memory::watch_work(const Event& event) {
  if (event.agent_kind != AgentKind::proposer) return;
  const Trigger& trigger = options_.trigger;
  Work& work = works_[work_key(event)];
  if (event.kind == EventKind::proposed) work = {event.at, 0};
  if (event.kind == EventKind::sent && event.phase == Phase::prepare) ++work.ballots;
  if (trigger.kind == Trigger::Kind::ballots) {
    if (event.kind != EventKind::sent || work.ballots < trigger.count) return;
    return pull_by_agent(event, fmt::format("used {} ballots on one instance", work.ballots));
  }
  if (event.kind != EventKind::decided || event.at - work.began <= trigger.time) return;
  pull_by_agent(event, fmt::format("took {} to its decision", time_text(event.at - work.began, 3)));
}

void Capture::Memory::fill(History& history) const {
  Nanos newest = 0;
  for (const auto& [key, agent] : agents_) {
    if (agent.count > 0) newest = std::max(newest, unpack(agent.newest[(agent.count - 1) % places_]).at);
  }
  const Nanos around = triggered_at_ >= 0 ? triggered_at_ : newest;
  const Nanos from = around - options_.before, to = around + options_.after;
  for (const auto& [key, agent] : agents_) {
    bool first = true;
    for (std::uint64_t n = agent.count - std::min<std::uint64_t>(agent.count, places_); n < agent.count; ++n) {
      const Event event = unpack(agent.newest[n % places_]);
      if (event.at < from || event.at > to) continue;
      if (std::exchange(first, false)) history.begin_at(event.agent_kind, event.agent, event.sequence);
      history.add(event);
    }
  }
  history.finish();
}

}  // namespace paxoscope::viz
