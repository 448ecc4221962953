#include "viz/view/file_list.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

namespace paxoscope::viz {

namespace fs = std::filesystem;

std::vector<FileEntry> list_traces(const std::string& folder) {
  std::vector<FileEntry> entries;
  std::error_code error;
  const fs::path here(folder);
  fs::directory_iterator it(here, fs::directory_options::skip_permission_denied, error);
  for (; !error && it != fs::directory_iterator(); it.increment(error)) {
    std::error_code ignored;
    const std::string name = it->path().filename().string();
    const bool is_folder = it->is_directory(ignored);
    if (is_folder ? name.starts_with('.') : !name.ends_with(".trace")) continue;
    entries.push_back({is_folder ? name + "/" : name, it->path().string(), is_folder});
  }
  std::sort(entries.begin(), entries.end(),
            [](const FileEntry& a, const FileEntry& b) { return a.folder != b.folder ? a.folder : a.name < b.name; });
  if (here.has_parent_path() && here != here.parent_path())
    entries.insert(entries.begin(), {"..", here.parent_path().string(), true});
  return entries;
}

std::string starting_folder() {
  std::error_code error;
  const fs::path here = fs::current_path(error);
  return error ? "/" : here.string();
}

}  // namespace paxoscope::viz
