// Reads a trace file (file_format.h), whole, damaged or still being written. Nothing in it is trusted: what is whole
// is delivered, what is not is skipped, and the first thing wrong is told in one line that names the byte offset.
#pragma once

#include <cstdint>
#include <istream>
#include <optional>
#include <string>
#include <vector>

#include "core/error.h"
#include "core/trace/gaps.h"

namespace paxoscope {

struct TraceStatus {
  std::optional<Error> error;  // the first thing wrong; none: the file is whole
  bool finished = false;       // the end block was reached
  std::uint64_t events = 0;    // delivered
  std::uint64_t refused = 0;   // events in whole blocks that no host could have recorded
  std::uint64_t skipped = 0;   // bytes in damaged blocks
  std::vector<AgentTotal> totals;
  std::vector<Gap> gaps;         // recorded and not delivered, as far as numbers and totals show
  std::uint64_t missing = 0;     // events in the gaps
  std::uint64_t open_ended = 0;  // agents with events and no total, so far

  // Everything that was recorded was delivered. Without it a check's verdict is incomplete at best.
  bool complete() const { return finished && !error && gaps.empty() && open_ended == 0; }
};

// Not thread-safe. The stream (binary, seekable) must outlive the reader.
class TraceReader {
 public:
  // An Error when it is no trace file, or of another version. A damaged header with these two right costs only the
  // metadata.
  static Expected<TraceReader> open(std::istream& in);

  // The JSON text of the header; "{}" when it is damaged.
  const std::string& metadata() const { return metadata_; }

  // The events of the next block, in `events` (replaced; at least one). False when there is none (yet): if a writer
  // is still at it, call again later and reading goes on where it stopped.
  // Delivered events are in range, and rise in number and do not fall in time within each agent.
  bool next(std::vector<Event>& events);

  // After what has been read so far.
  TraceStatus status() const;

 private:
  struct Block {
    std::uint32_t kind = 0, length = 0, count = 0, checksum = 0;
    std::uint64_t sequence = 0;
  };
  enum class Found : std::uint8_t { whole, damaged, cut };

  explicit TraceReader(std::istream& in) : in_(&in) {}
  std::uint64_t available();
  bool read(std::uint64_t offset, std::size_t length);
  void read_metadata();
  Found read_block(Block& block);
  std::string read_block_header(Block& block) const;
  void find_next_block();
  void take_events(const Block& block, std::vector<Event>& events);
  void take_totals(const Block& block);
  void problem(std::uint64_t offset, const std::string& what);

  std::istream* in_;
  std::string metadata_ = "{}";
  std::string bytes_;         // what was read last
  std::uint64_t offset_ = 0;  // of the next block
  std::uint64_t cut_ = 0;     // bytes of it that were there when it was last looked for
  std::uint64_t next_block_ = 0;
  GapFinder gap_finder_;
  TraceStatus status_;
};

// A whole trace in memory: 88 bytes an event.
struct Trace {
  std::string metadata;       // JSON
  std::vector<Event> events;  // in the order of the file: of time within an agent, not among them
  TraceStatus status;
};

Expected<Trace> read_trace(std::istream& in);
Expected<Trace> load_trace(const std::string& path);

// By time; where times are equal the order stays, so each agent's own order stays.
void order_by_time(std::vector<Event>& events);

}  // namespace paxoscope
