#include "bench/paxoscope/comparison_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "bench/paxoscope/command.h"
#include "bench/paxoscope/terminal.h"
#include "core/backoff/registry.h"
#include "core/experiment/names.h"
#include "core/experiment/replay.h"

namespace paxoscope::cli {

namespace {

// On threads: a comparison of about a minute.
Experiment thread_defaults() {
  Experiment experiment;
  experiment.warm_up_s = 0.02;
  experiment.duration_s = 0.1;
  return experiment;
}

}  // namespace

void ComparisonOptions::add_to(CLI::App& app) {
  const auto option = [&](const char* name, std::string& value, std::string_view help) {
    const std::string shown = value.empty() ? "as the question wants" : value;
    return app.add_option(name, value, fmt::format("{} [{}]", help, shown))->type_name("");
  };
  option("--engine", engine, "what runs it: threads, simulation (virtual time), both; --peers: wire");
  option("--strategies", strategies, "which, with parameters if you like: none,full_jitter:base=1R,cap=8R,lease");
  option("--proposers", proposers, "how many contend, one table each");
  repetitions_option = option("--repetitions", repetitions, "runs of each point on threads, in random order");
  seeds_option = option("--seeds", seeds, "runs of each point in virtual time, under the same seeds for all");
  app.add_option("--rank-by", rank_by, "the figure that decides [decisions_per_s; all_done_us where operations end]")
      ->type_name("");
  outputs.add_to(app, {.csv = true, .plot = true});
  experiment.add_to(app, thread_defaults(), {"engine", "strategy", "proposers"});
  app.footer(
      "In virtual time a run is a duel unless --operations-max=0: all proposers want the same instance at once, and "
      "it\n"
      "ends when each has learned what was decided. With --operations-max=0 it lasts 100 R after a warm-up of 20 R.");
}

Expected<std::vector<Engine>> ComparisonOptions::engines() const {
  if (engine == "both") return std::vector{Engine::threads, Engine::simulation};
  const auto parsed = parse_name<Engine>("--engine", engine);
  if (!parsed) return fail(parsed.error().message + ", both");
  return std::vector{*parsed};
}

Expected<bool> ComparisonOptions::heeded_by(const std::vector<Engine>& on) const {
  const bool virtual_time = std::find(on.begin(), on.end(), Engine::simulation) != on.end();
  if (!virtual_time && seeds_option->count() > 0) return fail("--seeds is for virtual time; allowed: --repetitions");
  if (virtual_time && on.size() == 1 && repetitions_option->count() > 0) {
    return fail("--repetitions is for threads; allowed: --seeds");
  }
  return experiment.heeded_by(on);
}

Expected<std::vector<std::string>> ComparisonOptions::strategy_list(Engine on) const {
  const auto texts = split_strategies(strategies);
  if (!texts) return fail("--strategies: " + texts.error().message);
  std::vector<std::string> list;
  for (const std::string& text : *texts) {
    const auto strategy = parse_strategy(text);
    if (!strategy) return fail("--strategies: " + strategy.error().message);
    const std::string canonical = (*strategy)->to_string();
    if (std::find(list.begin(), list.end(), canonical) != list.end()) {
      return fail(fmt::format("--strategies names {} twice; allowed: each once", canonical));
    }
    list.push_back(canonical);
  }
  if (on == Engine::simulation && std::find(list.begin(), list.end(), "none") != list.end()) {
    std::erase_if(list, [](const std::string& text) {
      const StrategyInfo* info = find_strategy(std::string_view(text).substr(0, text.find(':')));
      return info != nullptr && info->needs.threads;  // groups have no name of their own
    });
  }
  return list;
}

Expected<std::vector<std::uint32_t>> ComparisonOptions::proposer_list() const {
  return parse_counts("--proposers", proposers, 1, 100'000);
}

Expected<Experiment> ComparisonOptions::base(Engine on, Load load) const {
  Experiment defaults = on == Engine::simulation ? Experiment::duel() : thread_defaults();
  if (on == Engine::wire) defaults.engine = on;  // which needs peers, and says so
  if (load == Load::loop) defaults.operations_max = 0;
  return experiment.experiment(defaults);
}

Expected<ComparisonPlan> ComparisonOptions::empty_plan() const {
  const auto per_point = parse_count("--repetitions", repetitions, 1, 10'000);
  if (!per_point) return tl::unexpected(per_point.error());
  const auto per_seed = parse_count("--seeds", seeds, 1, 10'000'000);
  if (!per_seed) return tl::unexpected(per_seed.error());
  return ComparisonPlan{{}, *per_point, *per_seed};
}

Expected<std::optional<RankBy>> ComparisonOptions::ranking() const {
  if (rank_by.empty()) return std::optional<RankBy>();
  const auto parsed = parse_rank_by(rank_by);
  if (!parsed) return fail("--rank-by: " + parsed.error().message);
  return std::optional(*parsed);
}

int report_violation(const std::string& what, const std::optional<Experiment>& failing) {
  complain("VIOLATION: " + what, kViolation);
  if (failing) {
    complain("replay with: " + replay_command(*failing));
    if (failing->engine == Engine::simulation) complain("add --story to that, and it is told message by message");
  }
  return kViolation;
}

int run_comparison(const ComparisonJob& job, Outputs& outputs) {
  catch_interrupts();
  const auto comparison = [&] {
    ProgressLine line;
    ComparisonControl control;
    control.interrupted = interrupted;
    control.progress = [&](const ComparisonProgress& progress) { line.show(progress.fraction, progress.now); };
    return compare(job.plan, control);
  }();
  if (!comparison) return interrupted() ? interrupt_exit_code() : complain(comparison.error().message, kFailed);
  if (!outputs.on_stdout()) {
    job.print(*comparison);
    if (comparison->stop == StopReason::interrupted)
      fmt::print("Interrupted: this is what had been measured by then.\n");
  }
  const auto written = outputs.write([&] { return job.json(*comparison); }, [&] { return to_csv(*comparison); });
  if (!written) complain(written.error().message);
  if (comparison->stop == StopReason::violation) return report_violation(comparison->violation, comparison->failing);
  if (interrupted()) return interrupt_exit_code();
  return written ? kOk : kBadInput;
}

}  // namespace paxoscope::cli
