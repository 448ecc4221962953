#include "core/trace/export.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace paxoscope {

namespace {
constexpr std::array<ExportFormat, 3> kFormats = {{
    {"csv", ".csv", "one row an event, for spreadsheets and data frames", make_csv_exporter},
    {"chrome", ".json", "Chrome's trace format, for ui.perfetto.dev", make_chrome_exporter},
    {"shiviz", ".log", "a log with vector clocks, for ShiViz", make_shiviz_exporter},
}};
}

std::span<const ExportFormat> export_formats() {
  return kFormats;
}

Expected<TraceStatus> convert_trace(std::istream& in, std::string_view format, std::ostream& out) {
  const auto* const found = std::find_if(kFormats.begin(), kFormats.end(),
                                         [&](const ExportFormat& candidate) { return candidate.name == format; });
  if (found == kFormats.end()) {
    std::string names;
    for (const ExportFormat& known : kFormats) names += (names.empty() ? "" : ", ") + std::string(known.name);
    return fail(fmt::format("unknown trace format {}: allowed are {}", format, names));
  }
  Expected<TraceReader> reader = TraceReader::open(in);
  if (!reader) return fail(reader.error().message);
  const std::unique_ptr<Exporter> exporter = found->make(out, reader->metadata());
  std::vector<Event> block;
  while (reader->next(block)) {
    for (const Event& event : block) exporter->add(event);
  }
  exporter->finish();
  if (!out.flush()) return fail("the converted trace could not be written");
  return reader->status();
}

}  // namespace paxoscope
