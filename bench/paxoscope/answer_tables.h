// The answers to the questions of `paxoscope sweep`, for people (text) and for programs and the plot (JSON; the schema
// is in bench/SCHEMA.md).
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "core/experiment/comparison.h"
#include "core/experiment/ranking.h"

namespace paxoscope::cli {

using By = std::optional<RankBy>;

std::string cliff_text(const Comparison& comparison, const By& by);
nlohmann::json cliff_json(const Comparison& comparison, const By& by);

std::string pareto_text(const Comparison& comparison, const By& by);
nlohmann::json pareto_json(const Comparison& comparison, const By& by);

std::string fit_text(const Comparison& comparison, const By& by);
nlohmann::json fit_json(const Comparison& comparison, const By& by);

std::string payers_text(const Comparison& comparison, const By& by);

std::string both_text(const Comparison& comparison, const By& by);
nlohmann::json both_json(const Comparison& comparison, const By& by);

}  // namespace paxoscope::cli
