#include "core/experiment/ensemble.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "core/experiment/replay.h"
#include "core/experiment/runner.h"
#include "core/random.h"

namespace paxoscope {

namespace {

constexpr std::uint32_t kSeedsMax = 10'000'000;

Expected<EnsemblePlan> checked(const EnsemblePlan& plan) {
  if (plan.points.empty()) return fail("an ensemble needs at least one experiment");
  if (plan.seeds < 1 || plan.seeds > kSeedsMax) {
    return fail(fmt::format("an ensemble of {} seeds; allowed: 1 to {}", plan.seeds, kSeedsMax));
  }
  EnsemblePlan clean = plan;
  for (Experiment& point : clean.points) {
    auto valid = point.validated();
    if (!valid) return tl::unexpected(valid.error());
    if (valid->engine != Engine::simulation) return fail("an ensemble runs in virtual time: engine simulation");
    point = *std::move(valid);
  }
  return clean;
}

// One seed, all points.
struct SeedResult {
  std::vector<ComparisonPoint> points;
  std::vector<std::uint64_t> trace_hash;
  std::string failure;
  std::optional<Experiment> failing;
  bool interrupted = false;
};

SeedResult run_seed(const EnsemblePlan& plan, std::uint32_t offset, const EnsembleControl& control) {
  SeedResult result;
  for (const Experiment& point : plan.points) {
    Experiment experiment = point;
    experiment.seed += offset;
    const auto report = run_experiment(experiment, {.interrupted = control.interrupted, .progress = {}});
    if (!report) {
      result.failure = report.error().message;
      return result;
    }
    result.interrupted = report->measurement.stop == StopReason::interrupted;
    result.failure = failure_of(*report);
    if (result.interrupted) return result;
    if (!result.failure.empty()) {
      result.failure = fmt::format("seed {}, {}: {}", experiment.seed, experiment.strategy, result.failure);
      result.failing = experiment;
      return result;
    }
    result.points.emplace_back().add(*report);
    result.trace_hash.push_back(report->simulation->trace_hash);
  }
  return result;
}

void append(Ensemble& to, const SeedResult& from) {
  for (std::size_t i = 0; i < from.points.size(); ++i) {
    ComparisonPoint& point = to.points[i];
    const ComparisonPoint& one = from.points[i];
    point.round_trip = one.round_trip;
    point.samples.push_back(one.samples.front());
    point.chosen.merge(one.chosen);
    point.first_learner.merge(one.first_learner);
    point.every_learner.merge(one.every_learner);
    point.operation.merge(one.operation);
    point.decisions += one.decisions;
    point.livelocks += one.livelocks;
    point.cut_off += one.cut_off;
    if (point.livelock.empty()) point.livelock = one.livelock;
    to.trace_hash[i] = Random::mix(to.trace_hash[i] ^ from.trace_hash[i]);
  }
}

// Takes the results of the threads and adds them up in the order of the seeds, as soon as there is no gap.
class Collector {
 public:
  Collector(const EnsemblePlan& plan, const EnsembleControl& control) : plan_(plan), control_(control) {
    ensemble_.trace_hash.resize(plan.points.size());
    for (const Experiment& point : plan.points) ensemble_.points.emplace_back().experiment = point;
  }

  // The next seed to run, or none. Any thread.
  std::optional<std::uint32_t> next() {
    const std::lock_guard lock(mutex_);
    if (ended_ || given_ == plan_.seeds || (control_.interrupted && control_.interrupted())) return std::nullopt;
    return given_++;
  }
  void take(std::uint32_t offset, SeedResult result) {
    const std::lock_guard lock(mutex_);
    // Nobody begins a higher seed than one that failed; lower ones end in any case, and one of them may fail too.
    ended_ = ended_ || result.interrupted || !result.failure.empty();
    waiting_.emplace_back(offset, std::move(result));
    while (!stopped_ && add_next()) {
    }
    if (control_.progress) control_.progress(done_, plan_.seeds);
  }
  Ensemble finish() {
    if (!stopped_ && done_ < plan_.seeds) ensemble_.stop = StopReason::interrupted;
    return std::move(ensemble_);
  }

 private:
  bool add_next() {
    const auto at = std::find_if(waiting_.begin(), waiting_.end(), [&](const auto& w) { return w.first == done_; });
    if (at == waiting_.end()) return false;
    const SeedResult result = std::move(at->second);
    waiting_.erase(at);
    stopped_ = result.interrupted || !result.failure.empty();
    if (stopped_) {
      ensemble_.stop = result.interrupted ? StopReason::interrupted : StopReason::violation;
      ensemble_.failure = result.failure;
      ensemble_.failing = result.failing;
      return false;
    }
    append(ensemble_, result);
    ++done_;
    return true;
  }

  const EnsemblePlan& plan_;
  const EnsembleControl& control_;
  std::mutex mutex_;
  Ensemble ensemble_;
  std::vector<std::pair<std::uint32_t, SeedResult>> waiting_;  // by seed's offset, those that wait for a lower one
  std::uint32_t given_ = 0;
  std::uint32_t done_ = 0;
  bool ended_ = false;
  bool stopped_ = false;
};

}  // namespace

Expected<Ensemble> run_ensemble(const EnsemblePlan& asked, const EnsembleControl& control) {
  const auto plan = checked(asked);
  if (!plan) return tl::unexpected(plan.error());
  Collector collector(*plan, control);
  const auto work = [&] {
    while (const auto offset = collector.next()) collector.take(*offset, run_seed(*plan, *offset, control));
  };
  const std::uint32_t threads = plan->threads != 0 ? plan->threads : std::max(1U, std::thread::hardware_concurrency());
  std::vector<std::jthread> helpers;
  for (std::uint32_t i = 1; i < std::min(threads, plan->seeds); ++i) helpers.emplace_back(work);
  work();
  helpers.clear();  // joins
  return collector.finish();
}

Estimate paired_difference(const ComparisonPoint& a, const ComparisonPoint& b, const Metric& metric) {
  const auto index = static_cast<std::size_t>(&metric - metrics().data());
  Moments differences;
  for (std::size_t seed = 0; seed < std::min(a.samples.size(), b.samples.size()); ++seed) {
    const double difference = a.samples[seed][index] - b.samples[seed][index];
    if (std::isfinite(difference)) differences.record(difference);
  }
  return estimate_mean(differences);
}

}  // namespace paxoscope
