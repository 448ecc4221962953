#include "viz/app/painter.h"

#include <GL/gl.h>
#include <backends/imgui_impl_opengl3.h>
#include <fmt/core.h>
#include <imgui.h>

#include <ctime>
#include <utility>

#include "viz/app/offscreen.h"
#include "viz/view/fonts.h"
#include "viz/view/svg_canvas.h"

namespace paxoscope::viz {

Painter::Painter(Scope& scope, Settings& settings, double scale)
    : scope_(scope),
      screen_(scope, settings, static_cast<float>(scale)),
      dark_(settings.dark),
      scale_(static_cast<float>(scale)) {
  IMGUI_CHECKVERSION();
  ImGui::CreateContext();
  ImGui::GetIO().IniFilename = nullptr;  // what is remembered is ours to write
  ImGui_ImplOpenGL3_Init("#version 130");
  if (const auto fonts = load_fonts(scale_); !fonts) fmt::print(stderr, "paxos_viz: {}\n", fonts.error().message);
  style_widgets(theme(dark_), scale_);
}

Painter::~Painter() {
  ImGui_ImplOpenGL3_Shutdown();
  ImGui::DestroyContext();
}

void Painter::set_size(int width, int height) {
  ImGui::GetIO().DisplaySize = {static_cast<float>(width), static_cast<float>(height)};
}

void Painter::paint(double seconds) {
  build(seconds);
  render();
  if (screen_.export_wish.empty()) return;
  const std::string path = std::exchange(screen_.export_wish, "");
  const auto written = export_to(path);
  scope_.say(written ? "saved as " + path : written.error().message);
}

Painter::Cost Painter::paint_and_time(double seconds) {
  const auto now = [](clockid_t clock) {
    timespec time{};
    clock_gettime(clock, &time);
    return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
  };
  const double began = now(CLOCK_MONOTONIC), used = now(CLOCK_THREAD_CPUTIME_ID);
  build(seconds);
  Cost cost;
  cost.ours = now(CLOCK_THREAD_CPUTIME_ID) - used;
  render();
  glFinish();
  cost.all = now(CLOCK_MONOTONIC) - began;
  return cost;
}

void Painter::build(double seconds) {
  ImGuiIO& io = ImGui::GetIO();
  io.DeltaTime = seconds > 0 ? static_cast<float>(seconds) : 1.0F / 60;
  if (dark_ != screen_.settings().dark) {
    dark_ = !dark_;
    style_widgets(theme(dark_), scale_);
  }
  scope_.advance(seconds);
  screen_.advance();
  ImGui_ImplOpenGL3_NewFrame();
  ImGui::NewFrame();
  screen_.draw();
  ImGui::Render();
}

void Painter::render() {
  const ImGuiIO& io = ImGui::GetIO();
  const ImVec4 back = ImGui::ColorConvertU32ToFloat4(scope_.theme().background);
  glViewport(0, 0, static_cast<int>(io.DisplaySize.x * io.DisplayFramebufferScale.x),
             static_cast<int>(io.DisplaySize.y * io.DisplayFramebufferScale.y));
  glClearColor(back.x, back.y, back.z, 1);
  glClear(GL_COLOR_BUFFER_BIT);
  ImGui_ImplOpenGL3_RenderDrawData(ImGui::GetDrawData());
}

Expected<void> Painter::export_to(const std::string& path) {
  const ImVec2 size = ImGui::GetIO().DisplaySize;
  if (!path.ends_with(".svg")) return write_png(read_picture(static_cast<int>(size.x), static_cast<int>(size.y)), path);
  SvgCanvas canvas(scale_, size, scope_.theme().background);
  screen_.draw_panels(canvas, size);
  return write_file(canvas.finish(), path);
}

}  // namespace paxoscope::viz
