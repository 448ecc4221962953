#include "viz/model/live.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/backoff/registry.h"
#include "core/experiment/runner.h"
#include "core/simulation/simulator.h"
#include "viz/model/text.h"

namespace paxoscope::viz {

namespace {

constexpr int kLookaheadRoundTrips = 6;  // a message that takes longer is shown as one of unknown fate until it arrives
constexpr std::uint64_t kRunEventsMax = 4'000'000;  // a run ends there
constexpr Nanos kPaceRoundTrips = 5;                // in a second at speed 1

bool holds(const Fault& fault, Nanos at) {
  return fault.at <= at && (fault.lasts == kNever || at < fault.at + fault.lasts);
}

bool names(const std::vector<NodeName>& nodes, const NodeName& node) {
  return std::find(nodes.begin(), nodes.end(), node) != nodes.end();
}

Fault crash_of(const NodeName& node, Nanos at) {
  return {.kind = Fault::Kind::crash, .at = at, .a = {node}};
}

Fault cut_between(std::uint32_t proposer, std::uint32_t acceptor, Nanos at) {
  return {.kind = Fault::Kind::partition,
          .at = at,
          .a = {{AgentKind::proposer, proposer}},
          .b = {{AgentKind::acceptor, acceptor}}};
}

// Whether the act is the same deed, whenever it was done.
bool same_deed(const Fault& a, const Fault& b) {
  return a.kind == b.kind && a.a == b.a && a.b == b.b;
}

}  // namespace

Experiment live_experiment() {
  Experiment experiment;
  experiment.engine = Engine::simulation;
  experiment.strategy = "full_jitter";
  experiment.acceptors = 3;
  experiment.proposers = 3;
  experiment.network = "normal:100ms,20ms";
  experiment.warm_up_s = 0;
  experiment.duration_s = 3600;
  experiment.rounds_max = 1000;
  return experiment;
}

struct LiveSource::Run {
  struct Sink {
    History* history;
    void push(const Event& event) const { history->add(event); }
  };
  Experiment experiment;
  std::vector<Fault> acts;  // done by hand, by time
  Nanos round_trip = 1;
  ClusterOptions cluster;
  std::unique_ptr<Backoff> strategy;
  SimulationOptions options;
  Take take;
  Sink sink{&take.history};
  std::unique_ptr<Simulator<Sink>> simulator;
  Nanos known = 0;  // what happened before it is in the history
  Nanos seen = 0;   // how far somebody looked
  bool over = false;

