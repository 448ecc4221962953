// A trace in somebody else's format. Each format is one file and one line in export.cpp.
#pragma once

#include <istream>
#include <memory>
#include <ostream>
#include <span>
#include <string>
#include <string_view>

#include "core/error.h"
#include "core/trace/event.h"
#include "core/trace/reader.h"

namespace paxoscope {

// Writes as it is told. Not thread-safe; the stream must outlive it.
class Exporter {
 public:
  virtual ~Exporter() = default;
  virtual void add(const Event& event) = 0;  // each agent's events in their order, those of others in between
  virtual void finish() = 0;                 // once, at the end
};

struct ExportFormat {
  std::string_view name;       // "chrome"
  std::string_view extension;  // ".json"
  std::string_view description;
  // metadata: the JSON text of the trace's header.
  std::unique_ptr<Exporter> (*make)(std::ostream& out, const std::string& metadata);
};

std::span<const ExportFormat> export_formats();

// Reads a trace file to its end and writes it in that format. Returns what was read, with its damage, if any. Errors:
// an unknown format, no trace file, a failed write.
Expected<TraceStatus> convert_trace(std::istream& in, std::string_view format, std::ostream& out);

// One row an event, its fields in columns; constant memory.
std::unique_ptr<Exporter> make_csv_exporter(std::ostream& out, const std::string& metadata);

// Chrome's trace event format, which Perfetto (ui.perfetto.dev) and chrome://tracing open: proposers' operations,
// rounds and waits as slices, messages as arrows. Memory: an entry per operation in flight.
std::unique_ptr<Exporter> make_chrome_exporter(std::ostream& out, const std::string& metadata);

// A log with vector clocks for ShiViz. Memory: a clock per message, so for short traces.
std::unique_ptr<Exporter> make_shiviz_exporter(std::ostream& out, const std::string& metadata);

}  // namespace paxoscope
