#include "core/wire/log.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

namespace paxoscope::wire {

namespace {

constexpr std::size_t kSnapshotBlock = 1U << 20U;  // bytes of payload in the blocks of a compacted log
constexpr std::uint64_t kRoom = 1U << 20U;         // bytes that the file grows by
constexpr int kMode = 0644;

std::string why() {
  return std::error_code(errno, std::generic_category()).message();
}

tl::unexpected<Error> cannot(std::string_view what, const std::string& path) {
  return fail(fmt::format("cannot {} {}: {}", what, path, why()));
}

bool write_all(const File& file, std::string_view bytes, std::uint64_t offset) {
  while (!bytes.empty()) {
    const ssize_t written = ::pwrite(file.get(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
    offset += static_cast<std::uint64_t>(written);
  }
  return true;
}

Expected<std::string> read_file(const std::string& path) {
  const File file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat status {};
  if (!file || ::fstat(file.get(), &status) != 0) return cannot("read", path);
  std::string bytes(static_cast<std::size_t>(status.st_size), '\0');
  for (std::size_t have = 0; have < bytes.size();) {
    const ssize_t got = ::pread(file.get(), bytes.data() + have, bytes.size() - have, static_cast<off_t>(have));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return cannot("read", path);
    if (got == 0) bytes.resize(have);  // it became shorter meanwhile
    have += static_cast<std::size_t>(got);
  }
  return bytes;
}

}  // namespace

File& File::operator=(File&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

File::~File() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Expected<AcceptorLog> AcceptorLog::open(const std::string& directory, AcceptorId acceptor, bool history,
                                        const LogVisitor& visitor) {
  AcceptorLog log(directory, acceptor, history);
  if (const auto locked = log.lock(); !locked) return tl::unexpected(locked.error());
  std::error_code error;
  const bool there = std::filesystem::exists(log.path(), error);
  if (error) return fail(fmt::format("cannot look for {}: {}", log.path(), error.message()));
  const auto ready = there ? log.recover(visitor) : log.create();
  if (!ready) return tl::unexpected(ready.error());
  return log;
}

Expected<void> AcceptorLog::lock() {
  std::error_code error;
  const bool made = std::filesystem::create_directories(directory_, error);
  if (error) return fail(fmt::format("cannot make the directory {}: {}", directory_, error.message()));
  if (made) {
    const File parent(::open((directory_ + "/..").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!parent || ::fsync(parent.get()) != 0) return cannot("flush the directory above", directory_);
  }
  folder_ = File(::open(directory_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder_) return cannot("open", directory_);
  if (::flock(folder_.get(), LOCK_EX | LOCK_NB) != 0) {
    return fail(fmt::format("{} is in use by another acceptor", directory_));
  }
  return {};
}

Expected<void> AcceptorLog::create() {
  return compact([](const auto&) {});
}

Expected<void> AcceptorLog::recover(const LogVisitor& visitor) {
  const auto bytes = read_file(path());
  if (!bytes) return tl::unexpected(bytes.error());
  const auto scan = scan_log(*bytes, visitor);
  if (!scan) return fail(fmt::format("{}: {}", path(), scan.error().message));
  if (scan->acceptor != acceptor_) {
    return fail(fmt::format("{} is the log of acceptor {}, not of {}", path(), scan->acceptor, acceptor_));
  }
  file_ = File(::open(path().c_str(), O_WRONLY | O_CLOEXEC));
  if (!file_) return cannot("open", path());
  if (::ftruncate(file_.get(), static_cast<off_t>(scan->whole)) != 0) return cannot("cut", path());
  // What was read may not have been on the disk yet, and is told from now on.
  if (::fdatasync(file_.get()) != 0) return cannot("flush", path());
  bytes_ = scan->whole;
  first_sequence_ = scan->first_sequence;
  sequence_ = scan->next_sequence;
  return {};
}

Expected<void> AcceptorLog::commit() {
  if (broken_) return fail(path() + " is broken: nothing can be promised any more");
  if (payload_.empty()) return {};
  const std::string block = log_format::block(sequence_, payload_);
  payload_.clear();
  make_room(bytes_ + block.size());
  if (!write_all(file_, block, bytes_)) {
    const auto error = cannot("write", path());
    broken_ = ::ftruncate(file_.get(), static_cast<off_t>(bytes_)) != 0;
    room_ = 0;
    return error;
  }
  if (::fdatasync(file_.get()) != 0) {
    broken_ = true;  // the kernel may have dropped what it could not write: nobody knows what is on the disk
    return cannot("flush", path());
  }
  bytes_ += block.size();
  ++sequence_;
  return {};
}

// A flush is faster when the file need not become longer. If there is no room, or the file system cannot do this, the
// write itself will tell.
void AcceptorLog::make_room(std::uint64_t end) {
  if (end <= room_) return;
  const bool made =
      ::fallocate(file_.get(), 0, static_cast<off_t>(bytes_), static_cast<off_t>(end - bytes_ + kRoom)) == 0;
  room_ = made ? end + kRoom : 0;
}

Expected<void> AcceptorLog::compact(
    const std::function<void(const std::function<void(const StateRecord&)>&)>& write_states) {
  const std::string fresh = path() + ".new";
  File file(::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, kMode));
  if (!file) return cannot("make", fresh);
  std::uint64_t bytes = 0;
  std::uint64_t sequence = sequence_;
  bool ok = true;
  const auto write = [&](const std::string& part) {
    ok = ok && write_all(file, part, bytes);
    bytes += part.size();
  };
  const auto write_block = [&](std::string& payload) {
    if (!payload.empty()) write(log_format::block(sequence++, payload));
    payload.clear();
  };
  std::string payload;
  write(log_format::header(acceptor_, sequence));
  write_states([&](const StateRecord& record) {
    log_format::add(payload, record);
    if (payload.size() >= kSnapshotBlock) write_block(payload);
  });
  write_block(payload);
  if (!ok || ::fdatasync(file.get()) != 0) {
    const auto error = cannot("write", fresh);
    ::unlink(fresh.c_str());
    return error;
  }
  if (history_ && file_) {
    const std::string kept = fmt::format("{}.{}", path(), first_sequence_);
    if (::link(path().c_str(), kept.c_str()) != 0 && errno != EEXIST) return cannot("make", kept);
  }
  if (::rename(fresh.c_str(), path().c_str()) != 0 || ::fsync(folder_.get()) != 0) {
    broken_ = true;  // a restart may find either of the two, and only one can be gone on with
    return cannot("replace", path());
  }
  file_ = std::move(file);
  bytes_ = bytes;
  room_ = 0;
  first_sequence_ = std::exchange(sequence_, sequence);
  return {};
}

Expected<std::vector<Event>> read_history(const std::string& directory, AcceptorId acceptor) {
  std::vector<std::pair<std::uint64_t, std::string>> logs;  // by their first block
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    if (!entry.path().filename().string().starts_with("acceptor.log") || entry.path().extension() == ".new") continue;
    auto bytes = read_file(entry.path());
    if (!bytes) return tl::unexpected(bytes.error());
    const auto scan = scan_log(*bytes, {[](const StateRecord&) { return Expected<void>(); }, {}});
    if (!scan) return fail(fmt::format("{}: {}", entry.path().string(), scan.error().message));
    if (scan->acceptor == acceptor) logs.emplace_back(scan->first_sequence, std::move(*bytes));
  }
  std::sort(logs.begin(), logs.end());
  // Killed between keeping the old log and replacing it, an acceptor goes on in a log that has both names.
  logs.erase(std::unique(logs.begin(), logs.end()), logs.end());
  std::vector<Event> events;
  std::uint64_t next = logs.empty() ? 0 : logs.front().first;
  for (const auto& [first, bytes] : logs) {
    if (first != next) return fail(fmt::format("{}: blocks {} to {} are missing", directory, next, first));
    const auto scan = scan_log(bytes, {[](const StateRecord&) { return Expected<void>(); },
                                       [&](const Event& event) {
                                         events.push_back(event);
                                         events.back().sequence = static_cast<std::uint32_t>(events.size() - 1);
                                       }});
    next = scan->next_sequence;
  }
  return events;
}

}  // namespace paxoscope::wire
