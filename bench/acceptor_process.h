// `paxoscope serve` as a process of its own, for benchmarks and tests that need acceptors which can be killed.
#pragma once

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <csignal>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "core/error.h"
#include "core/wire/address.h"

namespace paxoscope {

// Not thread-safe. Killed when it goes out of scope.
class AcceptorProcess {
 public:
  // program: the path of paxoscope. options: more of `paxoscope serve`.
  AcceptorProcess(std::string program, int id, std::filesystem::path data, std::vector<std::string> options = {})
      : program_(std::move(program)), id_(id), data_(std::move(data)), options_(std::move(options)) {}
  ~AcceptorProcess() { kill(); }
  AcceptorProcess(const AcceptorProcess&) = delete;
  AcceptorProcess& operator=(const AcceptorProcess&) = delete;

  // Returns when it listens: on a port that is free, and on the same one whenever it is started again.
  Expected<void> start() {
    std::array<int, 2> pipe{};
    if (::pipe2(pipe.data(), O_CLOEXEC) != 0) return fail("no pipe for an acceptor");
    std::vector<std::string> words = {program_, "serve", fmt::format("--acceptor={}", id_), "--data=" + data_.string(),
                                      fmt::format("--listen=127.0.0.1:{}", port_)};
    words.insert(words.end(), options_.begin(), options_.end());
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    posix_spawn_file_actions_t actions{};
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, pipe[1], STDOUT_FILENO);
    const int failed = ::posix_spawn(&pid_, program_.c_str(), &actions, nullptr, arguments.data(), environ);
    ::posix_spawn_file_actions_destroy(&actions);
    ::close(pipe[1]);
    std::string line;
    for (char c = 0; failed == 0 && ::read(pipe[0], &c, 1) == 1 && c != '\n';) line += c;
    ::close(pipe[0]);
    if (failed != 0) pid_ = -1;
    const std::size_t at = line.find("127.0.0.1:");
    if (at == std::string::npos) return fail(fmt::format("acceptor {} did not start ({})", id_, program_));
    std::from_chars(line.data() + at + 10, line.data() + line.size(), port_);
    return {};
  }

  void kill() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    pid_ = -1;
  }

  // It neither answers nor refuses any more, as a machine that hangs, until it is to go on.
  void stop() const { ::kill(pid_, SIGSTOP); }
  void go_on() const { ::kill(pid_, SIGCONT); }

  wire::Address address() const { return {"127.0.0.1", port_}; }
  const std::filesystem::path& data() const { return data_; }

 private:
  std::string program_;
  int id_;
  std::filesystem::path data_;
  std::vector<std::string> options_;
  pid_t pid_ = -1;
  std::uint16_t port_ = 0;
};

}  // namespace paxoscope
