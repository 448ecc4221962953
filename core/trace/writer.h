// Writes a trace file (file_format.h) as the run goes. What flush() has written is readable at once.
#pragma once

#include <ostream>
#include <span>
#include <string>
#include <string_view>

#include "core/error.h"
#include "core/trace/sink.h"

namespace paxoscope {

// Not thread-safe. The stream (binary, at its beginning) must outlive the writer. After a failed write nothing more is
// written and every call reports that first failure; push(), which a host calls, leaves it to the others.
class TraceWriter final : public TraceSink {
 public:
  // Writes the header. metadata: a JSON object in text, at most trace_format::kMetadataMax bytes.
  static Expected<TraceWriter> begin(std::ostream& out, std::string_view metadata);

  // Events of one agent come in the order of their sequence; others may come in between.
  using TraceSink::push;
  void push(const PackedEvent& event) override;

  // Hands what is buffered to the stream, as a block of its own, and flushes the stream.
  Expected<void> flush() override;

  // Ends the file. totals: of every agent that had a Recorder; more than one of one agent is refused by readers.
  Expected<void> finish(std::span<const AgentTotal> totals) override;

  // The first write that failed, if one did.
  Expected<void> status() const;

  std::uint64_t events() const { return events_; }

 private:
  explicit TraceWriter(std::ostream& out) : out_(&out) {}
  void write_events();
  void write(std::string_view bytes);

  std::ostream* out_;
  std::string payload_;  // of the block that is being filled
  std::string error_;    // empty: none
  std::uint64_t events_ = 0;
  std::uint64_t blocks_ = 0;
  std::uint64_t offset_ = 0;
};

}  // namespace paxoscope
