// Pictures without a display: OpenGL on an EGL context that has no surface, into a framebuffer of our own.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/error.h"

namespace paxoscope::viz {

struct Picture {
  int width = 0, height = 0;
  std::vector<std::uint8_t> pixels;  // rows from top to bottom, RGB
};

// The context is current on the thread that made it, until it is destroyed.
class Offscreen {
 public:
  // Fails, in one line that says what to install, when there is no OpenGL 3.
  static Expected<std::unique_ptr<Offscreen>> make(int width, int height);
  ~Offscreen();
  Offscreen(const Offscreen&) = delete;
  Offscreen& operator=(const Offscreen&) = delete;

  Picture read() const;  // what has been drawn

 private:
  Offscreen(void* display, void* context, int width, int height);
  void* display_;
  void* context_;
  int width_, height_;
  unsigned framebuffer_ = 0, colour_ = 0;
};

// Of the framebuffer that is being drawn to, whatever it is.
Picture read_picture(int width, int height);

Expected<void> write_file(const std::string& bytes, const std::string& path);
Expected<void> write_png(const Picture& picture, const std::string& path);

}  // namespace paxoscope::viz
