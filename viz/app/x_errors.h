// X errors that others cause.
#pragma once

namespace paxoscope::viz {

// An X error ends a program, unless it says otherwise. One kind is nobody's fault here: who drags a file onto the
// window and dies before it is answered leaves a window that is no more. That is let pass; any other error ends the
// program as before. To be called once the window is there: GLFW 3.3 puts X's own handler back whenever it has had one
// of its own.
void let_dead_windows_pass();

}  // namespace paxoscope::viz
