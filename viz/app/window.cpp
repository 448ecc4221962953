#include "viz/app/window.h"

#include <GLFW/glfw3.h>
#include <backends/imgui_impl_glfw.h>
#include <fmt/format.h>
#include <imgui.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "viz/app/painter.h"
#include "viz/model/text.h"

namespace paxoscope::viz {

namespace {

// Pictures drawn after the last input, so that what it started comes to rest; then only when something moves.
constexpr int kPicturesAfterInput = 4;
constexpr double kIdleSeconds = 0.25;

// What the callbacks leave for the loop, in the order in which it came.
struct Input {
  std::vector<KeyPress> keys;
  std::vector<std::string> dropped;  // files
  int awake = kPicturesAfterInput;
};

Input& input_of(GLFWwindow* window) {
  return *static_cast<Input*>(glfwGetWindowUserPointer(window));
}

struct Named {
  int code;
  std::uint32_t key;
};
constexpr auto kNamed = std::to_array<Named>({{GLFW_KEY_LEFT, kKeyLeft},
                                              {GLFW_KEY_RIGHT, kKeyRight},
                                              {GLFW_KEY_UP, kKeyUp},
                                              {GLFW_KEY_DOWN, kKeyDown},
                                              {GLFW_KEY_HOME, kKeyHome},
                                              {GLFW_KEY_END, kKeyEnd},
                                              {GLFW_KEY_PAGE_UP, kKeyPageUp},
                                              {GLFW_KEY_PAGE_DOWN, kKeyPageDown},
                                              {GLFW_KEY_ENTER, kKeyEnter},
                                              {GLFW_KEY_KP_ENTER, kKeyEnter},
                                              {GLFW_KEY_ESCAPE, kKeyEscape},
                                              {GLFW_KEY_TAB, kKeyTab},
                                              {GLFW_KEY_BACKSPACE, kKeyBackspace},
                                              {GLFW_KEY_DELETE, kKeyDelete}});

void on_key(GLFWwindow* window, int code, int, int action, int mods) {
  Input& input = input_of(window);
  input.awake = kPicturesAfterInput;
  if (action == GLFW_RELEASE) return;
  for (const Named& it : kNamed) {
    if (it.code == code) input.keys.push_back({it.key, (mods & GLFW_MOD_SHIFT) != 0});
  }
}

void on_character(GLFWwindow* window, unsigned character) {
  input_of(window).keys.push_back({character, false});
  input_of(window).awake = kPicturesAfterInput;
}

void on_drop(GLFWwindow* window, int count, const char** paths) {
  for (int i = 0; i < count; ++i) input_of(window).dropped.emplace_back(paths[i]);
  input_of(window).awake = kPicturesAfterInput;
}

void wake(GLFWwindow* window) {
  input_of(window).awake = kPicturesAfterInput;
}

// GLFW's own state ends with it.
class Glfw {
 public:
  bool start() { return started_ = glfwInit() == GLFW_TRUE; }
  Glfw() = default;
  Glfw(const Glfw&) = delete;
  Glfw& operator=(const Glfw&) = delete;
  ~Glfw() {
    if (started_) glfwTerminate();
  }

 private:
  bool started_ = false;
};

double display_scale(GLFWwindow* window) {
  float x = 1, y = 1;
  glfwGetWindowContentScale(window, &x, &y);
  return std::clamp(static_cast<double>(std::max(x, y)), 1.0, 3.0);
}

// Tells on stdout what happens in the window, for who cannot see it: a line for each notice, each step of the tour,
// each thing that was opened, and where time stands still.
class Narrator {
 public:
  explicit Narrator(bool on) : on_(on) {}
  void tell(Screen& screen) {
    if (!on_) return;
    const Scope& scope = screen.scope();
    line(opened_, fmt::format("open: {}", scope.name()));
    line(tour_, screen.touring() ? fmt::format("tour: {}", screen.tour_text()) : std::string());
    line(said_, scope.said().empty() ? std::string() : fmt::format("say: {}", scope.said()));
    line(stands_, scope.playing() ? std::string("playing")
                                  : fmt::format("at {}: {}", time_text(scope.now(), 9), scope.moment().last));
  }

