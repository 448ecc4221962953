#include "core/experiment/metrics.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <vector>

#include "core/stats/jain.h"

namespace paxoscope {

namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
constexpr double kNanosPerMicro = 1e3;

double ratio(double part, double whole) {
  return whole > 0 ? part / whole : kNone;
}

double seconds(const Report& r) {
  return static_cast<double>(r.measurement.measured) / 1e9;
}

// Instances decided: over the votes when the audit saw them, else as the proposers tell (each won by exactly one).
double decisions(const Report& r) {
  if (r.experiment.audit) return static_cast<double>(r.measurement.audit.chosen);
  double won = 0;
  for (const ProposerMeasurement& p : r.measurement.proposers) won += static_cast<double>(p.counters.won);
  return won;
}

template <class Member>
double sum(const Report& r, Member ProposerCounters::*member) {
  double total = 0;
  for (const ProposerMeasurement& p : r.measurement.proposers) total += static_cast<double>(p.counters.*member);
  return total;
}

double requests(const Report& r) {
  return sum(r, &ProposerCounters::prepares) + sum(r, &ProposerCounters::accepts);
}

double operations(const Report& r) {
  double ended = 0;
  for (const ProposerMeasurement& p : r.measurement.proposers) ended += static_cast<double>(p.to_end.count());
  return ended;
}

double messages(const Report& r) {
  return r.simulation ? static_cast<double>(r.simulation->messages_sent()) : 2 * requests(r);
}

std::vector<double> wins(const Report& r) {
  std::vector<double> values;
  for (const ProposerMeasurement& p : r.measurement.proposers) values.push_back(static_cast<double>(p.counters.won));
  return values;
}

// The mean time of each proposer's operations, where it ended any.
std::vector<double> times_to_end(const Report& r) {
  std::vector<double> values;
  for (const ProposerMeasurement& p : r.measurement.proposers) {
    if (p.to_end.count() > 0) values.push_back(p.to_end.mean());
  }
  return values;
}

// Of nothing at all there is no fair share.
double if_any(const std::vector<double>& shares, double (*of)(const std::vector<double>&)) {
  const bool any = std::any_of(shares.begin(), shares.end(), [](double share) { return share > 0; });
  return any ? of(shares) : kNone;
}

double micros(const Histogram& histogram, double percent) {
  return histogram.empty() ? kNone : static_cast<double>(histogram.percentile(percent)) / kNanosPerMicro;
}

template <Histogram AuditReport::*histogram, int per_thousand>
double decision_time(const Report& r) {
  return micros(r.measurement.audit.*histogram, per_thousand / 10.0);
}

Histogram all_to_end(const Report& r) {
  Histogram all;
  for (const ProposerMeasurement& p : r.measurement.proposers) all.merge(p.to_end);
  return all;
}

template <int per_thousand>
double operation_time(const Report& r) {
  return micros(all_to_end(r), per_thousand / 10.0);
}

template <Nanos TimeBudget::*part>
double budget_share(const Report& r) {
  double time = 0;
  double total = 0;
  for (const ProposerMeasurement& p : r.measurement.proposers) {
    time += static_cast<double>(p.budget.*part);
    total += static_cast<double>(p.budget.total());
  }
  return 100 * ratio(time, total);
}

double worst_streak(const Report& r) {
  std::uint64_t worst = 0;
  for (const ProposerMeasurement& p : r.measurement.proposers) worst = std::max(worst, p.longest_losing_streak);
  return static_cast<double>(worst);
}

double open_at_end(const Report& r) {
  double open = 0;
  for (const ProposerMeasurement& p : r.measurement.proposers) open += static_cast<double>(p.open_at_end);
  return open;
}

double mean_wait(const Report& r, Nanos ProposerCounters::*member) {
  return ratio(sum(r, member), sum(r, &ProposerCounters::waits)) / kNanosPerMicro;
}

// A moment of a run in virtual time, since its beginning.
template <Nanos SimulationFacts::*moment>
double virtual_time(const Report& r) {
  const bool happened = r.simulation && (*r.simulation).*moment != kNever;
  return happened ? static_cast<double>((*r.simulation).*moment) / kNanosPerMicro : kNone;
}

constexpr auto kMetrics = std::to_array<Metric>({
    {"decisions_per_s", "/s", "instances decided per second",
     [](const Report& r) { return ratio(decisions(r), seconds(r)); }},
    {"operations_per_s", "/s", "operations ended per second: won, learned, read or found empty",
     [](const Report& r) { return ratio(operations(r), seconds(r)); }},
    {"ballots_per_s", "/s", "ballots begun per second",
     [](const Report& r) { return ratio(sum(r, &ProposerCounters::ballots), seconds(r)); }},
    {"own_wins_per_s", "/s", "own values decided per second and proposer",
     [](const Report& r) { return ratio(sum(r, &ProposerCounters::won), seconds(r) * r.experiment.proposers); }},
    {"learned_per_s", "/s", "others' values learned per second and proposer",
     [](const Report& r) {
       return ratio(sum(r, &ProposerCounters::learned) + sum(r, &ProposerCounters::told),
                    seconds(r) * r.experiment.proposers);
     }},
    {"ballots_total", "", "ballots begun", [](const Report& r) { return sum(r, &ProposerCounters::ballots); }},
    {"messages_total", "", "messages sent; in virtual time announcements too", messages},
    {"ballots_per_decision", "", "ballots begun per decision; 1 is perfect",
     [](const Report& r) { return ratio(sum(r, &ProposerCounters::ballots), decisions(r)); }},
    {"messages_per_decision", "", "requests and replies per decision; 4 per acceptor is perfect",
     [](const Report& r) { return ratio(2 * requests(r), decisions(r)); }},
    {"prepares_per_decision", "", "Prepare requests per decision",
     [](const Report& r) { return ratio(sum(r, &ProposerCounters::prepares), decisions(r)); }},
    {"accepts_per_decision", "", "Accept requests per decision",
     [](const Report& r) { return ratio(sum(r, &ProposerCounters::accepts), decisions(r)); }},
    {"preempted_phase1", "", "rounds per decision that were preempted while preparing",
     [](const Report& r) { return ratio(sum(r, &ProposerCounters::preempted_prepare), decisions(r)); }},
    {"preempted_phase2", "", "rounds per decision that were preempted while accepting",
     [](const Report& r) { return ratio(sum(r, &ProposerCounters::preempted_accept), decisions(r)); }},
    {"timeouts", "", "rounds that timed out", [](const Report& r) { return sum(r, &ProposerCounters::timeouts); }},
    {"adopted", "", "operations whose last round carried a value that phase 1 reported",
     [](const Report& r) { return sum(r, &ProposerCounters::adopted); }},
    {"skipped", "", "versions retired before a proposer learned their value, summed over proposers",
     [](const Report& r) { return sum(r, &ProposerCounters::skipped); }},
    {"wasted_percent", "%", "share of the messages that belonged to rounds that came to nothing",
     [](const Report& r) {  // Rounds that began in the warm-up and succeeded after it may tip it below zero by a
                            // trifle.
       return 100 * std::max(0.0, 1 - ratio(sum(r, &ProposerCounters::useful_requests), requests(r)));
     }},
    {"chosen_p50_us", "us", "time until a quorum had voted, median", decision_time<&AuditReport::to_chosen, 500>},
    {"chosen_p90_us", "us", "90th percentile", decision_time<&AuditReport::to_chosen, 900>},
    {"chosen_p99_us", "us", "99th percentile", decision_time<&AuditReport::to_chosen, 990>},
    {"chosen_p999_us", "us", "99.9th percentile", decision_time<&AuditReport::to_chosen, 999>},
    {"chosen_max_us", "us", "the longest", decision_time<&AuditReport::to_chosen, 1000>},
    {"first_learner_p50_us", "us", "time until the first proposer knew, median",
     decision_time<&AuditReport::to_first_learner, 500>},
    {"first_learner_p90_us", "us", "90th percentile", decision_time<&AuditReport::to_first_learner, 900>},
    {"first_learner_p99_us", "us", "99th percentile", decision_time<&AuditReport::to_first_learner, 990>},
    {"first_learner_p999_us", "us", "99.9th percentile", decision_time<&AuditReport::to_first_learner, 999>},
    {"first_learner_max_us", "us", "the longest", decision_time<&AuditReport::to_first_learner, 1000>},
    {"every_learner_p50_us", "us", "time until the last proposer that learned it knew, median",
     decision_time<&AuditReport::to_every_learner, 500>},
    {"every_learner_p90_us", "us", "90th percentile", decision_time<&AuditReport::to_every_learner, 900>},
    {"every_learner_p99_us", "us", "99th percentile", decision_time<&AuditReport::to_every_learner, 990>},
    {"every_learner_p999_us", "us", "99.9th percentile", decision_time<&AuditReport::to_every_learner, 999>},
    {"every_learner_max_us", "us", "the longest", decision_time<&AuditReport::to_every_learner, 1000>},
    {"operation_p50_us", "us", "time of one operation from its intended start, median", operation_time<500>},
    {"operation_p90_us", "us", "90th percentile", operation_time<900>},
    {"operation_p99_us", "us", "99th percentile", operation_time<990>},
    {"operation_p999_us", "us", "99.9th percentile", operation_time<999>},
    {"operation_max_us", "us", "the longest", operation_time<1000>},
    {"jain_wins", "", "Jain's index of the proposers' wins; 1 is fair, 1/N is one winner",
     [](const Report& r) { return if_any(wins(r), jain_index<std::vector<double>>); }},
    {"jain_times", "", "Jain's index of the proposers' mean operation times",
     [](const Report& r) { return if_any(times_to_end(r), jain_index<std::vector<double>>); }},
    {"top_share_percent", "%", "the most successful proposer's share of the wins",
     [](const Report& r) { return 100 * if_any(wins(r), top_share<std::vector<double>>); }},
    {"losing_streak", "", "the longest run of operations of one proposer that others won", worst_streak},
    {"longest_silence_ms", "ms", "the longest time without any decision",
     [](const Report& r) { return static_cast<double>(r.measurement.audit.longest_silence) / 1e6; }},
    {"livelock_percent", "%", "time that instances spent without a quorum beyond 1.5 R, per time and window",
     [](const Report& r) {
       return 100 * ratio(static_cast<double>(r.measurement.audit.livelock),
                          static_cast<double>(r.measurement.measured) * r.experiment.window);
     }},
    {"livelock_longest_us", "us", "the longest such time of one instance",
     [](const Report& r) { return static_cast<double>(r.measurement.audit.livelock_longest) / kNanosPerMicro; }},
    {"open_at_end", "", "operations cut off by the end of the run", open_at_end},
    {"wait_asked_us", "us", "mean wait that the strategy asked for",
     [](const Report& r) { return mean_wait(r, &ProposerCounters::wait_asked); }},
    {"wait_actual_us", "us", "mean wait that came of it",
     [](const Report& r) { return mean_wait(r, &ProposerCounters::wait_actual); }},
    {"working_percent", "%", "proposers' time: handling messages", budget_share<&TimeBudget::working>},
    {"waiting_percent", "%", "proposers' time: waiting for replies", budget_share<&TimeBudget::waiting>},
    {"queued_percent", "%", "proposers' time: ready, but without a core, or queued at an acceptor",
     budget_share<&TimeBudget::queued>},
    {"backing_off_percent", "%", "proposers' time: backing off", budget_share<&TimeBudget::backing_off>},
    {"idle_percent", "%", "proposers' time: nothing to do", budget_share<&TimeBudget::idle>},
    {"first_decision_us", "us", "virtual time until anything was chosen", virtual_time<&SimulationFacts::first_chosen>},
    {"all_done_us", "us", "virtual time until every proposer had done its operations",
     virtual_time<&SimulationFacts::all_done>},
    {"cpu_us_per_decision", "us", "processor time of all threads per decision",
     [](const Report& r) { return ratio(static_cast<double>(r.measurement.cpu), decisions(r)) / kNanosPerMicro; }},
    {"context_switches_per_s", "/s", "context switches of all threads",
     [](const Report& r) { return ratio(static_cast<double>(r.measurement.context_switches), seconds(r)); }},
});

}  // namespace

std::span<const Metric> metrics() {
  return kMetrics;
}

const Metric* find_metric(std::string_view name) {
  const auto at = std::find_if(kMetrics.begin(), kMetrics.end(), [&](const Metric& m) { return m.name == name; });
  return at == kMetrics.end() ? nullptr : &*at;
}

}  // namespace paxoscope
