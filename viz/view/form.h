// An experiment as a form: a line for each thing that can be set, changed by a step up or down, so that two arrow keys
// or two buttons are enough for all of it.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "core/error.h"
#include "core/experiment/experiment.h"

namespace paxoscope::viz {

class ExperimentForm {
 public:
  // Begins with what `experiment` says. Its network is read as one latency for every link.
  explicit ExperimentForm(const Experiment& experiment);

  struct Field {
    std::string_view name;
    std::string_view tip;
    std::string (*text)(const ExperimentForm&);
    void (*step)(ExperimentForm&, int by);  // by: 1 or -1
  };
  static std::span<const Field> fields();

  // What the form says now; fails with what does not fit, such as quorums that could miss each other.
  Expected<Experiment> experiment() const;

 private:
  friend struct FormFields;
  Experiment draft_;
  double latency_ms_ = 100, spread_ms_ = 20;
  double loss_ = 0, duplication_ = 0;
};

}  // namespace paxoscope::viz
