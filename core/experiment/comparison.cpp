#include "core/experiment/comparison.h"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include "core/experiment/ensemble.h"
#include "core/experiment/names.h"
#include "core/experiment/replay.h"
#include "core/experiment/runner.h"
#include "core/random.h"

namespace paxoscope {

namespace {

using nlohmann::json;

struct Run {
  std::size_t point;
  std::uint32_t repetition;
};

// Every repetition of every point, shuffled (Fisher–Yates).
std::vector<Run> random_order(const std::vector<std::size_t>& points, std::uint32_t repetitions, std::uint64_t seed) {
  std::vector<Run> runs;
  for (std::uint32_t repetition = 0; repetition < repetitions; ++repetition) {
    for (const std::size_t point : points) runs.push_back({point, repetition});
  }
  Random random = Random::for_stream(seed, 0);
  for (std::size_t i = runs.size(); i > 1; --i) std::swap(runs[i - 1], runs[random.below(i)]);
  return runs;
}

std::vector<std::size_t> points_of(const Comparison& comparison, Engine engine) {
  std::vector<std::size_t> indices;
  for (std::size_t i = 0; i < comparison.points.size(); ++i) {
    if (comparison.points[i].experiment.engine == engine) indices.push_back(i);
  }
  return indices;
}

std::string short_name(const Experiment& experiment) {
  return fmt::format("{}, {} proposers", experiment.strategy.substr(0, experiment.strategy.find(':')),
                     experiment.proposers);
}

// The merged histogram of a percentile metric, such as "chosen_p99_us"; null for the others.
const Histogram* histogram_of(const ComparisonPoint& point, std::string_view metric) {
  if (!metric.ends_with("_us")) return nullptr;
  if (metric.starts_with("chosen_")) return &point.chosen;
  if (metric.starts_with("first_learner_")) return &point.first_learner;
  if (metric.starts_with("every_learner_")) return &point.every_learner;
  if (metric.starts_with("operation_")) return &point.operation;
  return nullptr;
}

}  // namespace

void ComparisonPoint::add(const Report& report) {
  std::vector<double> sample;
  for (const Metric& metric : metrics()) sample.push_back(metric.of(report));
  samples.push_back(std::move(sample));
  const Measurement& m = report.measurement;
  round_trip = report.round_trip;
  threads = m.threads;
  oversubscribed = report.oversubscribed();
  decisions += m.audit.chosen;
  chosen.merge(m.audit.to_chosen);
  first_learner.merge(m.audit.to_first_learner);
  every_learner.merge(m.audit.to_every_learner);
  for (const ProposerMeasurement& p : m.proposers) operation.merge(p.to_end);
  const bool ended = m.stop == StopReason::operations || m.stop == StopReason::decisions;
  if (report.experiment.operations_max > 0 && !ended) ++cut_off;
  if (m.stop != StopReason::livelock) return;
  ++livelocks;
  if (livelock.empty()) livelock = m.livelock;
}

Estimate ComparisonPoint::figure(const Metric& metric) const {
  const auto index = static_cast<std::size_t>(&metric - metrics().data());
  std::vector<double> values;
  for (const std::vector<double>& sample : samples) {
    if (std::isfinite(sample[index])) values.push_back(sample[index]);
  }
  Estimate estimate = estimate_mean(values);
  const Histogram* merged = histogram_of(*this, metric.name);
  if (merged == nullptr || merged->empty()) return estimate;
  // "chosen_p999_us" is the 99.9th percentile: the digits after "p", with the point after the second.
  const std::size_t p = metric.name.rfind("_p");
  double percent = 100;
  if (p != std::string_view::npos) {
    const std::string digits(metric.name.substr(p + 2, metric.name.size() - p - 5));
    percent = std::stod(digits.size() > 2 ? digits.substr(0, 2) + "." + digits.substr(2) : digits);
  }
  estimate.value = static_cast<double>(merged->percentile(percent)) / 1e3;
  return estimate;
}

namespace {

Expected<bool> run_in_real_time(Comparison& comparison, const ComparisonControl& control) {
  std::vector<std::size_t> points = points_of(comparison, Engine::threads);
  if (points.empty()) points = points_of(comparison, Engine::wire);  // with peers, all that are not virtual
  if (points.empty()) return true;
  const Experiment& first = comparison.points[points.front()].experiment;
  const auto round_trip = round_trip_of(first, {control.interrupted, {}});
  if (!round_trip) return tl::unexpected(round_trip.error());
  if (*round_trip == 0) {
    comparison.stop = StopReason::interrupted;
    return true;
  }
  const std::vector<Run> order = random_order(points, comparison.plan.repetitions, first.seed);
  for (std::size_t done = 0; done < order.size(); ++done) {
    ComparisonPoint& point = comparison.points[order[done].point];
    Experiment experiment = point.experiment;
    experiment.seed += order[done].repetition;
    RunControl run_control;
    run_control.interrupted = control.interrupted;
    if (control.progress) {
      run_control.progress = [&](const Progress& progress) {
        const double part = static_cast<double>(progress.elapsed) / static_cast<double>(progress.planned);
        control.progress({fmt::format("run {} of {}: {}", done + 1, order.size(), short_name(experiment)),
                          (static_cast<double>(done) + std::min(part, 1.0)) / static_cast<double>(order.size())});
      };
    }
    const auto report = run_experiment(experiment, run_control, *round_trip);
    if (!report) return tl::unexpected(report.error());
    comparison.stop = report->measurement.stop;
    // A run that was cut off would not be comparable, so its figures are left out.
    if (comparison.stop == StopReason::interrupted) return true;
    point.add(*report);
    if (comparison.stop == StopReason::violation) {
      comparison.violation = report->measurement.violation;
      return true;
    }
    comparison.stop = StopReason::time;
  }
  return true;
}

Expected<bool> run_in_virtual_time(Comparison& comparison, const ComparisonControl& control) {
  const std::vector<std::size_t> points = points_of(comparison, Engine::simulation);
  if (points.empty()) return true;
  EnsemblePlan plan;
  plan.seeds = comparison.plan.seeds;
  for (const std::size_t i : points) plan.points.push_back(comparison.points[i].experiment);
  EnsembleControl ensemble_control;
  ensemble_control.interrupted = control.interrupted;
  if (control.progress) {
    ensemble_control.progress = [&](std::uint32_t done, std::uint32_t all) {
      control.progress({fmt::format("seed {} of {}, {} experiments each, in virtual time", done, all, points.size()),
                        static_cast<double>(done) / all});
    };
  }
  auto ensemble = run_ensemble(plan, ensemble_control);
  if (!ensemble) return tl::unexpected(ensemble.error());
  for (std::size_t i = 0; i < points.size(); ++i) comparison.points[points[i]] = std::move(ensemble->points[i]);
  comparison.stop = ensemble->stop;
  comparison.violation = ensemble->failure;
  comparison.failing = ensemble->failing;
  return true;
}

}  // namespace

Expected<Comparison> compare(const ComparisonPlan& plan, const ComparisonControl& control) {
  if (plan.points.empty()) return fail("a comparison needs at least one experiment");
  Comparison comparison{.plan = plan, .points = {}, .stop = StopReason::time, .violation = {}, .failing = {}};
  for (const Experiment& experiment : plan.points) {
    auto valid = experiment.validated();
    if (!valid) return tl::unexpected(valid.error());
    comparison.points.emplace_back().experiment = *std::move(valid);
  }
  for (const auto& part : {run_in_real_time, run_in_virtual_time}) {
    if (const auto ok = part(comparison, control); !ok) return tl::unexpected(ok.error());
    if (comparison.stop != StopReason::time) break;
  }
  return comparison;
}

json to_json(const Estimate& estimate) {
  return {
      {"value", json_number(estimate.value)}, {"low", json_number(estimate.low)}, {"high", json_number(estimate.high)}};
}

json to_json(const Comparison& comparison) {
  json points = json::array();
  for (const ComparisonPoint& point : comparison.points) {
    json figures = json::object();
    for (const Metric& metric : metrics()) {
      figures[std::string(metric.name)] = to_json(point.figure(metric));
    }
    points.push_back({{"experiment", to_json(point.experiment)},
                      {"round_trip_ns", point.round_trip},
                      {"repetitions", point.samples.size()},
                      {"threads", point.threads},
                      {"oversubscribed", point.oversubscribed},
                      {"decisions", point.decisions},
                      {"livelocks", point.livelocks},
                      {"livelock", point.livelock},
                      {"cut_off", point.cut_off},
                      {"metrics", std::move(figures)},
                      {"histograms_ns",
                       {{"chosen", to_json(point.chosen)},
                        {"first_learner", to_json(point.first_learner)},
                        {"every_learner", to_json(point.every_learner)},
                        {"operation", to_json(point.operation)}}}});
  }
  return {{"schema", "paxoscope.comparison/1"},
          {"machine", to_json(this_machine())},
          {"round_trip_ns", comparison.points.front().round_trip},
          {"repetitions", comparison.plan.repetitions},
          {"seeds", comparison.plan.seeds},
          {"stop", comparison.stop == StopReason::time ? "complete" : name_of(comparison.stop)},
          {"violation", comparison.violation},
          {"replay", comparison.failing ? replay_command(*comparison.failing) : ""},
          {"points", std::move(points)}};
}

std::string to_csv(const Comparison& comparison) {
  std::string out = "strategy,engine,proposers,repetition,seed,oversubscribed";
  for (const Metric& metric : metrics()) fmt::format_to(std::back_inserter(out), ",{}", metric.name);
  out += '\n';
  for (const ComparisonPoint& point : comparison.points) {
    for (std::size_t i = 0; i < point.samples.size(); ++i) {
      // Strategies contain commas, so they are quoted (RFC 4180).
      const Experiment& e = point.experiment;
      fmt::format_to(std::back_inserter(out), "\"{}\",{},{},{},{},{}", e.strategy, name_of(e.engine), e.proposers,
                     i + 1, e.seed + i, point.oversubscribed ? 1 : 0);
      for (const double value : point.samples[i]) {
        out += ',';
        if (std::isfinite(value)) fmt::format_to(std::back_inserter(out), "{:.6g}", value);
      }
      out += '\n';
    }
  }
  return out;
}

}  // namespace paxoscope
