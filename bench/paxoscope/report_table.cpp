#include "bench/paxoscope/report_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "bench/paxoscope/experiment_options.h"
#include "bench/paxoscope/table.h"
#include "core/counted.h"
#include "core/experiment/metrics.h"

namespace paxoscope::cli {

namespace {

std::string_view why(StopReason reason) {
  switch (reason) {
    case StopReason::time: return "the measured time was over";
    case StopReason::decisions: return "--decisions-max was reached";
    case StopReason::operations: return "every proposer had done --operations-max";
    case StopReason::interrupted: return "it was interrupted: what follows is partial";
    case StopReason::violation: return "of a VIOLATION";
    case StopReason::events: return "the bound on events was reached";
    case StopReason::livelock: return "of a livelock: --rounds-max was reached";
  }
  return "?";
}

std::string where(const Report& report) {
  if (report.simulation) {
    return fmt::format("in virtual time: {} events, trace hash {:016x}", report.simulation->events,
                       report.simulation->trace_hash);
  }
  return fmt::format(
      "on {}, {}{}", counted(report.measurement.threads, "thread"), counted(this_machine().cores, "core"),
      report.oversubscribed() ? " (more threads than cores: the OS scheduler is part of the result)" : "");
}

std::string figures(const Report& report) {
  Table table({{"figure", "", true}, {"value", ""}, {"unit", "", true}, {"meaning", "", true}});
  for (const Metric& metric : metrics()) {
    table.add({std::string(metric.name), short_number(metric.of(report)), std::string(metric.unit),
               std::string(metric.meaning)});
  }
  return table.to_string();
}

// Who pays: a line for each proposer, while they fit on a screen.
std::string proposers(const Report& report) {
  constexpr std::size_t kMost = 32;
  const std::vector<ProposerMeasurement>& all = report.measurement.proposers;
  if (all.size() < 2 || all.size() > kMost) return "";
  Table table({{"proposer", ""},
               {"won", ""},
               {"learned", ""},
               {"skipped", ""},
               {"ballots", ""},
               {"lost p1", ""},
               {"lost p2", ""},
               {"mostly to", ""},
               {"streak", "ops"},
               {"operation p99", "us"},
               {"working", "%"},
               {"waiting", "%"},
               {"queued", "%"},
               {"backing off", "%"},
               {"idle", "%"}});
  for (std::size_t i = 0; i < all.size(); ++i) {
    const ProposerMeasurement& p = all[i];
    const ProposerCounters& c = p.counters;
    std::vector<std::string> cells{fmt::format("P{}", i + 1)};
    for (const std::uint64_t count :
         {c.won, c.learned + c.told, c.skipped, c.ballots, c.preempted_prepare, c.preempted_accept}) {
      cells.push_back(fmt::format("{}", count));
    }
    const auto most = std::max_element(c.preempted_by.begin(), c.preempted_by.end());
    const bool beaten = most != c.preempted_by.end() && *most > 0;
    cells.push_back(beaten ? fmt::format("P{}", most - c.preempted_by.begin() + 1) : "-");
    cells.push_back(fmt::format("{}", p.longest_losing_streak));
    cells.push_back(p.to_end.empty() ? "-" : short_number(static_cast<double>(p.to_end.percentile(99)) / 1e3));
    for (const Nanos part :
         {p.budget.working, p.budget.waiting, p.budget.queued, p.budget.backing_off, p.budget.idle}) {
      cells.push_back(fmt::format(
          "{:.1f}", 100.0 * static_cast<double>(part) / static_cast<double>(std::max<Nanos>(p.measured, 1))));
    }
    table.add(cells);
  }
  return "\n" + table.to_string();
}

std::string messages(const SimulationFacts& facts) {
  constexpr std::array<std::string_view, kMessageTypes> kTypes{"prepare", "accept", "promise", "vote", "announcement"};
  Table table({{"message", "", true},
               {"sent", ""},
               {"duplicated", ""},
               {"delivered", ""},
               {"lost", ""},
               {"cut off", ""},
               {"to crashed", ""},
               {"held back", ""},
               {"in flight", ""}});
  for (std::size_t i = 0; i < kMessageTypes; ++i) {
    const MessageCounts& c = facts.messages[i];
    std::vector<std::string> cells{std::string(kTypes[i])};
    for (const std::uint64_t count :
         {c.sent, c.duplicated, c.delivered, c.lost, c.cut_off, c.to_crashed, c.held_back, c.in_flight}) {
      cells.push_back(fmt::format("{}", count));
    }
    table.add(cells);
  }
  const FaultCounts& f = facts.faults;
  return fmt::format("{}{} acceptor crashes, {} proposer crashes, {} pauses, {} partitions, {} messages reordered.\n",
                     table.to_string(), f.acceptor_crashes, f.proposer_crashes, f.pauses, f.partitions, f.reordered);
}

}  // namespace

std::string report_table(const Report& report) {
  const Measurement& m = report.measurement;
  std::string out = fmt::format("{}\n\nR = {}. Ended because {}, after {} measured (warm-up {}) {}.\n",
                                describe(report.experiment), shown_round_trip(report.round_trip), why(m.stop),
                                shown_time(m.measured), shown_time(m.warm_up), where(report));
  if (m.measured == 0) out += "Nothing was measured: that was within the warm-up; --warm-up=0 has none.\n";
  if (!m.livelock.empty()) out += fmt::format("Livelock: {}.\n", m.livelock);
  if (!report.experiment.audit) {
    out += "Not checked: the audit is off.\n";
  } else if (m.violation.empty()) {
    out += fmt::format("Checked: {} over {}, no violation.\n", counted(m.audit.chosen_ever, "decision"),
                       counted(m.audit.votes, "vote"));
  }
  if (m.crashes.any()) {
    out += fmt::format("Crashed: {} and {}; {} lost that reached a node that was down.\n",
                       counted(m.crashes.acceptors, "acceptor"), counted(m.crashes.proposers, "proposer"),
                       counted(m.crashes.messages, "message"));
  }
  if (report.simulation && report.experiment.strategy.starts_with("yield"))
    out += "In virtual time yield equals none.\n";
  out += "\n" + figures(report) + proposers(report);
  if (report.simulation) out += "\n" + messages(*report.simulation);
  return out;
}

}  // namespace paxoscope::cli
