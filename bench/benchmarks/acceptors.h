// The acceptors that the benchmarks of the wire ask: processes for as long as a benchmark lasts, or those that
// `paxos_bench --peers` names.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "bench/acceptor_process.h"
#include "core/wire/address.h"

namespace paxoscope {

// What --peers names; empty without it. Set before any benchmark runs.
inline std::vector<wire::Address>& given_peers() {
  static std::vector<wire::Address> peers;
  return peers;
}

class Acceptors {
 public:
  Acceptors() : addresses_(given_peers()) {
    if (!addresses_.empty()) return;
    namespace fs = std::filesystem;
    const std::string program = fs::read_symlink("/proc/self/exe").parent_path() / "paxoscope";
    std::string name = (fs::temp_directory_path() / "paxoscope-bench-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    constexpr int kCount = 3;
    for (int id = 0; id < kCount && error_.empty(); ++id) {
      own_.push_back(std::make_unique<AcceptorProcess>(program, id, folder_ / std::to_string(id)));
      if (const auto started = own_.back()->start(); !started) error_ = started.error().message;
      addresses_.push_back(own_.back()->address());
    }
  }
  ~Acceptors() {
    own_.clear();
    if (!folder_.empty()) std::filesystem::remove_all(folder_);
  }
  Acceptors(const Acceptors&) = delete;
  Acceptors& operator=(const Acceptors&) = delete;

  const std::string& error() const { return error_; }
  const std::vector<wire::Address>& addresses() const { return addresses_; }
  AcceptorProcess* last() { return own_.empty() ? nullptr : own_.back().get(); }  // null: not ours to stop

 private:
  std::vector<wire::Address> addresses_;
  std::filesystem::path folder_;
  std::vector<std::unique_ptr<AcceptorProcess>> own_;
  std::string error_;
};

}  // namespace paxoscope
