// The command line's explorer with a planted bug in the acceptors, in place of core/check/explore.cpp: to see the
// shipped command line print and write a counterexample.
#include "core/check/explore_model.h"
#include "tests/mutants/mutant_acceptors.h"

namespace paxoscope {

namespace {

struct BrokenModel : ShippedModel {
  using Acceptor = mutants::AcceptIgnoresLastBal;
  static Acceptor recovered(const Acceptor& acceptor) { return acceptor; }
  static constexpr bool kRequestsDie = false;
};

}  // namespace

Expected<ExplorerReport> explore(const ExplorerOptions& options, const ProgressCallback& progress) {
  return explore_model<BrokenModel>(options, progress);
}

}  // namespace paxoscope
