#include "core/experiment/report.h"

#include <fmt/format.h>
#include <sched.h>
#include <sys/utsname.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <thread>

#include "core/experiment/metrics.h"
#include "core/experiment/names.h"

namespace paxoscope {

namespace {

using nlohmann::json;

std::string cpu_name() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);) {
    const std::size_t colon = line.find(": ");
    if (line.starts_with("model name") && colon != std::string::npos) return line.substr(colon + 2);
  }
  return "unknown";
}

std::string system_name() {
  utsname name{};
  return uname(&name) == 0 ? fmt::format("{} {}", name.sysname, name.release) : "unknown";
}

std::uint32_t usable_cores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof set, &set) != 0) return std::max(1U, std::thread::hardware_concurrency());
  return static_cast<std::uint32_t>(CPU_COUNT(&set));
}

std::string compiler_name() {
#if defined(__clang__)
  return fmt::format("clang {}", __clang_version__);
#else
  return fmt::format("gcc {}", __VERSION__);
#endif
}

json to_json(const ProposerMeasurement& p, std::size_t rank) {
  const ProposerCounters& c = p.counters;
  return {{"proposer", rank + 1},
          {"ballots", c.ballots},
          {"prepares", c.prepares},
          {"accepts", c.accepts},
          {"replies_used", c.replies_used},
          {"replies_ignored", c.replies_ignored},
          {"won", c.won},
          {"learned", c.learned},
          {"told", c.told},
          {"skipped", c.skipped},
          {"read", c.read},
          {"empty", c.empty},
          {"adopted", c.adopted},
          {"gave_up", c.gave_up},
          {"preempted_phase1", c.preempted_prepare},
          {"preempted_phase2", c.preempted_accept},
          {"preempted_by", c.preempted_by},
          {"timeouts", c.timeouts},
          {"waits", c.waits},
          {"wait_asked_ns", c.wait_asked},
          {"wait_actual_ns", c.wait_actual},
          {"yields", c.yields},
          {"held_back", p.held_back},
          {"open_at_end", p.open_at_end},
          {"longest_losing_streak", p.longest_losing_streak},
          {"measured_ns", p.measured},
          {"time_ns",
           {{"working", p.budget.working},
            {"waiting", p.budget.waiting},
            {"queued", p.budget.queued},
            {"backing_off", p.budget.backing_off},
            {"idle", p.budget.idle}}}};
}

json to_json(const AcceptorCounters& a, std::size_t id) {
  return {
      {"acceptor", id},   {"prepares", a.prepares}, {"accepts", a.accepts}, {"rejected_prepares", a.rejected_prepares},
      {"votes", a.votes}, {"retired", a.retired},   {"refused", a.refused}};
}

json to_json(const SimulationFacts& facts) {
  constexpr std::array<std::string_view, kMessageTypes> kTypes{"prepare", "accept", "promise", "vote", "announcement"};
  const auto time = [](Nanos nanos) { return nanos == kNever ? json(nullptr) : json(nanos); };
  json messages = json::object();
  for (std::size_t i = 0; i < kMessageTypes; ++i) {
    const MessageCounts& counts = facts.messages[i];
    messages[std::string(kTypes[i])] = {{"sent", counts.sent},           {"duplicated", counts.duplicated},
                                        {"delivered", counts.delivered}, {"lost", counts.lost},
                                        {"cut_off", counts.cut_off},     {"to_crashed", counts.to_crashed},
                                        {"held_back", counts.held_back}, {"in_flight", counts.in_flight}};
  }
  return {{"events", facts.events},
          {"trace_hash", fmt::format("{:016x}", facts.trace_hash)},
          {"ballots", facts.ballots},
          {"ended_ns", facts.ended},
          {"first_chosen_ns", time(facts.first_chosen)},
          {"first_learned_ns", time(facts.first_learned)},
          {"all_done_ns", time(facts.all_done)},
          {"liveness", facts.liveness},
          {"messages", std::move(messages)},
          {"faults",
           {{"acceptor_crashes", facts.faults.acceptor_crashes},
            {"proposer_crashes", facts.faults.proposer_crashes},
            {"pauses", facts.faults.pauses},
            {"partitions", facts.faults.partitions},
            {"reordered", facts.faults.reordered}}}};
}

}  // namespace

const Machine& this_machine() {
  static const Machine machine{cpu_name(),        system_name(),    compiler_name(), PAXOSCOPE_BUILD,
                               PAXOSCOPE_VERSION, PAXOSCOPE_COMMIT, usable_cores()};
  return machine;
}

bool Report::oversubscribed() const {
  return measurement.threads > this_machine().cores;
}

json json_number(double value) {
  return std::isfinite(value) ? json(value) : json(nullptr);
}

json to_json(const Machine& m) {
  return {{"cpu", m.cpu},     {"system", m.system},   {"compiler", m.compiler}, {"build", m.build},
          {"cores", m.cores}, {"version", m.version}, {"commit", m.commit}};
}

json to_json(const Histogram& histogram) {
  const HistogramSnapshot snapshot = histogram.snapshot();
  json buckets = json::array();
  for (const HistogramBucket& bucket : snapshot.buckets) buckets.push_back({bucket.low, bucket.count});
  return {{"min", snapshot.min},
          {"max", snapshot.max},
          {"total", snapshot.total},
          {"saturated", snapshot.saturated},
          {"buckets", std::move(buckets)}};
}

json to_json(const Report& report, bool with_histograms) {
  const Measurement& m = report.measurement;
  json figures = json::object();
  for (const Metric& metric : metrics()) figures[std::string(metric.name)] = json_number(metric.of(report));
  json proposers = json::array();
  for (std::size_t i = 0; i < m.proposers.size(); ++i) proposers.push_back(to_json(m.proposers[i], i));
  json acceptors = json::array();
  for (std::size_t i = 0; i < m.acceptors.size(); ++i) acceptors.push_back(to_json(m.acceptors[i], i));
  json out{{"schema", "paxoscope.report/1"},
           {"experiment", to_json(report.experiment)},
           {"round_trip_ns", report.round_trip},
           {"stop", name_of(m.stop)},
           {"violation", m.violation},
           {"livelock", m.livelock},
           {"warm_up_ns", m.warm_up},
           {"measured_ns", m.measured},
           {"threads", m.threads},
           {"oversubscribed", report.oversubscribed()},
           {"metrics", std::move(figures)},
           {"audit",
            {{"votes", m.audit.votes},
             {"decisions", m.audit.chosen},
             {"decisions_with_warm_up", m.audit.chosen_ever},
             {"results_compared", m.audit.results},
             {"results_too_late", m.audit.results_too_late},
             {"votes_too_late", m.audit.votes_too_late},
             {"decisions_over_several_ballots", m.audit.many_ballots}}},
           {"proposers", std::move(proposers)},
           {"acceptors", std::move(acceptors)}};
  if (m.crashes.any()) {
    out["crashes"] = {
        {"acceptors", m.crashes.acceptors}, {"proposers", m.crashes.proposers}, {"messages_lost", m.crashes.messages}};
  }
  if (report.simulation) out["simulation"] = to_json(*report.simulation);
  if (with_histograms) {
    Histogram operations;
    for (const ProposerMeasurement& p : m.proposers) operations.merge(p.to_end);
    out["histograms_ns"] = {{"chosen", to_json(m.audit.to_chosen)},
                            {"first_learner", to_json(m.audit.to_first_learner)},
                            {"every_learner", to_json(m.audit.to_every_learner)},
                            {"operation", to_json(operations)}};
  }
  return out;
}

}  // namespace paxoscope
