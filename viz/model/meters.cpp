#include "viz/model/meters.h"

#include <algorithm>
#include <cmath>

#include "core/stats/jain.h"

namespace paxoscope::viz {

namespace {

void add(ProposerMeters& meters, const Operation& operation) {
  meters.won += operation.won ? 1 : 0;
  meters.learned += operation.end == EventKind::decided && !operation.won ? 1 : 0;
  meters.empty += operation.end == EventKind::empty ? 1 : 0;
  meters.abandoned += operation.end == EventKind::abandoned ? 1 : 0;
  meters.ballots += operation.ballots;
  meters.preempted_prepare += operation.preempted_prepare;
  meters.preempted_accept += operation.preempted_accept;
  meters.timeouts += operation.timeouts;
}

// The operation's time within the stretch; what it waited is taken to be spread evenly over it.
void add_time(ProposerMeters& meters, const Operation& operation, Nanos ended, Nanos from, Nanos to) {
  const Nanos whole = std::max<Nanos>(1, ended - operation.began);
  const Nanos within = std::max<Nanos>(0, std::min(ended, to) - std::max(operation.began, from));
  const double share = static_cast<double>(within) / static_cast<double>(whole);
  const auto backing_off = static_cast<Nanos>(share * static_cast<double>(operation.backing_off));
  meters.backing_off += backing_off;
  meters.waiting += within - backing_off;
}

// The rounds that operations which go on at `to` have lost within the stretch, and how many broadcasts these took. Only
// the lane's last events before `to` are looked at: where more are in flight than that, the newest count.
std::uint64_t add_lost_rounds(ProposerMeters& meters, const History& history, const History::Lane& lane, Nanos from,
                              Nanos to) {
  constexpr std::uint32_t kLookedAt = 2048;
  std::uint64_t broadcasts = 0;
  std::vector<InstanceId> over;  // those that ended before `to` have been counted as a whole
  std::uint32_t position = history.position_of(lane, to);
  for (const std::uint32_t first = position - std::min(position, kLookedAt); position > first; --position) {
    const Event event = history.event_at(lane, position - 1);
    if (event.at < from) break;
    if (event.kind == EventKind::decided || event.kind == EventKind::empty || event.kind == EventKind::abandoned)
      over.push_back(event.instance);
    if (event.kind != EventKind::backed_off || std::find(over.begin(), over.end(), event.instance) != over.end())
      continue;
    const bool accepting = event.phase == Phase::accept;
    ++meters.ballots;
    ++(event.last_bal.is_none() ? meters.timeouts : accepting ? meters.preempted_accept : meters.preempted_prepare);
    broadcasts += accepting ? 2 : 1;
  }
  return broadcasts;
}

std::vector<LatencyBar> bars_of(const Histogram& histogram) {
  std::vector<LatencyBar> bars;
  const auto edge = [](int i) { return static_cast<Nanos>(std::llround(std::exp2(i / 2.0))); };
  for (const HistogramBucket& bucket : histogram.buckets()) {
    int i =
        std::max(0, static_cast<int>(std::floor(2 * std::log2(std::max<double>(1, static_cast<double>(bucket.low))))));
    while (edge(i + 1) <= bucket.low) ++i;
    if (bars.empty()) bars.push_back({edge(i), edge(i + 1), 0});
    while (bars.back().to <= bucket.low) {
      const Nanos from = bars.back().to;
      int next = static_cast<int>(std::lround(2 * std::log2(static_cast<double>(from)))) + 1;
      while (edge(next) <= from) ++next;
      bars.push_back({from, edge(next), 0});
    }
    bars.back().count += bucket.count;
  }
  return bars;
}

}  // namespace

Meters measure(const History& history, Nanos from, Nanos to) {
  Meters meters{.from = from, .to = to};
  std::uint64_t broadcasts = 0, useful = 0;
  for (std::size_t i = 0; i < history.lanes(); ++i) {
    const History::Lane& lane = history.lane(i);
    if (lane.kind != AgentKind::proposer) continue;
    ProposerMeters proposer{.id = lane.agent};
    const auto ends_before = [](const Operation& o, Nanos at) { return o.ended < at; };
    auto operation = std::lower_bound(lane.operations.begin(), lane.operations.end(), from, ends_before);
    for (; operation != lane.operations.end() && operation->ended < to; ++operation) {
      add(proposer, *operation);
      add_time(proposer, *operation, operation->ended, from, to);
      broadcasts += operation->ballots + operation->accepts;
      if (operation->end != EventKind::decided) continue;
      useful += operation->accepts > 0 ? 2 : 1;
      meters.to_end.record(operation->ended - operation->began);
    }
    // Those that go on at the end of the stretch: over later, or not at all yet.
    broadcasts += add_lost_rounds(proposer, history, lane, from, to);
    for (; operation != lane.operations.end() && operation->began < to; ++operation) {
      add_time(proposer, *operation, operation->ended, from, to);
    }
    for (const OpenOperation& open : lane.open) add_time(proposer, open.so_far, history.last(), from, to);
    proposer.idle = std::max<Nanos>(0, to - from - proposer.waiting - proposer.backing_off);
    meters.proposers.push_back(proposer);
  }
  std::vector<std::uint64_t> wins;
  for (const ProposerMeters& proposer : meters.proposers) {
    meters.decisions += proposer.won;
    meters.ballots += proposer.ballots;
    meters.preempted_prepare += proposer.preempted_prepare;
    meters.preempted_accept += proposer.preempted_accept;
    meters.timeouts += proposer.timeouts;
    wins.push_back(proposer.won);
  }
  const auto decisions = static_cast<double>(meters.decisions);
  meters.decisions_per_second = decisions * static_cast<double>(kSecond) / static_cast<double>(to - from);
  meters.ballots_per_decision = meters.decisions == 0 ? 0 : static_cast<double>(meters.ballots) / decisions;
  meters.wasted =
      broadcasts == 0 ? 0 : 1 - static_cast<double>(std::min(useful, broadcasts)) / static_cast<double>(broadcasts);
  meters.fairness = jain_index(wins);
  meters.bars = bars_of(meters.to_end);
  return meters;
}

}  // namespace paxoscope::viz
