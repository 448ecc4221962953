#include "bench/paxoscope/outputs.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "bench/paxoscope/plot.h"
#include "bench/paxoscope/terminal.h"

namespace paxoscope::cli {

namespace {

Expected<bool> open_one(const char* option, const std::string& path, std::optional<OutputFile>& out) {
  if (path.empty()) return true;
  auto file = OutputFile::open(option, path);
  if (!file) return tl::unexpected(file.error());
  out.emplace(std::move(*file));
  return true;
}

}  // namespace

void Outputs::add_to(CLI::App& app, Kinds kinds) {
  const auto option = [&](const char* name, std::string& path, const char* help) {
    app.add_option(name, path, help)->type_name("FILE");
  };
  option("--json", json_path_, "write the results here; - for standard output");
  if (kinds.csv) option("--csv", csv_path_, "a line per run; - for standard output");
  if (kinds.plot) option("--plot", plot_path_, "draw them: .svg, .png or .pdf");
}

Expected<bool> Outputs::open() {
  if (!plot_path_.empty()) {
    const auto format = plot_format(plot_path_);
    if (!format) return tl::unexpected(format.error());
    plot_format_ = *format;
  }
  const std::array paths{json_path_, csv_path_, plot_path_};
  for (auto path = paths.begin(); path != paths.end(); ++path) {
    if (!path->empty() && std::find(paths.begin(), path, *path) != path) {
      return fail(
          fmt::format("--json, --csv and --plot: two of them are \"{}\"; allowed: a place of its own for each", *path));
    }
  }
  if (const auto ok = open_one("--json", json_path_, json_); !ok) return ok;
  if (const auto ok = open_one("--csv", csv_path_, csv_); !ok) return ok;
  return open_one("--plot", plot_path_, plot_);
}

Expected<bool> Outputs::write(const std::function<nlohmann::json()>& json, const std::function<std::string()>& csv) {
  const std::string text = json_ || plot_ ? json().dump() + "\n" : "";
  if (json_) {
    if (const auto ok = json_->commit(text); !ok) return ok;
  }
  if (csv_) {
    if (const auto ok = csv_->commit(csv()); !ok) return ok;
  }
  if (plot_ && !interrupted()) {
    if (const auto ok = plot(text, plot_format_, plot_->partial()); !ok) return ok;
    if (const auto ok = plot_->commit_written(); !ok) return ok;
  }
  return true;
}

}  // namespace paxoscope::cli
