// A failing schedule of faults made as small as it can be while it still fails.
#pragma once

#include <functional>

#include "core/simulation/faults.h"

namespace paxoscope {

// Whether a run under this plan still shows the failure.
using StillFails = std::function<bool(const FaultPlan&)>;

// Delta debugging (Zeller, Hildebrandt: "Simplifying and isolating failure-inducing input", IEEE TSE 28, 2002): first
// over the faults, then over the nodes of each, then each is made as short as halving can make it. What comes back
// fails, and no single fault can be left out of it. `failing` must fail and have no swarm (draw it first).
FaultPlan shrink(const FaultPlan& failing, const StillFails& still_fails);

}  // namespace paxoscope
