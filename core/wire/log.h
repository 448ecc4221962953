// An acceptor's log on the disk: what is appended and committed outlives kill -9 at any instruction, and a loss of
// power if the disk honours fdatasync. The file is DIRECTORY/acceptor.log (log_format.h).
//
// Compaction writes the states into a new file beside it and renames that over the old: at every moment one of the two
// is there, whole. Not thread-safe; two processes cannot open the same directory.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/error.h"
#include "core/wire/log_format.h"

namespace paxoscope::wire {

// Owns a file descriptor.
class File {
 public:
  File() = default;
  explicit File(int descriptor) : descriptor_(descriptor) {}
  File(File&& other) noexcept : descriptor_(other.descriptor_) { other.descriptor_ = -1; }
  File& operator=(File&& other) noexcept;
  ~File();
  int get() const { return descriptor_; }
  explicit operator bool() const { return descriptor_ >= 0; }

 private:
  int descriptor_ = -1;
};

class AcceptorLog {
 public:
  // Makes the directory and an empty log if there is none; else hands every record to the visitor and cuts what an
  // interrupted write left. Refuses a log that is damaged, another acceptor's, or in use. history: old logs are kept
  // when they are compacted, as acceptor.log.N.
  static Expected<AcceptorLog> open(const std::string& directory, AcceptorId acceptor, bool history,
                                    const LogVisitor& visitor);

  // Adds to the block that the next commit writes, which holds at most log_format::kPayloadMax bytes.
  template <class Record>
  void append(const Record& record) {
    log_format::add(payload_, record);
  }

  // Waits until everything appended is on the disk. On an Error nothing of it is, and it is forgotten: a full disk does
  // that. If not even that much is certain, the log is broken: nothing can be committed any more, ever.
  Expected<void> commit();
  bool broken() const { return broken_; }

  // Replaces the log by one that begins with what `write_states` appends. Nothing may be waiting for a commit. On an
  // Error the old log stays as it is.
  Expected<void> compact(const std::function<void(const std::function<void(const StateRecord&)>&)>& write_states);

  std::uint64_t bytes() const { return bytes_; }  // of the log, all of them durable

 private:
  AcceptorLog(std::string directory, AcceptorId acceptor, bool history)
      : directory_(std::move(directory)), acceptor_(acceptor), history_(history) {}
  Expected<void> lock();
  Expected<void> create();
  Expected<void> recover(const LogVisitor& visitor);
  void make_room(std::uint64_t end);
  std::string path() const { return directory_ + "/acceptor.log"; }

  std::string directory_;
  File folder_;  // holds the lock
  File file_;
  std::string payload_;  // of the block that the next commit writes
  std::uint64_t bytes_ = 0;
  std::uint64_t room_ = 0;  // the file is allocated, and zero, from bytes_ to here; 0: it ends with bytes_
  std::uint64_t first_sequence_ = 0;
  std::uint64_t sequence_ = 0;  // of the next block
  AcceptorId acceptor_;
  bool history_;
  bool broken_ = false;
};

// The events of an acceptor that kept its history, in order, and numbered by Event::sequence.
Expected<std::vector<Event>> read_history(const std::string& directory, AcceptorId acceptor);

}  // namespace paxoscope::wire
