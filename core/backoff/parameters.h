// The named parameters of one strategy: defaults, what the user wrote over them, and typed readers.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/backoff/attempts.h"
#include "core/backoff/duration.h"
#include "core/error.h"

namespace paxoscope {

struct StrategyInfo;

// A strategy's constructor reads each of its parameters once, by name. A reader checks the text, replaces it by its
// canonical form and returns the value. The first mistake is kept in error() and the reader returns something
// harmless, so that constructors need no error handling of their own; who builds a strategy looks at error() once.
class Parameters {
 public:
  // `overrides`: "base=2R,cap=9R", or empty. `info` must outlive the result (the registry's entries do).
  static Expected<Parameters> parse(const StrategyInfo& info, std::string_view overrides);

  Duration duration(std::string_view name);
  Duration positive_duration(std::string_view name);
  // A positive duration that is surely not below the one read as `low_name`.
  Duration duration_from(std::string_view name, std::string_view low_name, Duration low);
  std::uint32_t count(std::string_view name, std::uint32_t low, std::uint32_t high);  // low .. high
  double number(std::string_view name, std::uint32_t low, std::uint32_t high);        // low .. high, 6 decimals
  // The place of the text in `allowed`.
  std::size_t choice(std::string_view name, const std::vector<std::string_view>& allowed);
  Reset reset();  // "reset"

  const StrategyInfo& info() const { return *info_; }
  const std::string& error() const { return error_; }  // empty if all is well

  // "full_jitter:base=1R,cap=8R,reset=win", in the order of the defaults.
  std::string to_string() const;

 private:
  struct Parameter {
    std::string_view name;  // in the strategy's default text
    std::string text;
  };

  explicit Parameters(const StrategyInfo& info);
  Parameter* find(std::string_view name);
  Expected<void> override_with(std::string_view assignment, std::vector<std::string_view>& seen);
  std::string text_of(std::string_view name);
  void accept(std::string_view name, std::string canonical);
  void reject(std::string_view name, std::string_view written, std::string_view requirement);

  const StrategyInfo* info_;
  std::vector<Parameter> parameters_;
  std::string error_;
};

// `text` for a one-line message: in double quotes, at most 40 bytes of it, anything unprintable as '?'.
std::string quoted(std::string_view text);

// Calls use(piece) for each piece of `text` between commas; an empty text is one empty piece.
template <class Use>
void for_each_between_commas(std::string_view text, Use use) {
  for (;;) {
    const std::size_t comma = text.find(',');
    use(text.substr(0, comma));
    if (comma == std::string_view::npos) {
      return;
    }
    text.remove_prefix(comma + 1);
  }
}

}  // namespace paxoscope
