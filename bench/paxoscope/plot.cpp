#include "bench/paxoscope/plot.h"

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <memory>

#include <plot_script.h>

namespace paxoscope::cli {

namespace {

// A file that is gone when this is.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& text)
      : path_((std::filesystem::temp_directory_path() / "paxoscope-XXXXXX").string()) {
    const int descriptor = mkstemp(path_.data());
    if (descriptor < 0) return;
    std::FILE* file = fdopen(descriptor, "wb");
    good_ = std::fwrite(text.data(), 1, text.size(), file) == text.size();
    good_ = std::fclose(file) == 0 && good_;
  }
  ~TemporaryFile() { std::remove(path_.c_str()); }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  bool good() const { return good_; }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
  bool good_ = false;
};

struct Result {
  int status = -1;
  std::string last_line;  // of standard error
};

Result run_python(const std::array<const char*, 6>& arguments) {
  int ends[2];
  if (pipe(ends) != 0) return {};
  const pid_t child = fork();
  if (child == 0) {
    dup2(ends[1], STDERR_FILENO);
    close(ends[0]);
    close(ends[1]);
    // execvp promises not to write to them; its signature is older than const.
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast)
    execvp(arguments[0], const_cast<char* const*>(arguments.data()));
    _exit(127);
  }
  close(ends[1]);
  Result result;
  std::string text;
  std::array<char, 4096> buffer{};
  for (ssize_t n = 0; (n = read(ends[0], buffer.data(), buffer.size())) > 0;) {
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
    if (path.ends_with(std::string(".") + format)) return format;
  }
  return fail(fmt::format("--plot is \"{}\"; allowed: a file that ends in .svg, .png or .pdf", path));
}

Expected<bool> plot(const std::string& json, const std::string& format, const std::string& path) {
  const TemporaryFile script(kPlotScript);
  const TemporaryFile data(json);
  if (!script.good() || !data.good())
    return fail("--plot: no room for a temporary file; set TMPDIR to a folder with room");
  // Debian's own Python first: matplotlib is installed for it, and not for whatever else is called python3.
  const char* python = access("/usr/bin/python3", X_OK) == 0 ? "/usr/bin/python3" : "python3";
  const Result result =
      run_python({python, script.path().c_str(), data.path().c_str(), format.c_str(), path.c_str(), nullptr});
  if (result.status == 0) return true;
  if (result.status == 127 || result.last_line.find("No module named") != std::string::npos) {
    return fail("--plot needs matplotlib: sudo apt-get install python3-matplotlib");
  }
  return fail(fmt::format("--plot: {}", result.last_line.empty() ? "the plotting program failed" : result.last_line));
}

}  // namespace paxoscope::cli
