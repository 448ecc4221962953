// From a failure in virtual time to something to look at: the command that shows it again, and a smaller schedule that
// shows it too.
#pragma once

#include <functional>
#include <string>

#include "core/experiment/report.h"

namespace paxoscope {

// The first thing that went wrong in a run, in words: a broken rule, or work left open after the faults ended. Empty
// when all is well.
const std::string& failure_of(const Report& report);

// One line for a POSIX shell: in virtual time `paxoscope simulate` with every option that is not at its default
// (Experiment::duel()), on threads, where no run comes again, `paxoscope run` (Experiment{}).
std::string replay_command(const Experiment& experiment);

// The experiment, which must fail in virtual time, with its faults spelled out (a swarm too) and reduced to few that
// still make it fail in the same way: a broken rule, or open work. Runs it some hundred times; once `interrupted` says
// so it ends with what it has. An error when it is invalid or does not fail.
Expected<Experiment> shrink_experiment(const Experiment& failing, const std::function<bool()>& interrupted = {});

}  // namespace paxoscope
