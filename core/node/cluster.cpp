#include "core/node/cluster.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/counted.h"

namespace paxoscope {

std::string describe_livelock(const ProposerNode& node, const Outcome& outcome) {
  const ProposerCounters& counters = node.counters();
  std::string text =
      fmt::format("P{} gave up key {} version {} undecided after {}: preempted {} in phase 1 and {} in phase 2",
                  node.options().id, outcome.instance.key, outcome.instance.ver, counted(outcome.rounds, "ballot"),
                  counted(counters.preempted_prepare, "time"), counters.preempted_accept);
  const auto most = std::max_element(counters.preempted_by.begin(), counters.preempted_by.end());
  if (most != counters.preempted_by.end() && *most > 0) {
    text += fmt::format(", most often by P{} ({})", most - counters.preempted_by.begin() + 1, counted(*most, "time"));
  }
  return text;
}

}  // namespace paxoscope
