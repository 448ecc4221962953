// An Experiment from the command line: an option for every member, from the one table in core/experiment/fields.h, and
// --experiment=FILE for a whole one, which the options then change.
#pragma once

#include <CLI/CLI.hpp>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "core/experiment/experiment.h"

namespace paxoscope::cli {

class ExperimentOptions {
 public:
  // Adds the options, but none for the members in `except`: the command has its own for these. `defaults` are those
  // that help shows.
  void add_to(CLI::App& app, const Experiment& defaults, const std::set<std::string_view>& except = {});

  // After parsing: valid, or one line about the first option that is not.
  Expected<Experiment> experiment() const { return experiment(defaults_); }
  // The same with other defaults than help shows, where these depend on another option. In virtual time a run that no
  // option ends lasts 100 R, after a warm-up of 20 R. engine: whatever a file says.
  Expected<Experiment> experiment(const Experiment& defaults, std::optional<Engine> engine = {}) const;
  // That rule alone, for an experiment that was changed since. Only for a validated one.
  void set_times(Experiment& experiment) const;

  // An error for an option that was given and that none of these engines heeds.
  Expected<bool> heeded_by(const std::vector<Engine>& engines) const;

 private:
  bool given(std::string_view member) const;
  // Given, and not with what help shows as its default.
  bool changed(std::string_view member) const;

  Experiment defaults_;
  std::string file_;
  std::map<std::string, std::string, std::less<>> given_;  // member → text; only what was given is read
  std::map<std::string, CLI::Option*, std::less<>> options_;
};

// "--round-trip" for the member round_trip_us: units are part of the value, not of the name.
std::string option_name(std::string_view member);

// A number, all of `text`; for a member that ends in _s or _us also with a unit: "1.5s", "200ms", "20us", "500ns".
Expected<double> parse_number(std::string_view member, std::string_view text);

// "1,2,4" as numbers within the range; duplicates and empty places are refused.
Expected<std::vector<std::uint32_t>> parse_counts(std::string_view option, std::string_view text, std::uint32_t low,
                                                  std::uint32_t high);

// One number within the range.
Expected<std::uint32_t> parse_count(std::string_view option, std::string_view text, std::uint32_t low,
                                    std::uint32_t high);

// The effective configuration, a line per member, aligned.
std::string describe(const Experiment& experiment, const std::set<std::string_view>& except = {});

}  // namespace paxoscope::cli
