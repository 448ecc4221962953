// An experiment as a form.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "core/error.h"
#include "core/experiment/experiment.h"
#include "viz/view/form_view.h"

namespace paxoscope::viz {

class ExperimentForm {
 public:
  // Begins with what `experiment` says. Its network is read as one latency for every link.
  explicit ExperimentForm(const Experiment& experiment);

  using Field = FormField<ExperimentForm>;
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
