#include "viz/app/window.h"

#include <GLFW/glfw3.h>
#include <backends/imgui_impl_glfw.h>
#include <fmt/format.h>
#include <imgui.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <deque>
#include <iterator>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "viz/app/painter.h"
#include "viz/app/x_errors.h"
#include "viz/model/contest.h"
#include "viz/model/text.h"

namespace paxoscope::viz {

namespace {

// Pictures drawn after the last input, so that what it started comes to rest; then only when something moves.
constexpr int kPicturesAfterInput = 4;
constexpr double kIdleSeconds = 0.25;

// The mouse went there, or a button there went down or up.
struct MouseEvent {
  ImVec2 at;
  int button = -1;  // -1: none
  bool down = false;
};

// What the callbacks leave for the loop, in the order in which it came.
struct Input {
  std::vector<KeyPress> keys;
  std::deque<MouseEvent> mouse;
  ImVec2 mouse_at = {0, 0};          // at the last of them
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
constexpr auto kNamed = std::to_array<Named>({{GLFW_KEY_LEFT, keys::left},
                                              {GLFW_KEY_RIGHT, keys::right},
                                              {GLFW_KEY_UP, keys::up},
                                              {GLFW_KEY_DOWN, keys::down},
                                              {GLFW_KEY_HOME, keys::home},
                                              {GLFW_KEY_END, keys::end},
                                              {GLFW_KEY_PAGE_UP, keys::page_up},
                                              {GLFW_KEY_PAGE_DOWN, keys::page_down},
                                              {GLFW_KEY_ENTER, keys::enter},
                                              {GLFW_KEY_KP_ENTER, keys::enter},
                                              {GLFW_KEY_ESCAPE, keys::escape},
                                              {GLFW_KEY_TAB, keys::tab},
                                              {GLFW_KEY_BACKSPACE, keys::backspace},
                                              {GLFW_KEY_DELETE, keys::del}});

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

void on_mouse(GLFWwindow* window, double x, double y) {
  Input& input = input_of(window);
  input.mouse_at = {static_cast<float>(x), static_cast<float>(y)};
  input.mouse.push_back({.at = input.mouse_at});
  wake(window);
}

void on_button(GLFWwindow* window, int button, int action, int) {
  Input& input = input_of(window);  // asking where the mouse is would say where it is by now
  if (button < ImGuiMouseButton_COUNT)
    input.mouse.push_back({.at = input.mouse_at, .button = button, .down = action == GLFW_PRESS});
  wake(window);
}

void on_enter(GLFWwindow* window, int entered) {
  constexpr float kNowhere = -std::numeric_limits<float>::max();  // as ImGui has it
  if (entered == GLFW_FALSE) input_of(window).mouse.push_back({.at = {kNowhere, kNowhere}});
  wake(window);
}

// ImGui 1.86 looks at the mouse once a picture, and its backend tells it the latest place. Two clicks within one slow
// picture would be one, and the end of a drag would be lost: so each picture gets at most one change of a button, where
// it was, and a button goes up in a picture of its own.
class Mouse {
 public:
  void tell(Input& input) {
    bool moved = false, changed = false;
    for (; !changed && !input.mouse.empty(); input.mouse.pop_front()) {
      const MouseEvent& event = input.mouse.front();
      changed = event.button >= 0;
      if (changed && !event.down && moved) break;
      moved = true;
      at_ = event.at;
      if (changed) down_[static_cast<std::size_t>(event.button)] = event.down;
    }
    if (!input.mouse.empty()) input.awake = kPicturesAfterInput;
    ImGuiIO& io = ImGui::GetIO();
    io.MousePos = at_;
    std::copy(down_.begin(), down_.end(), io.MouseDown);
  }

