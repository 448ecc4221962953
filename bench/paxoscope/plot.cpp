#include "bench/paxoscope/plot.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <string>
#include <system_error>
#include <vector>

#include <plot_script.h>

#include "bench/paxoscope/terminal.h"

namespace paxoscope::cli {

namespace {

// A folder that is gone, with what is in it, when this is.
class TemporaryFolder {
 public:
  TemporaryFolder() : path_((std::filesystem::temp_directory_path() / "paxoscope-XXXXXX").string()) {
    if (mkdtemp(path_.data()) == nullptr) path_.clear();
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  std::string file(const std::string& name) const { return path_ + "/" + name; }
  bool write(const std::string& name, const std::string& text) const {
    if (path_.empty()) return false;
    std::ofstream out(file(name), std::ios::binary);
    return static_cast<bool>(out << text << std::flush);
  }

 private:
  std::string path_;
};

struct Result {
  int status = -1;
  std::string last_line;  // of standard error
};

// Ends the child when Ctrl-C comes: an answer to that must not wait for a picture.
Result run_python(std::initializer_list<const char*> arguments) {
  // Debian's own Python first: matplotlib is installed for it, and not for whatever else is called python3.
  std::vector<const char*> words{access("/usr/bin/python3", X_OK) == 0 ? "/usr/bin/python3" : "python3"};
  words.insert(words.end(), arguments);
  words.push_back(nullptr);
  int ends[2];
  if (pipe(ends) != 0) return {};
  const pid_t child = fork();
  if (child == 0) {
    dup2(ends[1], STDERR_FILENO);
    close(ends[0]);
    close(ends[1]);
    // execvp promises not to write to them; its signature is older than const.
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast)
    execvp(words[0], const_cast<char* const*>(words.data()));
    _exit(127);
  }
  close(ends[1]);
  Result result;
  std::string text;
  std::array<char, 4096> buffer{};
  pollfd readable{ends[0], POLLIN, 0};
  while (true) {
    if (interrupted()) kill(child, SIGKILL);
    if (poll(&readable, 1, 50) <= 0) continue;
    const ssize_t n = read(ends[0], buffer.data(), buffer.size());
    if (n <= 0) break;
    text.append(buffer.data(), static_cast<std::size_t>(n));
  }
  close(ends[0]);
  int status = 0;
  if (child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status)) result.status = WEXITSTATUS(status);
  while (!text.empty() && text.back() == '\n') text.pop_back();
  result.last_line = text.substr(text.rfind('\n') + 1);
  return result;
}

}  // namespace

Expected<std::string> plot_format(const std::string& path) {
  for (const char* format : {"svg", "png", "pdf"}) {
    if (!path.ends_with(std::string(".") + format)) continue;
    const Result found =
        run_python({"-c", "import importlib.util as i, sys; sys.exit(3 if i.find_spec('matplotlib') is None else 0)"});
    if (found.status != 0) return fail("--plot needs matplotlib: sudo apt-get install python3-matplotlib");
    return format;
  }
  return fail(fmt::format("--plot is \"{}\"; allowed: a file that ends in .svg, .png or .pdf", path));
}

Expected<bool> plot(const std::string& json, const std::string& format, const std::string& path) {
  const TemporaryFolder folder;
  if (!folder.write("plot.py", kPlotScript) || !folder.write("plot_answers.py", kPlotAnswersScript) ||
      !folder.write("data.json", json)) {
    return fail("--plot: no room for temporary files; set TMPDIR to a folder with room");
  }
  const std::string script = folder.file("plot.py"), data = folder.file("data.json");
  const Result result = run_python({script.c_str(), data.c_str(), format.c_str(), path.c_str()});
  if (result.status == 0) return true;
  if (interrupted()) return fail("--plot: interrupted while drawing; the other results are whole");
  return fail(fmt::format("--plot: {}", result.last_line.empty() ? "the plotting program failed" : result.last_line));
}

}  // namespace paxoscope::cli
