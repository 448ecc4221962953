// A result file that is opened before the work begins and appears whole at the end: a bad path is found at once, and a
// full disk loses neither the old file nor the work (the caller has printed it). A device or a pipe is written to as it
// is: nothing is renamed over it.
#pragma once

#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "core/error.h"

namespace paxoscope::cli {

class OutputFile {
 public:
  // Creates PATH.partial beside the file, or the file that a link leads to. `option` is named in errors. "-" is
  // standard output.
  static Expected<OutputFile> open(std::string_view option, const std::string& path);

  OutputFile(OutputFile&&) = default;
  OutputFile& operator=(OutputFile&&) = default;
  ~OutputFile();  // an uncommitted one leaves nothing behind

  // Writes the text and renames it into place.
  Expected<bool> commit(std::string_view text);
  // For another program to write to; commit_written() then renames it into place.
  const std::string& partial() const { return partial_; }
  Expected<bool> commit_written();

 private:
  struct Closer {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  OutputFile(std::string_view option, std::string path, std::string partial, std::FILE* file)
      : option_(option), path_(std::move(path)), partial_(std::move(partial)), file_(file) {}
  Expected<bool> problem(std::string_view what) const;

  std::string option_;
  std::string path_;
  std::string partial_;  // the path itself for a device; empty for standard output
  std::unique_ptr<std::FILE, Closer> file_;
};

}  // namespace paxoscope::cli
