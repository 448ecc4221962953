#include "bench/paxoscope/output_file.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

namespace paxoscope::cli {

Expected<OutputFile> OutputFile::open(std::string_view option, const std::string& path) {
  namespace fs = std::filesystem;
  if (path == "-") return OutputFile(option, path, "", nullptr);
  if (path.empty()) return fail(fmt::format("{} is empty; allowed: a file to write, or - for standard output", option));
  std::error_code none;  // stays one when the path does not exist, which is the usual case
  const fs::file_status status = fs::status(path, none);
  const bool special = fs::exists(status) && !fs::is_regular_file(status);
  const bool locked = fs::exists(status) && access(path.c_str(), W_OK) != 0;
  const std::string target =
      fs::is_symlink(fs::symlink_status(path, none)) && fs::exists(status) ? fs::canonical(path, none).string() : path;
  const std::string partial = special ? target : target + ".partial";
  std::FILE* file = fs::is_directory(status) || locked ? nullptr : std::fopen(partial.c_str(), "wb");
  if (file == nullptr) {
    const std::string why = fs::is_directory(status) ? "it is a folder"
                            : locked                 ? "it may not be written"
                                                     : std::generic_category().message(errno);
    return fail(fmt::format("{}: cannot write \"{}\" ({}); allowed: a file in a folder that can be written", option,
                            path, why));
  }
  return OutputFile(option, target, partial, file);
}

OutputFile::~OutputFile() {
  if (file_ == nullptr || partial_ == path_) return;
  file_.reset();
  std::remove(partial_.c_str());
}

Expected<bool> OutputFile::problem(std::string_view what) const {
  return fail(fmt::format("{}: {} \"{}\" ({}); what was there before is unharmed", option_, what, path_,
                          std::generic_category().message(errno)));
}

Expected<bool> OutputFile::commit(std::string_view text) {
  std::FILE* out = file_ == nullptr ? stdout : file_.get();
  const bool written = std::fwrite(text.data(), 1, text.size(), out) == text.size() && std::fflush(out) == 0;
  if (!written) return problem("cannot write");
  return commit_written();
}

Expected<bool> OutputFile::commit_written() {
  if (file_ == nullptr || partial_ == path_) return true;
  if (fsync(fileno(file_.get())) != 0) return problem("cannot write");
  file_.reset();
  if (std::rename(partial_.c_str(), path_.c_str()) != 0) return problem("cannot rename into");
  return true;
}

}  // namespace paxoscope::cli
