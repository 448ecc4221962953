#include "core/backoff/strategy.h"

#include "core/backoff/registry.h"

namespace paxoscope {

std::unique_ptr<Backoff> Strategy::fresh() const {
  return parameters_.info().make(parameters_);
}

}  // namespace paxoscope
