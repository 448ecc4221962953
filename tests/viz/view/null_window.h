// The window without a window: ImGui's context, fonts and input, and pictures that nobody sees.
#pragma once

#include <imgui.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "viz/model/scenarios.h"
#include "viz/view/fonts.h"
#include "viz/view/screen.h"
#include "viz/view/svg_canvas.h"

namespace paxoscope::viz {

// Owns the current ImGui context: one at a time.
class NullWindow {
 public:
  explicit NullWindow(std::string_view scenario, ImVec2 size = {1600, 1000}, float scale = 1)
      : context_(ImGui::CreateContext()),
        scope_(open_scenario(scenario).value(), std::string(scenario)),
        screen_(scope_, settings_, scale),
        size_(size),
        scale_(scale) {
    ImGui::GetIO().IniFilename = nullptr;
    ImGui::GetIO().DisplaySize = size;
    fonts_as_meant = load_fonts(scale).has_value();
  }
  ~NullWindow() { ImGui::DestroyContext(context_); }
  NullWindow(const NullWindow&) = delete;
  NullWindow& operator=(const NullWindow&) = delete;

  Scope& scope() { return scope_; }
  Screen& screen() { return screen_; }
  Settings& settings() { return settings_; }

  void draw(double seconds = 0) {
    ImGui::GetIO().DeltaTime = seconds > 0 ? static_cast<float>(seconds) : 1.0F / 60;
    scope_.advance(seconds);
    screen_.advance();
    ImGui::NewFrame();
    screen_.draw();
    ImGui::Render();
  }
  void press(std::uint32_t key, bool shift = false) {
    screen_.press({key, shift});
    draw();
  }
  void type(std::string_view text) {
    for (const char c : text) press(static_cast<unsigned char>(c));
  }
  void click(ImVec2 at) {
    ImGuiIO& io = ImGui::GetIO();
    io.MousePos = at;
    draw();
    io.MouseDown[0] = true;
    draw();
    io.MouseDown[0] = false;
    draw();
    io.MousePos = {-1e6F, -1e6F};
    draw();
  }
  // Clicks what has this name on the panels now; false: nothing has.
  bool click(const std::string& name) {
    const auto places = this->places();
    const auto found = places.find(name);
    if (found == places.end()) return false;
    click(found->second.centre());
    return true;
  }

  // The panels as SVG, and where everything that can be touched is.
  std::string svg() {
    SvgCanvas canvas(scale_, size_, scope_.theme().background);
    screen_.draw_panels(canvas, size_);
    return canvas.finish();
  }
  std::map<std::string, Box> places() {
    struct Places : SvgCanvas {
      using SvgCanvas::SvgCanvas;
      Touch touch(const Box& box, std::string_view name, std::string_view) override {
        places.emplace(name, box);
        return {};
      }
      std::map<std::string, Box> places;
    };
    Places canvas(scale_, size_, 0);
    screen_.draw_panels(canvas, size_);
    return canvas.places;
  }

  // Of everything that the last picture draws.
  static std::uint64_t hash() {
    std::uint64_t hash = 14695981039346656037U;  // FNV-1a
    const ImDrawData& data = *ImGui::GetDrawData();
    for (int list = 0; list < data.CmdListsCount; ++list) {
      const auto& vertices = data.CmdLists[list]->VtxBuffer;
      const auto* bytes = reinterpret_cast<const unsigned char*>(vertices.Data);
      for (std::size_t i = 0; i < static_cast<std::size_t>(vertices.Size) * sizeof(ImDrawVert); ++i)
        hash = (hash ^ bytes[i]) * 1099511628211U;
    }
    return hash;
  }
  static int vertices() { return ImGui::GetDrawData()->TotalVtxCount; }

  bool fonts_as_meant = false;

 private:
  ImGuiContext* context_;
  Settings settings_;
  Scope scope_;
  Screen screen_;
  ImVec2 size_;
  float scale_;
};

}  // namespace paxoscope::viz
