#include "viz/model/capture_memory.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "core/random.h"
#include "core/scenario/narrate.h"
#include "viz/model/text.h"

namespace paxoscope::viz {

namespace {

constexpr std::uint64_t kWorksOfAProposer = 64;  // instances in flight that can be told apart

// What the trigger needs to know of.
bool concerns(Trigger::Kind trigger, EventKind event) {
  switch (trigger) {
    case Trigger::Kind::first_crash: return event == EventKind::crashed;
    case Trigger::Kind::preempted_in_accept: return event == EventKind::backed_off;
    case Trigger::Kind::ballots: return event == EventKind::proposed || event == EventKind::sent;
    case Trigger::Kind::slow_decision: return event == EventKind::proposed || event == EventKind::decided;
    case Trigger::Kind::livelock: return event == EventKind::decided || event == EventKind::backed_off;
    case Trigger::Kind::now:
    case Trigger::Kind::rule_broken: return false;  // the audit ends the run
  }
  return false;
}

bool is_fault(EventKind event) {
  return event == EventKind::crashed || event == EventKind::restarted;
}

std::uint64_t work_key(const Event& event) {
  const std::uint64_t instance = Random::mix(event.instance.ver * 0x9e3779b97f4a7c15U + event.instance.key);
  return std::uint64_t{event.agent} * kWorksOfAProposer + instance % kWorksOfAProposer;
}

}  // namespace

Capture::Memory::Memory(const CaptureOptions& options) : options_(options) {}

void Capture::Memory::look(const PackedEvent& packed) {
  ++looked_;
  // Most are of no interest, and this is in the time of a cluster at full speed.
  const EventKind kind = kind_of(packed);
  if (is_fault(kind)) apart_.push_back(unpack(packed));
  if (triggered_at_ >= 0 || !concerns(options_.trigger.kind, kind)) return;
  watch(unpack(packed));
}

void Capture::Memory::settle(Nanos elapsed, Nanos crashed_at) {
  elapsed_ = elapsed;
  seen_.store(looked_, std::memory_order_relaxed);
  if (triggered_at_ >= 0) return;
  if (options_.trigger.kind == Trigger::Kind::livelock) watch_for_livelock();
  if (options_.trigger.kind == Trigger::Kind::now && looked_ > 0) pull(elapsed, "at once");
  if (asked_.load(std::memory_order_relaxed)) pull(elapsed, "by hand");
  // It comes once only. Known since the last time, and not seen since: it was overwritten.
  const bool unseen = options_.trigger.kind == Trigger::Kind::first_crash && crashed_at_ != kNever;
  if (unseen) pull(crashed_at_, "somebody crashed");
  crashed_at_ = crashed_at;
}

void Capture::Memory::pull(Nanos at, std::string text) {
  if (triggered_at_ >= 0) return;
  triggered_at_ = at;
  text_ = std::move(text);
  triggered_.store(true, std::memory_order_relaxed);
}

void Capture::Memory::pull_by_agent(const Event& event, const std::string& what) {
  if (triggered_at_ >= 0) return;
  pull(event.at, fmt::format("{} {}", text_of(event.agent_kind, event.agent), what));
  if (!is_fault(event.kind)) apart_.push_back(event);
}

void Capture::Memory::watch(const Event& event) {
  switch (options_.trigger.kind) {
    case Trigger::Kind::preempted_in_accept:
      if (event.phase == Phase::accept && !event.last_bal.is_none()) {
        pull_by_agent(event, fmt::format("was preempted in phase 2 by {}", text_of(event.last_bal)));
      }
      return;
    case Trigger::Kind::livelock: return (void)ends_.emplace_back(event.at, event.kind);
    case Trigger::Kind::first_crash: return pull_by_agent(event, "crashed");
    default: return watch_work(event);
  }
}

// The threads are looked at one after the other, so what one of them decided may come after what others did later: a
// round is judged once everything that was before it has come.
void Capture::Memory::watch_for_livelock() {
  std::sort(ends_.begin(), ends_.end());
  const auto later = std::partition_point(ends_.begin(), ends_.end(), [this](auto& e) { return e.first <= elapsed_; });
  for (auto end = ends_.begin(); end != later; ++end) {
    const auto [at, kind] = *end;
    if (kind == EventKind::decided || last_decision_ < 0) last_decision_ = at;
    if (at - last_decision_ <= options_.trigger.time) continue;
    pull(at, fmt::format("nobody has decided anything for {}", time_text(at - last_decision_, 3)));
  }
  ends_.erase(ends_.begin(), later);
}

// One proposer on one instance.
void Capture::Memory::watch_work(const Event& event) {
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

void Capture::Memory::push(const PackedEvent& packed) {
  const Event event = unpack(packed);
  newest_ = std::max(newest_, event.at);
  oldest_.try_emplace({event.agent_kind, event.agent}, event.sequence);
  kept_.push_back(packed);
}

// What was seen is shown, even if its thread has overwritten it since.
Expected<void> Capture::Memory::finish(std::span<const AgentTotal>) {
  std::vector<PackedEvent> older;
  for (const Event& event : apart_) {
    const auto oldest = oldest_.find({event.agent_kind, event.agent});
    if (oldest == oldest_.end() || event.sequence < oldest->second) older.push_back(pack(event));
  }
  kept_.insert(kept_.begin(), older.begin(), older.end());
  return {};
}

Capture::Memory::Span Capture::Memory::asked_for() const {
  const Nanos moment = triggered_at_ >= 0 ? triggered_at_ : newest_;
  return {std::max<Nanos>(0, moment - options_.before), moment + options_.after};
}

bool Capture::Memory::missed() const {
  const Span asked = asked_for();
  return std::none_of(kept_.begin(), kept_.end(), [&](const auto& packed) { return asked.has(unpack(packed).at); });
}

History Capture::Memory::take() const {
  const Span asked = asked_for();
  const Span span = missed() ? Span{0, kNever} : asked;
  History history;
  std::set<AgentName> begun;
  for (const PackedEvent& packed : kept_) {
    const Event event = unpack(packed);
    // Others were before it; gaps after it show by their numbers.
    const bool oldest = begun.emplace(event.agent_kind, event.agent).second && event.sequence > 0;
    if (!span.has(event.at)) continue;
    if (!history.find_lane(event.agent_kind, event.agent)) {
      history.begin_at(event.agent_kind, event.agent, event.sequence);
      if (oldest) history.overwritten(event.agent_kind, event.agent, std::min(asked.from, event.at), event.at);
    }
    history.add(event);
  }
  history.finish();
  return history;
}

}  // namespace paxoscope::viz
