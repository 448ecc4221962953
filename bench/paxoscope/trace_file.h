// A trace file that a command writes while its run goes on. It is written in place, so that it can be read meanwhile.
#pragma once

#include <fstream>
#include <memory>
#include <string>
#include <string_view>

#include "core/error.h"
#include "core/experiment/trace_setting.h"
#include "core/trace/writer.h"

namespace paxoscope::cli {

class TraceFile {
 public:
  // Creates the file and writes its header. `option` is named in errors.
  static Expected<TraceFile> create(std::string_view option, const std::string& path, const TraceSetting& setting);

  TraceSink& sink() { return *writer_; }
  // After the run: the size of the file, or what went wrong while it was written.
  Expected<std::uint64_t> close();
  std::uint64_t events() const { return writer_->events(); }

 private:
  TraceFile(std::string option, std::string path) : option_(std::move(option)), path_(std::move(path)) {}

  std::string option_, path_;
  std::unique_ptr<std::ofstream> out_;  // the writer points to it
  std::unique_ptr<TraceWriter> writer_;
};

}  // namespace paxoscope::cli
