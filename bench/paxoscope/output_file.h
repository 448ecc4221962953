// A result file that is opened before the work begins and appears whole at the end: a bad path is found at once, and a
// full disk loses neither the old file nor the work (the caller has printed it).
#pragma once

#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

#include "core/error.h"

namespace paxoscope::cli {

class OutputFile {
 public:
  // Creates PATH.partial beside the path. `option` is named in errors. "-" is standard output.
  static Expected<OutputFile> open(std::string_view option, const std::string& path);

  OutputFile(OutputFile&&) = default;
  OutputFile& operator=(OutputFile&&) = default;
  ~OutputFile();  // an uncommitted one leaves nothing behind

  // Writes the text and renames it into place.
  Expected<bool> commit(std::string_view text);
  // The partial file's name, for another program to write to; commit_written() then renames it into place.
  const std::string& partial() const { return partial_; }
  Expected<bool> commit_written();

 private:
  struct Closer {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  OutputFile(std::string_view option, std::string path, std::FILE* file);
  Expected<bool> problem(std::string_view what) const;

  std::string option_;
  std::string path_;
  std::string partial_;  // empty for standard output
  std::unique_ptr<std::FILE, Closer> file_;
};

}  // namespace paxoscope::cli
