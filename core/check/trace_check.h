// A trace file judged by the rules (rules.h): what the rules say of its events, and what the file says of itself.
#pragma once

#include <cstdint>
#include <functional>
#include <istream>
#include <map>
#include <string>

#include "core/check/rules.h"
#include "core/error.h"
#include "core/trace/reader.h"

namespace paxoscope {

struct TraceVerdict {
  RuleReport rules;  // incomplete also when the file is cut short, damaged or still being written
  TraceStatus file;
  std::map<std::uint64_t, Event> shown;  // the events that the violations name, by position in the file
};

// Reads the stream to its end, and once more when there are events to show. Memory: as RuleChecker. Errors: as
// TraceReader::open. progress: called now and then with the number of events judged; false ends it, incomplete.
Expected<TraceVerdict> check_trace(std::istream& in, const RuleOptions& options,
                                   const std::function<bool(std::uint64_t)>& progress = {});

// What was found, in words: a line for the verdict and the counts, a line for each violation and each event that shows
// it, and what is missing. Ends with a newline.
std::string to_string(const TraceVerdict& verdict);

}  // namespace paxoscope
