#include "bench/paxoscope/table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace paxoscope::cli {

std::string Table::to_string() const {
  std::vector<std::size_t> widths;
  bool units = false;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    std::size_t width = std::max(columns_[i].heading.size(), columns_[i].unit.size());
    for (const auto& row : rows_) {
      if (!row.empty()) width = std::max(width, row[i].size());
    }
    widths.push_back(width);
    units = units || !columns_[i].unit.empty();
  }
  std::string out;
  const auto line = [&](const auto& cell) {
    std::string text;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      if (i > 0) text += "  ";
      text += columns_[i].left ? fmt::format("{:<{}}", cell(i), widths[i]) : fmt::format("{:>{}}", cell(i), widths[i]);
    }
    text.erase(text.find_last_not_of(' ') + 1);
    out += text + '\n';
  };
  std::size_t total = 2 * (columns_.size() - 1);
  for (const std::size_t width : widths) total += width;
  line([&](std::size_t i) { return columns_[i].heading; });
  if (units) line([&](std::size_t i) { return columns_[i].unit; });
  out += std::string(total, '-') + '\n';
  for (const auto& row : rows_) {
    if (row.empty()) {
      out += std::string(total, '-') + '\n';
    } else {
      line([&](std::size_t i) { return row[i]; });
    }
  }
  return out;
}

std::string short_number(double value) {
  if (!std::isfinite(value)) return "-";
  const double size = std::abs(value);
  if (size >= 9.995e8) return fmt::format("{:.3g}G", value / 1e9);
  if (size >= 9.995e5) return fmt::format("{:.{}f}M", value / 1e6, size >= 9.995e7 ? 0 : size >= 9.995e6 ? 1 : 2);
  if (size >= 9.995e3) return fmt::format("{:.{}f}k", value / 1e3, size >= 9.995e4 ? 0 : 1);
  if (size >= 99.95) return fmt::format("{:.0f}", value);
  if (size >= 9.995) return fmt::format("{:.1f}", value);
  if (size >= 0.995 || size == 0) return fmt::format("{:.2f}", value);
  return fmt::format("{:.3f}", value);
}

std::string shown_time(Nanos time) {
  const auto in = [&](Nanos unit, std::string_view name) {
    return fmt::format("{} {}", short_number(static_cast<double>(time) / static_cast<double>(unit)), name);
  };
  if (time == 0) return "0 s";
  if (time >= kSecond) return in(kSecond, "s");
  return time >= kMillisecond ? in(kMillisecond, "ms") : in(kMicrosecond, "us");
}

std::string shown_round_trip(Nanos round_trip) {
  return round_trip == 0 ? "not known yet" : fmt::format("{:.2f} us", static_cast<double>(round_trip) / 1e3);
}

}  // namespace paxoscope::cli
