// The window on a display: GLFW, its input, and the loop that draws when something has changed.
#pragma once

#include "core/error.h"
#include "viz/app/options.h"
#include "viz/view/scope.h"
#include "viz/view/settings.h"

namespace paxoscope::viz {

// Shows the scope until the window is closed. Fails, in one line that says what to install, when there is no display
// or no OpenGL 3.
Expected<void> show_window(Scope& scope, Settings& settings, const Options& options);

}  // namespace paxoscope::viz
