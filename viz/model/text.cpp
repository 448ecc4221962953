#include "viz/model/text.h"

#include <fmt/format.h>

#include <array>
#include <cmath>

namespace paxoscope::viz {

std::string time_text(Nanos time, int digits) {
  struct Unit {
    double nanos;
    const char* name;
  };
  constexpr std::array<Unit, 5> kUnits = {{{60e9, "min"}, {1e9, "s"}, {1e6, "ms"}, {1e3, "us"}, {1, "ns"}}};
  if (time == 0) return "0";
  const auto nanos = static_cast<double>(time);
  for (const Unit& unit : kUnits) {
    if (std::abs(nanos) >= (unit.nanos > 1e9 ? 10 * unit.nanos : unit.nanos) || unit.nanos == 1) {
      return fmt::format("{:.{}g} {}", nanos / unit.nanos, digits, unit.name);
    }
  }
  return {};
}

std::string count_text(std::uint64_t count) {
  std::string text = std::to_string(count);
  for (auto place = static_cast<std::ptrdiff_t>(text.size()) - 3; place > 0; place -= 3) {
    text.insert(static_cast<std::size_t>(place), 1, ',');
  }
  return text;
}

}  // namespace paxoscope::viz
