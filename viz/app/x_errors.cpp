#include "viz/app/x_errors.h"

#include <X11/Xlib.h>

namespace paxoscope::viz {

namespace {

XErrorHandler before = nullptr;

int on_error(Display* display, XErrorEvent* error) {
  return error->error_code == BadWindow ? 0 : before(display, error);
}

}  // namespace

void let_dead_windows_pass() {
  before = XSetErrorHandler(on_error);
}

}  // namespace paxoscope::viz
