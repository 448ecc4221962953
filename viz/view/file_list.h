// A folder's traces, to choose one from.
#pragma once

#include <string>
#include <vector>

namespace paxoscope::viz {

struct FileEntry {
  std::string name;  // "..", "results/", "run.trace"
  std::string path;
  bool folder = false;
};

// The folder above, the folders in it and the files whose names end in ".trace", each by name. A folder that cannot be
// read has nothing but the one above.
std::vector<FileEntry> list_traces(const std::string& folder);

// Where a window begins to look: the folder that the program was started in.
std::string starting_folder();

}  // namespace paxoscope::viz