 private:
  static void line(std::string& last, std::string now) {
    if (now == last) return;
    if (!now.empty()) fmt::print("{}\n", now);
    std::fflush(stdout);
    last = std::move(now);
  }
  bool on_;
  std::string opened_, tour_, said_, stands_;
};

void run(GLFWwindow* window, Painter& painter, Input& input, Narrator narrator) {
  std::string title;
  double last = glfwGetTime();
  while (glfwWindowShouldClose(window) == GLFW_FALSE && !painter.screen().quit) {
    if (painter.scope().moving() || input.awake > 0) {
      glfwPollEvents();
    } else {
      glfwWaitEventsTimeout(kIdleSeconds);
      if (input.awake == 0 && !painter.waiting()) {
        last = glfwGetTime();
        continue;  // nothing has changed, so neither does the picture
      }
    }
    input.awake = std::max(0, input.awake - 1);
    for (const KeyPress& key : input.keys) painter.screen().press(key);
    for (const std::string& path : input.dropped) painter.screen().open_file(path);
    input.keys.clear();
    input.dropped.clear();
    ImGui_ImplGlfw_NewFrame();
    const double now = glfwGetTime();
    painter.paint(std::clamp(now - last, 1e-4, 0.1));
    last = now;
    glfwSwapBuffers(window);
    narrator.tell(painter.screen());
    if (std::exchange(title, painter.scope().take().title) != painter.scope().take().title)
      glfwSetWindowTitle(window, fmt::format("Paxoscope: {}", title).c_str());
  }
}

}  // namespace

Expected<void> show_window(Scope& scope, Settings& settings, const Options& options) {
  Glfw glfw;
  if (!glfw.start())
    return fail(
        "no display: start it on a desktop, use --screenshot=FILE, or: sudo apt-get install xvfb; xvfb-run viz/run");
  glfwWindowHint(GLFW_CONTEXT_VERSION_MAJOR, 3);
  glfwWindowHint(GLFW_CONTEXT_VERSION_MINOR, 0);
  GLFWwindow* window = glfwCreateWindow(settings.width, settings.height, "Paxoscope", nullptr, nullptr);
  if (window == nullptr) return fail("no OpenGL 3 on this display: sudo apt-get install libgl1-mesa-dri");
  glfwMakeContextCurrent(window);
  glfwSwapInterval(1);
  Input input;
  glfwSetWindowUserPointer(window, &input);
  glfwSetKeyCallback(window, on_key);
  glfwSetCharCallback(window, on_character);
  glfwSetDropCallback(window, on_drop);
  glfwSetCursorPosCallback(window, [](GLFWwindow* w, double, double) { wake(w); });
  glfwSetMouseButtonCallback(window, [](GLFWwindow* w, int, int, int) { wake(w); });
  glfwSetScrollCallback(window, [](GLFWwindow* w, double, double) { wake(w); });
  glfwSetWindowRefreshCallback(window, wake);
  glfwSetWindowSizeCallback(window, [](GLFWwindow* w, int, int) { wake(w); });
  {
    Painter painter(scope, settings, options.scale > 0 ? options.scale : display_scale(window));
    ImGui_ImplGlfw_InitForOpenGL(window, true);  // calls our callbacks after its own
    if (!settings.tour_seen && options.scenario.empty() && options.trace.empty()) painter.screen().start_tour();
    if (!options.trace.empty()) painter.screen().take_notes(options.trace);
    run(window, painter, input, Narrator(options.narrate));
    painter.screen().keep_notes();
    glfwGetWindowSize(window, &settings.width, &settings.height);
    ImGui_ImplGlfw_Shutdown();
  }
  glfwDestroyWindow(window);
  return {};
}

}  // namespace paxoscope::viz
