// paxoscope sweep: what varies besides the strategies, and the questions that only many experiments answer.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "bench/paxoscope/command.h"
#include "bench/paxoscope/compare_table.h"
#include "bench/paxoscope/comparison_options.h"
#include "bench/paxoscope/questions.h"

namespace paxoscope::cli {

namespace {

struct SweepOptions {
  ComparisonOptions comparison;
  std::vector<std::string> vary;
  std::vector<std::pair<CLI::Option*, const Question*>> flags;
};

Expected<const Question*> question_of(const SweepOptions& options) {
  const Question* asked = &questions().front();
  for (const auto& [flag, question] : options.flags) {
    if (flag->count() == 0) continue;
    if (!asked->flag.empty())
      return fail(fmt::format("{} and {} are two questions; allowed: one", asked->flag, question->flag));
    asked = question;
  }
  return asked;
}

Expected<std::vector<SweepAxis>> sweep_axes(const std::vector<std::string>& texts) {
  std::vector<SweepAxis> axes;
  for (const std::string& text : texts) {
    auto axis = parse_axis(text);
    if (!axis) return fail("--vary: " + axis.error().message);
    for (const std::string_view own : {"engine", "strategy", "proposers", "seed"}) {
      if (axis->name == own) return fail(fmt::format("--vary: {} has an option of its own", own));
    }
    const bool twice = std::any_of(axes.begin(), axes.end(), [&](const SweepAxis& a) { return a.name == axis->name; });
    if (twice) return fail(fmt::format("--vary names {} twice; allowed: each once", axis->name));
    axes.push_back(*std::move(axis));
  }
  return axes;
}

Expected<std::vector<Engine>> engines_of(const SweepOptions& options, const Question& question) {
  auto engines = options.comparison.engines();
  const bool virtual_only = question.flag == "--cliff" || question.flag == "--pareto";
  if (engines && virtual_only && *engines != std::vector{Engine::simulation}) {
    return fail(fmt::format("{} is about virtual time; allowed: --engine=simulation", question.flag));
  }
  return engines;
}

Expected<ComparisonPlan> sweep_plan(SweepOptions& options, const Question& question) {
  ComparisonOptions& common = options.comparison;
  if (question.both) common.engine = "both";
  if (common.strategies.empty()) common.strategies = question.strategies;
  if (common.proposers.empty()) common.proposers = question.proposers;
  auto plan = common.empty_plan();
  if (!plan) return plan;
  const auto counts = common.proposer_list();
  if (!counts) return tl::unexpected(counts.error());
  const auto axes = sweep_axes(options.vary);
  if (!axes) return tl::unexpected(axes.error());
  const auto engines = engines_of(options, question);
  if (!engines) return tl::unexpected(engines.error());
  if (const auto heeded = common.heeded_by(*engines); !heeded) return tl::unexpected(heeded.error());
  SweepRequest request{.base = {}, .strategies = {}, .proposers = {}, .axes = *axes};
  for (const std::uint32_t count : *counts) request.proposers.push_back(std::to_string(count));
  for (const Engine engine : *engines) {
    const auto base = common.base(engine, engines->size() == 1 ? question.load : Load::loop);
    if (!base) return tl::unexpected(base.error());
    request.base = *base;
    const auto strategies = common.strategy_list(engine);
    if (!strategies) return tl::unexpected(strategies.error());
    request.strategies = *strategies;
    auto points = question.points(request);
    if (!points) return fail((axes->empty() ? "" : "--vary: ") + points.error().message);
    for (Experiment& point : *points) common.experiment.set_times(point);
    plan->points.insert(plan->points.end(), points->begin(), points->end());
  }
  return plan;
}

nlohmann::json sweep_json(const Comparison& comparison, const Question& question, const std::optional<RankBy>& by) {
  nlohmann::json json = to_json(comparison);
  json["schema"] = "paxoscope.sweep/1";
  json["question"] = question.flag.empty() ? "" : question.flag.substr(2);
  json["answer"] = question.json(comparison, by);
  for (nlohmann::json& point : json["points"]) point.erase("histograms_ns");  // there may be thousands
  return json;
}

int run_sweep(SweepOptions& options) {
  const auto question = question_of(options);
  if (!question) return complain(question.error().message);
  const auto plan = sweep_plan(options, **question);
  if (!plan) return complain(plan.error().message);
  const auto by = options.comparison.ranking();
  if (!by) return complain(by.error().message);
  if (const auto opened = options.comparison.outputs.open(); !opened) return complain(opened.error().message);
  const auto print = [&](const Comparison& comparison) {
    fmt::print("{}{}", comparison_header(comparison), (*question)->text(comparison, *by));
  };
  return run_comparison(
      {*plan, print, [&](const Comparison& comparison) { return sweep_json(comparison, **question, *by); }},
      options.comparison.outputs);
}

}  // namespace

Job add_sweep(CLI::App& app) {
  auto options = std::make_shared<SweepOptions>();
  app.add_option("--vary", options->vary,
                 "NAME=VALUE,VALUE,...: a parameter of the strategies (base=0.5R,1R,2R), spread of the latency "
                 "(spread=0,0.3,1), or a member of the experiment; may be given several times")
      ->type_name("")
      ->allow_extra_args(false);
  for (const Question& question : questions()) {
    if (question.flag.empty()) continue;
    const std::string help(question.help);
    CLI::Option* flag = app.add_flag(std::string(question.flag), help)->group("Questions");
    options->flags.emplace_back(flag, &question);
  }
  options->comparison.engine = "simulation";
  options->comparison.strategies = options->comparison.proposers = "";
  options->comparison.add_to(app);
  return [options] { return run_sweep(*options); };
}

}  // namespace paxoscope::cli
