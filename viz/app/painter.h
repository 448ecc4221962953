// Draws a scope into whatever OpenGL context is current: ImGui's context, its OpenGL 3 backend, our fonts and screen.
#pragma once

#include <string>

#include "core/error.h"
#include "viz/view/screen.h"

namespace paxoscope::viz {

// Owns the ImGui context. An OpenGL context must be current during its whole life.
class Painter {
 public:
  Painter(Scope& scope, Settings& settings, double scale);
  ~Painter();
  Painter(const Painter&) = delete;
  Painter& operator=(const Painter&) = delete;

  Scope& scope() { return scope_; }
  Screen& screen() { return screen_; }
  // Pixels; for pictures without a window, whose backend says it otherwise.
  void set_size(int width, int height);
  // `seconds`: since the last picture.
  void paint(double seconds);
  // What the last picture took, in seconds: of CPU time what is ours (the model and the draw lists), and of wall time
  // all of it with OpenGL's part, which is finished.
  struct Cost {
    double ours = 0, all = 0;
  };
  Cost paint_and_time(double seconds);
  // Whether something that passes with time is on the screen.
  bool waiting() const { return !scope_.said().empty() || screen_.busy(); }
  // What is on the screen, as SVG or PNG by the file's ending.
  Expected<void> export_to(const std::string& path);

 private:
  void build(double seconds);
  void render();

  Scope& scope_;
  Screen screen_;
  bool dark_;
  float scale_;
};

}  // namespace paxoscope::viz
