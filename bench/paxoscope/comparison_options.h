// What `compare` and `sweep` have in common: which strategies, on which engine, how often, ranked by what, and the way
// from a plan to what is printed and written.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "bench/paxoscope/experiment_options.h"
#include "bench/paxoscope/outputs.h"
#include "core/experiment/comparison.h"
#include "core/experiment/ranking.h"

namespace paxoscope::cli {

// What a run is, where no option says so.
enum class Load : std::uint8_t {
  by_engine,  // on threads closed loops for a time; in virtual time a duel: each proposer has one operation to do
  loop,       // closed loops for a time on both
};

struct ComparisonOptions {
  ExperimentOptions experiment;
  std::string engine = "threads";  // threads, simulation, both
  std::string strategies = "all";
  std::string proposers = "1,2,4,8,16";
  std::string repetitions = "5";
  std::string seeds = "200";
  std::string rank_by;
  Outputs outputs;
  CLI::Option* engine_option = nullptr;
  CLI::Option* repetitions_option = nullptr;
  CLI::Option* seeds_option = nullptr;

  // The initial values above are the defaults that help shows.
  void add_to(CLI::App& app);

  Expected<std::vector<Engine>> engines() const;
  // An error for an option that was given and that none of these engines heeds.
  Expected<bool> heeded_by(const std::vector<Engine>& on) const;
  // Every strategy of --strategies in its canonical form. In virtual time without those that need threads, if `none` is
  // among them: there these are the same.
  Expected<std::vector<std::string>> strategy_list(Engine engine) const;
  Expected<std::vector<std::uint32_t>> proposer_list() const;
  // An experiment for the engine, with the options given; strategy and proposers are still to be filled in.
  Expected<Experiment> base(Engine engine, Load load) const;
  // Without points.
  Expected<ComparisonPlan> empty_plan() const;
  Expected<std::optional<RankBy>> ranking() const;
};

// What a command does once its options are understood: the work with its progress, then `print` unless a result goes to
// standard output, then the files, then the exit code.
struct ComparisonJob {
  ComparisonPlan plan;
  std::function<void(const Comparison&)> print;
  std::function<nlohmann::json(const Comparison&)> json;
};
int run_comparison(const ComparisonJob& job, Outputs& outputs);

// "Replay with: ..." on stderr, below the line that names the violation.
int report_violation(const std::string& what, const std::optional<Experiment>& failing);

}  // namespace paxoscope::cli
