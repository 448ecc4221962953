// What a person adds to a trace: annotations, and where they looked. Kept in a small JSON file beside it.
#pragma once

#include <string>
#include <vector>

#include "core/error.h"
#include "viz/model/ladder.h"

namespace paxoscope::viz {

struct Annotation {
  Nanos at = 0;
  std::string text;  // one line
  bool operator==(const Annotation&) const = default;
};

struct Notes {
  std::vector<Annotation> annotations;  // by time
  Nanos cursor = 0;
  Nanos view_from = 0, view_to = 0;  // view_to <= view_from: none was kept
  InstanceId focus = {};
  bool follows = true;  // the focus follows the cursor

  void annotate(Nanos at, std::string text);  // at its place; an empty text takes the one at that time away
  bool operator==(const Notes&) const = default;
};

// "run.trace" -> "run.trace.notes.json".
std::string notes_path(const std::string& trace_path);
// No file is no notes. Fails on a file that is not what save_notes writes.
Expected<Notes> load_notes(const std::string& path);
Expected<void> save_notes(const std::string& path, const Notes& notes);

}  // namespace paxoscope::viz
