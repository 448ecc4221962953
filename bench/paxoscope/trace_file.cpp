#include "bench/paxoscope/trace_file.h"

#include <fmt/format.h>

#include <cerrno>
#include <system_error>

namespace paxoscope::cli {

Expected<TraceFile> TraceFile::create(std::string_view option, const std::string& path, const TraceSetting& setting) {
  TraceFile file(std::string(option), path);
  errno = 0;
  file.out_ = std::make_unique<std::ofstream>(path, std::ios::binary | std::ios::trunc);
  if (!*file.out_) {
    return fail(fmt::format("{}: cannot write \"{}\" ({}); allowed: a file in a folder that can be written", option,
                            path, std::generic_category().message(errno)));
  }
  auto writer = TraceWriter::begin(*file.out_, trace_metadata(setting));
  if (!writer) return fail(fmt::format("{}: {}", option, writer.error().message));
  file.writer_ = std::make_unique<TraceWriter>(*std::move(writer));
  return file;
}

Expected<std::uint64_t> TraceFile::close() {
  const auto problem = [this](std::string_view what) {
    return fail(fmt::format("{}: \"{}\": {}; what was written before can be read", option_, path_, what));
  };
  if (const auto written = writer_->status(); !written) return problem(written.error().message);
  const auto size = out_->tellp();
  errno = 0;
  out_->close();
  if (!*out_) return problem(std::generic_category().message(errno));
  return static_cast<std::uint64_t>(size);
}

}  // namespace paxoscope::cli