  // Far beyond what was asked for, so that the history grows now and then and not with every picture.
  void reach(Nanos at) {
    seen = std::max(seen, at);
    const Nanos ahead = kLookaheadRoundTrips * round_trip;
    if (over || at + ahead <= known) return;
    const Nanos until = at + 2 * ahead;
    over = !simulator->advance(until) || take.history.size() >= kRunEventsMax;
    known = until;
    const std::string& violation = simulator->violation();
    if (violation.empty() || !take.findings.empty()) return;
    take.findings.push_back({.at = take.history.last(), .rule = 6, .sentence = violation});
  }
};

namespace {

Expected<std::unique_ptr<Backoff>> checked_strategy(const Experiment& experiment) {
  if (experiment.engine != Engine::simulation) return fail("a live run is in virtual time: its engine is simulation");
  if (const auto valid = experiment.validated(); !valid) return tl::unexpected(valid.error());
  return parse_strategy(experiment.strategy);
}

}  // namespace

Expected<std::unique_ptr<LiveSource::Run>> LiveSource::begin(const Experiment& experiment, std::vector<Fault> acts) {
  auto strategy = checked_strategy(experiment);
  if (!strategy) return tl::unexpected(strategy.error());
  const auto round_trip = round_trip_of(experiment);
  if (!round_trip) return tl::unexpected(round_trip.error());
  auto run = std::make_unique<Run>();
  run->experiment = experiment;
  run->acts = std::move(acts);
  run->round_trip = *round_trip;
  run->cluster = experiment.cluster(*round_trip);
  run->strategy = std::move(*strategy);
  run->options = experiment.simulation();
  auto& faults = run->options.faults.faults;
  faults.insert(faults.end(), run->acts.begin(), run->acts.end());
  if (const auto fits = check_options(run->cluster, run->options); !fits) return tl::unexpected(fits.error());
  run->take.title = fmt::format("live: {} proposers, {} acceptors, strategy {}", experiment.proposers,
                                experiment.acceptors, experiment.strategy);
  run->take.quorums = run->cluster.rules.quorums;
  run->take.learning = run->cluster.rules.learning;
  run->take.pace = kPaceRoundTrips * run->round_trip;
  run->simulator = std::make_unique<Simulator<Run::Sink>>(run->cluster, *run->strategy, run->options, run->sink);
  run->reach(0);
  return run;
}

LiveSource::LiveSource(std::unique_ptr<Run> run) : run_(std::move(run)) {}
LiveSource::~LiveSource() = default;

Expected<std::unique_ptr<LiveSource>> LiveSource::start(const Experiment& experiment) {
  auto run = begin(experiment, {});
  if (!run) return tl::unexpected(run.error());
  return std::unique_ptr<LiveSource>(new LiveSource(std::move(*run)));
}

const Take& LiveSource::take() const {
  return run_->take;
}
void LiveSource::reach(Nanos at) {
  run_->reach(at);
}
bool LiveSource::endless() const {
  return !run_->over;
}
const Experiment& LiveSource::experiment() const {
  return run_->experiment;
}
Nanos LiveSource::round_trip() const {
  return run_->round_trip;
}

bool LiveSource::holds_now(const Fault& deed, Nanos at) const {
  return std::any_of(run_->acts.begin(), run_->acts.end(),
                     [&](const Fault& act) { return same_deed(act, deed) && holds(act, at); });
}

bool LiveSource::is_down(const NodeName& node, Nanos at) const {
  const auto down = [&](const Fault& fault) {
    return fault.kind == Fault::Kind::crash && names(fault.a, node) && holds(fault, at);
  };
  const auto& faults = run_->options.faults.faults;
  return std::any_of(faults.begin(), faults.end(), down);
}

bool LiveSource::is_cut(std::uint32_t proposer, std::uint32_t acceptor, Nanos at) const {
  const NodeName p{AgentKind::proposer, proposer}, a{AgentKind::acceptor, acceptor};
  const auto cuts = [&](const Fault& fault) {
    const bool named = (names(fault.a, p) && names(fault.b, a)) || (names(fault.a, a) && names(fault.b, p));
    return fault.kind == Fault::Kind::partition && named && holds(fault, at);
  };
  const auto& faults = run_->options.faults.faults;
  return std::any_of(faults.begin(), faults.end(), cuts);
}

bool LiveSource::act(Fault deed, bool begins, const std::string& what) {
  const Nanos at = deed.at;
  if (holds_now(deed, at) == begins) return false;
  std::vector<Fault> acts;
  for (Fault act : run_->acts) {  // as they were by then
    if (act.at > at) continue;
    if (act.lasts != kNever && act.at + act.lasts > at) act.lasts = kNever;
    if (!begins && same_deed(act, deed) && holds(act, at)) act.lasts = std::max<Nanos>(1, at - act.at);
    acts.push_back(std::move(act));
  }
  if (begins) acts.push_back(std::move(deed));
  auto run = begin(run_->experiment, std::move(acts));
  if (!run) return false;
  (*run)->reach(at);
  // What nobody has seen yet need not be kept.
  if (run_->seen > at)
    forks_.emplace_back(Fork{fmt::format("before {} at {}", what, time_text(at)), at}, std::move(run_));
  run_ = std::move(*run);
  return true;
}

bool LiveSource::crash(const NodeName& node, Nanos at) {
  return !is_down(node, at) && act(crash_of(node, at), true, node.to_string() + " crashed");
}
bool LiveSource::restart(const NodeName& node, Nanos at) {
  return act(crash_of(node, at), false, node.to_string() + " came back");
}
bool LiveSource::cut(std::uint32_t proposer, std::uint32_t acceptor, Nanos at) {
  return !is_cut(proposer, acceptor, at) &&
         act(cut_between(proposer, acceptor, at), true, fmt::format("the link P{}-A{} was cut", proposer, acceptor));
}
bool LiveSource::mend(std::uint32_t proposer, std::uint32_t acceptor, Nanos at) {
  return act(cut_between(proposer, acceptor, at), false,
             fmt::format("the link P{}-A{} was mended", proposer, acceptor));
}

Expected<void> LiveSource::change(const Experiment& experiment) {
  auto run = begin(experiment, {});
  if (!run) return tl::unexpected(run.error());
  forks_.emplace_back(Fork{run_->take.title, 0}, std::move(run_));
  run_ = std::move(*run);
  return {};
}

std::vector<LiveSource::Fork> LiveSource::forks() const {
  std::vector<Fork> forks;
  for (const auto& [fork, run] : forks_) forks.push_back(fork);
  return forks;
}

void LiveSource::return_to(std::size_t fork) {
  std::swap(forks_.at(fork).second, run_);
  forks_.at(fork).first.name = fmt::format("the run left at {}", time_text(forks_.at(fork).first.at));
}

}  // namespace paxoscope::viz
