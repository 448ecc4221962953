// Opens a trace file: one thread decodes it, another indexes what was decoded, and a third judges the whole by the
// rules once it can be looked at.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <thread>

#include "core/error.h"
#include "viz/model/take.h"

namespace paxoscope::viz {

// A file that has been read. Not thread-safe.
class ReplaySource : public Source {
 public:
  ReplaySource(Take take, std::string remark);
  ~ReplaySource() override;
  ReplaySource(const ReplaySource&) = delete;
  ReplaySource& operator=(const ReplaySource&) = delete;

  const Take& take() const override { return take_; }
  // Takes over the judges' findings when they are done. Call it once a frame. True: the take has changed.
  bool poll() override;
  // One line: what the file lacks ("offset 812: block 3 is damaged ..."), or empty when it is whole.
  const std::string& remark() const { return remark_; }

 private:
  struct Judges;
  Take take_;
  std::string remark_;
  std::unique_ptr<Judges> judges_;
};

// Reads a file while the window goes on drawing. Called from one thread.
class TraceLoader {
 public:
  // Fails at once when the file cannot be read or is no trace.
  static Expected<std::unique_ptr<TraceLoader>> open(const std::string& path);
  ~TraceLoader();  // stops reading

  double progress() const;  // 0 .. 1, of the file's bytes
  bool done() const;
  // Once, when it is done or to wait until it is.
  std::unique_ptr<ReplaySource> take();

 private:
  class Handover;
  struct Work;
  explicit TraceLoader(std::unique_ptr<Work> work);
  std::unique_ptr<Work> work_;
};

// The same in one call.
Expected<std::unique_ptr<ReplaySource>> open_trace(const std::string& path);

// How much of a history passes in a second at speed 1, so that a person can follow: some round trips.
Nanos pace_of(const History& history);

// Fills in what the metadata of a trace says, or else what its lanes show.
void read_metadata(std::string_view metadata, Take& take);

}  // namespace paxoscope::viz
