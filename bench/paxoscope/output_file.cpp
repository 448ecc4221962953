#include "bench/paxoscope/output_file.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

namespace paxoscope::cli {

OutputFile::OutputFile(std::string_view option, std::string path, std::FILE* file)
    : option_(option), path_(std::move(path)), partial_(file == nullptr ? "" : path_ + ".partial"), file_(file) {}

Expected<OutputFile> OutputFile::open(std::string_view option, const std::string& path) {
  if (path == "-") return OutputFile(option, path, nullptr);
  if (path.empty()) return fail(fmt::format("{} is empty; allowed: a file to write, or - for standard output", option));
  std::error_code ignored;
  const bool is_folder = std::filesystem::is_directory(path, ignored);
  const bool locked = access(path.c_str(), F_OK) == 0 && access(path.c_str(), W_OK) != 0;
  std::FILE* file = is_folder || locked ? nullptr : std::fopen((path + ".partial").c_str(), "wb");
  if (file == nullptr) {
    const std::string why = is_folder ? "it is a folder"
                            : locked  ? "it may not be written"
                                      : std::generic_category().message(errno);
    return fail(fmt::format("{}: cannot write \"{}\" ({}); allowed: a file in a folder that can be written", option,
                            path, why));
  }
  return OutputFile(option, path, file);
}

OutputFile::~OutputFile() {
  if (file_ == nullptr || partial_.empty()) return;
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
  if (file_ == nullptr) return true;
  if (fsync(fileno(file_.get())) != 0) return problem("cannot write");
  file_.reset();
  if (std::rename(partial_.c_str(), path_.c_str()) != 0) return problem("cannot rename into");
  return true;
}

}  // namespace paxoscope::cli
