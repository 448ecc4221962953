// The command line of paxos_viz.
#pragma once

#include <optional>
#include <string>

#include "core/error.h"
#include "core/nanos.h"
#include "viz/view/settings.h"

namespace paxoscope::viz {

struct Options {
  std::string trace;     // a trace file to open; empty: none
  std::string scenario;  // empty: none named
  std::optional<Nanos> at;
  int width = 0, height = 0;  // 0: as it was last time, or 1600 x 1000
  double scale = 0;           // 0: as the display says, or 1
  std::optional<bool> dark;
  bool by_value = false;
  int tour = 0;  // begin the guided tour at this step; 0: do not
  bool narrate = false;
  bool measure = false;
  std::string screenshot;  // a PNG to write; empty: a window
  std::string export_to;   // an SVG or PNG of what is on the screen
  std::string gallery;     // a folder for a picture of every scenario
  std::string record;      // a folder for pictures
  double fps = 30;
  double seconds = 8;  // of recording
  double speed = 1;
  std::optional<SidePanel> side;
  std::optional<LowerPanel> lower;
  bool pictures() const {
    return measure || !screenshot.empty() || !export_to.empty() || !gallery.empty() || !record.empty();
  }
  bool exits = false;  // parsing has said all there is, such as --help
};

// Fails with one line that says what was wrong and what is allowed.
Expected<Options> parse_options(int argc, char** argv);

}  // namespace paxoscope::viz
