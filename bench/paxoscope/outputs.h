// The result files of a command: --json, --csv and --plot. They are opened before the work begins, so that a bad path
// costs no work, and appear whole at its end.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "bench/paxoscope/output_file.h"
#include "core/error.h"

namespace paxoscope::cli {

class Outputs {
 public:
  // Which options there are besides --json.
  struct Kinds {
    bool csv = true, plot = true;
  };
  void add_to(CLI::App& app, Kinds kinds);

  // After parsing. An error for the first that cannot be written.
  Expected<bool> open();
  // One of them is standard output, so nothing else may be printed there.
  bool on_stdout() const { return json_path_ == "-" || csv_path_ == "-"; }
  bool has_csv() const { return csv_.has_value(); }
  // Writes those that were asked for; `json` and `csv` are called only if somebody wants them.
  Expected<bool> write(const std::function<nlohmann::json()>& json, const std::function<std::string()>& csv);

 private:
  std::string json_path_, csv_path_, plot_path_;
  std::string plot_format_;
  std::optional<OutputFile> json_, csv_, plot_;
};

}  // namespace paxoscope::cli
