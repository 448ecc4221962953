#include "viz/app/window.h"

#include <GLFW/glfw3.h>
#include <backends/imgui_impl_glfw.h>
#include <fmt/format.h>
#include <imgui.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "viz/app/painter.h"

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
  Key key;
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

void run(GLFWwindow* window, Painter& painter, Input& input) {
  double last = glfwGetTime();
  while (glfwWindowShouldClose(window) == GLFW_FALSE) {
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
  }
}

}  // namespace

Expected<void> show_window(Scope& scope, Settings& settings, const Options& options) {
  Glfw glfw;
  if (!glfw.start())
    return fail(
        "no display: start it on a desktop, or under sudo apt-get install xvfb; xvfb-run viz/run (or use "
        "--screenshot)");
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
    run(window, painter, input);
    glfwGetWindowSize(window, &settings.width, &settings.height);
    ImGui_ImplGlfw_Shutdown();
  }
  glfwDestroyWindow(window);
  return {};
}

}  // namespace paxoscope::viz