 private:
  ImVec2 at_ = {0, 0};
  std::array<bool, ImGuiMouseButton_COUNT> down_ = {};
};

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

// Tells on stdout what happens in the window, for who cannot see it: where everything is that can be clicked, then a
// line for each notice, each step of the tour, each thing that was opened, and where time stands still. What a click
// did is told with the picture after it, when the places are those that it led to.
class Narrator {
 public:
  Narrator(bool on, Screen& screen) : on_(on) {
    if (on) screen.touchables = std::make_unique<Touchables>();
  }
  bool owes() const { return !owed_.empty(); }
  void tell(const Screen& screen) {
    if (!on_) return;
    const Scope& scope = screen.scope();
    if (std::string places = all_places(*screen.touchables); places != places_) {
      places_ = std::move(places);
      fmt::print("{}\n", places_);
    }
    fmt::print("{}", std::exchange(owed_, ""));
    std::fflush(stdout);
    if (news(opened_, fmt::format("open: {}", scope.name()))) headline_ = stands_ = "";
    news(tour_, screen.touring() ? fmt::format("tour: {}", screen.tour_text()) : std::string());
    if (std::exchange(sayings_, scope.sayings()) != scope.sayings()) owed_ += fmt::format("say: {}\n", scope.said());
    news(headline_, fmt::format("headline: {}", contest_of(scope.moment()).text));
    news(stands_, scope.playing() ? std::string("playing")
                                  : fmt::format("at {}: {}", time_text(scope.now(), 9), scope.moment().last));
  }

 private:
  // "places: NAME = x y width height; ...". What moves with time is no place.
  static std::string all_places(const Touchables& touchables) {
    std::string text = "places:";
    for (const auto& [name, box] : touchables) {
      const bool moves = name.starts_with("message ") || name.starts_with("instance ") ||
                         name.starts_with("latency ") || name == "link";
      if (moves) continue;
      fmt::format_to(std::back_inserter(text), " {} = {:.0f} {:.0f} {:.0f} {:.0f};", name, box.a.x, box.a.y,
                     box.width(), box.height());
    }
    return text;
  }
  bool news(std::string& last, std::string now) {
    if (now == last) return false;
    if (!now.empty()) owed_ += now + "\n";
    last = std::move(now);
    return true;
  }
  bool on_;
  std::string owed_;
  std::string places_, opened_, tour_, headline_, stands_;
  std::uint64_t sayings_ = 0;
};

void run(GLFWwindow* window, Painter& painter, Input& input, bool narrate) {
  Narrator narrator(narrate, painter.screen());
  Mouse mouse;
  std::string title;
  double last = glfwGetTime();
  while (glfwWindowShouldClose(window) == GLFW_FALSE && !painter.screen().quit) {
    if (painter.scope().moving() || input.awake > 0 || narrator.owes()) {
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
    mouse.tell(input);
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
  let_dead_windows_pass();
  glfwMakeContextCurrent(window);
  glfwSwapInterval(1);
  Input input;
  glfwSetWindowUserPointer(window, &input);
  glfwSetKeyCallback(window, on_key);
  glfwSetCharCallback(window, on_character);
  glfwSetDropCallback(window, on_drop);
  glfwSetCursorPosCallback(window, on_mouse);
  glfwSetMouseButtonCallback(window, on_button);
  glfwSetCursorEnterCallback(window, on_enter);
  glfwSetScrollCallback(window, [](GLFWwindow* w, double, double) { wake(w); });
  glfwSetWindowRefreshCallback(window, wake);
  glfwSetWindowSizeCallback(window, [](GLFWwindow* w, int, int) { wake(w); });
  {
    const double scale = options.scale > 0 ? options.scale : display_scale(window);
    glfwSetWindowSizeLimits(window, static_cast<int>(kWidthWanted * scale), static_cast<int>(kHeightWanted * scale),
                            GLFW_DONT_CARE, GLFW_DONT_CARE);
    Painter painter(scope, settings, scale);
    ImGui_ImplGlfw_InitForOpenGL(window, true);  // calls our callbacks after its own
    const bool first = !settings.tour_seen && options.scenario.empty() && options.trace.empty();
    if (first || options.tour > 0) painter.screen().start_tour(options.tour);
    if (!options.trace.empty()) painter.screen().take_notes(options.trace);
    run(window, painter, input, options.narrate);
    painter.screen().keep_notes();
    glfwGetWindowSize(window, &settings.width, &settings.height);
    ImGui_ImplGlfw_Shutdown();
  }
  glfwDestroyWindow(window);
  return {};
}

}  // namespace paxoscope::viz
