// The questions that `paxoscope sweep` answers, one option each: what is run for it, and how the answer is put.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bench/paxoscope/comparison_options.h"
#include "core/error.h"
#include "core/experiment/comparison.h"
#include "core/experiment/ranking.h"
#include "core/experiment/sweep.h"

namespace paxoscope::cli {

// What the user asked to vary.
struct SweepRequest {
  Experiment base;
  std::vector<std::string> strategies;
  std::vector<std::string> proposers;
  std::vector<SweepAxis> axes;  // of --vary
};

struct Question {
  std::string_view flag;  // empty: none asked, only the table
  std::string_view help;
  std::string_view strategies, proposers;  // unless given
  Load load = Load::by_engine;
  bool both = false;  // on both engines
  Expected<std::vector<Experiment>> (*points)(const SweepRequest&) = nullptr;
  std::string (*text)(const Comparison&, const std::optional<RankBy>&) = nullptr;
  nlohmann::json (*json)(const Comparison&, const std::optional<RankBy>&) = nullptr;
};

// The first has no flag.
std::span<const Question> questions();

}  // namespace paxoscope::cli
