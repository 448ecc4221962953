// A cluster in virtual time, slowed until a person can follow it. The run is a function of the experiment and of what
// was done to it, so going back and acting differently is a new run that is the same up to that point; the old one is
// kept.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/error.h"
#include "core/experiment/experiment.h"
#include "core/simulation/faults.h"
#include "viz/model/take.h"

namespace paxoscope::viz {

// The experiment that a window starts with: 3 acceptors, 3 proposers that back off, messages of about 100 ms.
Experiment live_experiment();

// Not thread-safe.
class LiveSource : public Source {
 public:
  // Fails when the experiment is not valid. Its engine must be the simulation.
  static Expected<std::unique_ptr<LiveSource>> start(const Experiment& experiment);
  ~LiveSource() override;

  const Take& take() const override;
  void reach(Nanos at) override;
  bool endless() const override;
  const Experiment& experiment() const;
  Nanos round_trip() const;  // R

  // Acting at `at`, usually the cursor: what came after it is kept as a fork. False: it is so already.
  bool crash(const NodeName& node, Nanos at);
  bool restart(const NodeName& node, Nanos at);
  bool is_down(const NodeName& node, Nanos at) const;
  // The link between a proposer and an acceptor, both directions.
  bool cut(std::uint32_t proposer, std::uint32_t acceptor, Nanos at);
  bool mend(std::uint32_t proposer, std::uint32_t acceptor, Nanos at);
  bool is_cut(std::uint32_t proposer, std::uint32_t acceptor, Nanos at) const;

  // Another experiment from the start; the old run is kept as a fork. An error leaves everything as it was.
  Expected<void> change(const Experiment& experiment);

  // Runs that were left: the newest last.
  struct Fork {
    std::string name;  // "before A1 crashed at 1.2 s"
    Nanos at = 0;      // where the present one left it
  };
  std::vector<Fork> forks() const;
  // Makes a fork the present; the present becomes a fork in its place.
  void return_to(std::size_t fork);

 private:
  struct Run;
  explicit LiveSource(std::unique_ptr<Run> run);
  static Expected<std::unique_ptr<Run>> begin(const Experiment& experiment, std::vector<Fault> acts);
  bool holds_now(const Fault& deed, Nanos at) const;
  // The deed begins, or ends, at deed.at.
  bool act(Fault deed, bool begins, const std::string& what);
  std::unique_ptr<Run> run_;
  std::vector<std::pair<Fork, std::unique_ptr<Run>>> forks_;
};

}  // namespace paxoscope::viz
