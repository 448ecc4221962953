#include "viz/app/offscreen.h"

#define GL_GLEXT_PROTOTYPES  // OpenGL 3's functions are exported by the library
#include <EGL/egl.h>
#include <EGL/eglext.h>
#include <GL/gl.h>
#include <GL/glext.h>
#include <fmt/format.h>
#include <stb/stb_image_write.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <fstream>
#include <system_error>

namespace paxoscope::viz {

namespace {

constexpr const char* kNoOpenGl = "no OpenGL 3 without a display: sudo apt-get install libegl1 libgl1-mesa-dri";

}  // namespace

Expected<std::unique_ptr<Offscreen>> Offscreen::make(int width, int height) {
  EGLDisplay display = eglGetPlatformDisplay(EGL_PLATFORM_SURFACELESS_MESA, nullptr, nullptr);
  if (display == EGL_NO_DISPLAY || eglInitialize(display, nullptr, nullptr) == EGL_FALSE) return fail(kNoOpenGl);
  constexpr std::array<EGLint, 5> kConfig = {EGL_RENDERABLE_TYPE, EGL_OPENGL_BIT, EGL_SURFACE_TYPE, 0, EGL_NONE};
  constexpr std::array<EGLint, 5> kContext = {EGL_CONTEXT_MAJOR_VERSION, 3, EGL_CONTEXT_MINOR_VERSION, 0, EGL_NONE};
  EGLConfig config = nullptr;
  EGLint count = 0;
  EGLContext context = EGL_NO_CONTEXT;
  if (eglBindAPI(EGL_OPENGL_API) == EGL_TRUE &&
      eglChooseConfig(display, kConfig.data(), &config, 1, &count) == EGL_TRUE && count > 0) {
    context = eglCreateContext(display, config, EGL_NO_CONTEXT, kContext.data());
  }
  if (context == EGL_NO_CONTEXT || eglMakeCurrent(display, EGL_NO_SURFACE, EGL_NO_SURFACE, context) == EGL_FALSE) {
    eglTerminate(display);
    return fail(kNoOpenGl);
  }
  return std::unique_ptr<Offscreen>(new Offscreen(display, context, width, height));
}

Offscreen::Offscreen(void* display, void* context, int width, int height)
    : display_(display), context_(context), width_(width), height_(height) {
  glGenTextures(1, &colour_);
  glBindTexture(GL_TEXTURE_2D, colour_);
  glTexImage2D(GL_TEXTURE_2D, 0, GL_RGBA8, width, height, 0, GL_RGBA, GL_UNSIGNED_BYTE, nullptr);
  glGenFramebuffers(1, &framebuffer_);
  glBindFramebuffer(GL_FRAMEBUFFER, framebuffer_);
  glFramebufferTexture2D(GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, GL_TEXTURE_2D, colour_, 0);
}

Offscreen::~Offscreen() {
  glDeleteFramebuffers(1, &framebuffer_);
  glDeleteTextures(1, &colour_);
  eglMakeCurrent(display_, EGL_NO_SURFACE, EGL_NO_SURFACE, EGL_NO_CONTEXT);
  eglDestroyContext(display_, context_);
  eglTerminate(display_);
}

Picture Offscreen::read() const {
  return read_picture(width_, height_);
}

Picture read_picture(int width, int height) {
  Picture picture{width, height, {}};
  const auto row = static_cast<std::size_t>(width) * 3;
  std::vector<std::uint8_t> upside_down(row * static_cast<std::size_t>(height));
  glPixelStorei(GL_PACK_ALIGNMENT, 1);
  glReadPixels(0, 0, width, height, GL_RGB, GL_UNSIGNED_BYTE, upside_down.data());
  picture.pixels.resize(upside_down.size());
  for (std::size_t y = 0; y < static_cast<std::size_t>(height); ++y) {
    const std::size_t from = (static_cast<std::size_t>(height) - 1 - y) * row;
    std::copy_n(upside_down.begin() + static_cast<std::ptrdiff_t>(from), row,
                picture.pixels.begin() + static_cast<std::ptrdiff_t>(y * row));
  }
  return picture;
}

Expected<void> write_png(const Picture& picture, const std::string& path) {
  std::string bytes;
  const auto append = [](void* to, void* data, int size) {
    static_cast<std::string*>(to)->append(static_cast<const char*>(data), static_cast<std::size_t>(size));
  };
  stbi_write_png_to_func(append, &bytes, picture.width, picture.height, 3, picture.pixels.data(), picture.width * 3);
  return write_file(bytes, path);
}

Expected<void> write_file(const std::string& bytes, const std::string& path) {
  errno = 0;
  std::ofstream file(path, std::ios::binary);
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  file.close();
  if (!file) return fail(fmt::format("cannot write {}: {}", path, std::generic_category().message(errno)));
  return {};
}

}  // namespace paxoscope::viz
