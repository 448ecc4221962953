#include "core/experiment/comparison.h"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include "core/experiment/names.h"
#include "core/experiment/runner.h"
#include "core/random.h"

namespace paxoscope {

namespace {

using nlohmann::json;

struct Run {
  std::size_t point;
  std::uint32_t repetition;
};

// Every repetition of every point, shuffled (Fisher–Yates) by the experiment's seed.
std::vector<Run> random_order(std::size_t points, std::uint32_t repetitions, std::uint64_t seed) {
  std::vector<Run> runs;
  for (std::uint32_t repetition = 0; repetition < repetitions; ++repetition) {
    for (std::size_t point = 0; point < points; ++point) runs.push_back({point, repetition});
  }
  Random random = Random::for_stream(seed, 0);
  for (std::size_t i = runs.size(); i > 1; --i) std::swap(runs[i - 1], runs[random.below(i)]);
  return runs;
}

Expected<std::vector<ComparisonPoint>> points_of(const ComparisonPlan& plan) {
  std::vector<ComparisonPoint> points;
  for (const std::string& strategy : plan.strategies) {
    for (const std::uint32_t proposers : plan.proposers) {
      Experiment experiment = plan.base;
      experiment.strategy = strategy;
      experiment.proposers = proposers;
      auto valid = experiment.validated();
      if (!valid) return tl::unexpected(valid.error());
      points.emplace_back().experiment = *valid;
    }
  }
  return points;
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

json number(double value) {
  return std::isfinite(value) ? json(value) : json(nullptr);
}

}  // namespace

void ComparisonPoint::add(const Report& report) {
  std::vector<double> sample;
  for (const Metric& metric : metrics()) sample.push_back(metric.of(report));
  samples.push_back(std::move(sample));
  const Measurement& m = report.measurement;
  threads = m.threads;
  oversubscribed = report.oversubscribed();
  decisions += m.audit.chosen;
  chosen.merge(m.audit.to_chosen);
  first_learner.merge(m.audit.to_first_learner);
  every_learner.merge(m.audit.to_every_learner);
  for (const ProposerMeasurement& p : m.proposers) operation.merge(p.to_end);
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

double planned_seconds(const ComparisonPlan& plan) {
  return static_cast<double>(plan.strategies.size() * plan.proposers.size() * plan.repetitions) *
         (plan.base.warm_up_s + plan.base.duration_s);
}

Expected<Comparison> compare(const ComparisonPlan& plan, const ComparisonControl& control) {
  auto points = points_of(plan);
  if (!points) return tl::unexpected(points.error());
  Comparison comparison{plan, 0, std::move(*points), StopReason::time, {}};
  const auto round_trip = round_trip_of(comparison.points.front().experiment, {control.interrupted, {}});
  if (!round_trip) return tl::unexpected(round_trip.error());
  comparison.round_trip = *round_trip;
  if (comparison.round_trip == 0) {
    comparison.stop = StopReason::interrupted;
    return comparison;
  }

  const std::vector<Run> order = random_order(comparison.points.size(), plan.repetitions, plan.base.seed);
  for (std::size_t done = 0; done < order.size(); ++done) {
    ComparisonPoint& point = comparison.points[order[done].point];
    Experiment experiment = point.experiment;
    experiment.seed += order[done].repetition;
    RunControl run_control;
    run_control.interrupted = control.interrupted;
    if (control.progress) {
      run_control.progress = [&](const Progress& progress) {
        const double part = static_cast<double>(progress.elapsed) / static_cast<double>(progress.planned);
        control.progress({done, order.size(), &experiment,
                          (static_cast<double>(done) + std::min(part, 1.0)) / static_cast<double>(order.size())});
      };
    }
    const auto report = run_experiment(experiment, run_control, comparison.round_trip);
    if (!report) return tl::unexpected(report.error());
    const StopReason stop = report->measurement.stop;
    if (stop == StopReason::interrupted) {
      comparison.stop = stop;  // a run that was cut off would not be comparable, so its figures are left out
      return comparison;
    }
    point.add(*report);
    if (stop == StopReason::violation) {
      comparison.stop = stop;
      comparison.violation = report->measurement.violation;
      return comparison;
    }
  }
  return comparison;
}

json to_json(const Comparison& comparison) {
  json points = json::array();
  for (const ComparisonPoint& point : comparison.points) {
    json figures = json::object();
    for (const Metric& metric : metrics()) {
      const Estimate figure = point.figure(metric);
      figures[std::string(metric.name)] = {
          {"value", number(figure.value)}, {"low", number(figure.low)}, {"high", number(figure.high)}};
    }
    points.push_back({{"experiment", to_json(point.experiment)},
                      {"repetitions", point.samples.size()},
                      {"threads", point.threads},
                      {"oversubscribed", point.oversubscribed},
                      {"decisions", point.decisions},
                      {"livelocks", point.livelocks},
                      {"livelock", point.livelock},
                      {"metrics", std::move(figures)},
                      {"histograms_ns",
                       {{"chosen", to_json(point.chosen)},
                        {"first_learner", to_json(point.first_learner)},
                        {"every_learner", to_json(point.every_learner)},
                        {"operation", to_json(point.operation)}}}});
  }
  return {{"schema", "paxoscope.comparison/1"},
          {"machine", to_json(this_machine())},
          {"round_trip_ns", comparison.round_trip},
          {"repetitions", comparison.plan.repetitions},
          {"stop", comparison.stop == StopReason::time ? "complete" : name_of(comparison.stop)},
          {"violation", comparison.violation},
          {"points", std::move(points)}};
}

std::string to_csv(const Comparison& comparison) {
  std::string out = "strategy,proposers,repetition,oversubscribed";
  for (const Metric& metric : metrics()) fmt::format_to(std::back_inserter(out), ",{}", metric.name);
  out += '\n';
  for (const ComparisonPoint& point : comparison.points) {
    for (std::size_t i = 0; i < point.samples.size(); ++i) {
      // Strategies contain commas, so they are quoted (RFC 4180).
      fmt::format_to(std::back_inserter(out), "\"{}\",{},{},{}", point.experiment.strategy, point.experiment.proposers,
                     i + 1, point.oversubscribed ? 1 : 0);
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
