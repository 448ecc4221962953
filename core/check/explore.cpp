#include "core/check/explore_model.h"

namespace paxoscope {

Expected<ExplorerReport> explore(const ExplorerOptions& options, const ProgressCallback& progress) {
  if (std::string error = explorer_options_error(options); !error.empty()) return fail(std::move(error));
  return explore_model<ShippedModel>(options, progress);
}

}  // namespace paxoscope
