#include "core/check/explorer.h"

#include <fmt/format.h>

#include "core/check/ladder.h"
#include "core/counted.h"

namespace paxoscope {

std::string explorer_options_error(const ExplorerOptions& options) {
  const auto outside = [](const char* name, int value, int low, int high) {
    return value < low || value > high ? fmt::format("{} must be {} to {}, not {}", name, low, high, value)
                                       : std::string();
  };
  for (const std::string& error :
       {outside("acceptors", options.acceptors, 1, 5), outside("proposers", options.proposers, 1, 4),
        outside("rounds", options.rounds, 1, 8), outside("readers", options.readers, 0, options.proposers),
        outside("crashes", options.crashes, 0, 8)}) {
    if (!error.empty()) return error;
  }
  if (options.quorums && options.quorums->acceptors() != options.acceptors) {
    return fmt::format("quorums are for {} acceptors, not {}", options.quorums->acceptors(), options.acceptors);
  }
  return {};
}

std::string to_string(const ExplorerReport& report, const ExplorerOptions& options) {
  std::string text = fmt::format(
      "{}, {}, {} each: {} states, {} acceptor states, {} transitions, depth {}\n"
      "{:.1f} s, {:.0f} states/s, {} MiB; probability that a state was missed below {:.1e}\n",
      counted(static_cast<std::uint64_t>(options.acceptors), "acceptor"),
      counted(static_cast<std::uint64_t>(options.proposers), "proposer"),
      counted(static_cast<std::uint64_t>(options.rounds), "round"), report.states, report.acceptor_states,
      report.transitions, report.depth, report.seconds, report.states_per_second(), report.bytes >> 20,
      report.collision_probability);
  if (report.rule == "limit") {
    text += fmt::format("no violation, but not every state was seen: {}\n", report.violation);
  } else if (!report.violation.empty()) {
    text += fmt::format("violation of {}: {}\n{}", report.rule, report.violation, ladder(report.events));
  } else {
    text += report.exhausted ? "no violation in any state\n" : "no violation, but not every state was seen\n";
  }
  return text;
}

}  // namespace paxoscope
