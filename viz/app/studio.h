// Pictures of a scope without a window: for --screenshot, --record and --export. The same options give the same
// picture, to the last byte, on every machine with the same packages.
#pragma once

#include "core/error.h"
#include "viz/app/options.h"
#include "viz/view/scope.h"
#include "viz/view/settings.h"

namespace paxoscope::viz {

// Writes what `options` ask for.
Expected<void> take_pictures(Scope& scope, Settings& settings, const Options& options);

}  // namespace paxoscope::viz
