#include "core/simulation/shrink.h"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace paxoscope {

namespace {

// The ddmin algorithm: the smallest sublist found for which `fails` holds; no single entry of it can be left out.
template <class T, class Fails>
std::vector<T> minimize(std::vector<T> list, const Fails& fails) {
  std::size_t parts = 2;
  while (!list.empty()) {
    parts = std::min(parts, list.size());
    bool smaller = false;
    for (std::size_t part = 0; part < parts; ++part) {
      const auto from = static_cast<std::ptrdiff_t>(list.size() * part / parts);
      const auto to = static_cast<std::ptrdiff_t>(list.size() * (part + 1) / parts);
      std::vector<T> rest(list.begin(), list.begin() + from);
      rest.insert(rest.end(), list.begin() + to, list.end());
      if (!fails(rest)) continue;
      list = std::move(rest);
      parts = std::max<std::size_t>(parts - 1, 2);
      smaller = true;
      break;
    }
    if (smaller) continue;
    if (parts >= list.size()) return list;
    parts *= 2;
  }
  return list;
}

void minimize_nodes(FaultPlan& plan, std::size_t index, std::vector<NodeName> Fault::*nodes,
                    const StillFails& still_fails) {
  plan.faults[index].*nodes = minimize(plan.faults[index].*nodes, [&](const std::vector<NodeName>& fewer) {
    if (fewer.empty()) return false;
    FaultPlan trial = plan;
    trial.faults[index].*nodes = fewer;
    return still_fails(trial);
  });
}

void shorten(FaultPlan& plan, std::size_t index, const StillFails& still_fails) {
  if (plan.faults[index].lasts == kNever) return;
  while (plan.faults[index].lasts > 1) {
    FaultPlan trial = plan;
    trial.faults[index].lasts /= 2;
    if (!still_fails(trial)) return;
    plan = std::move(trial);
  }
}

FaultPlan with(const FaultPlan& plan, std::vector<Fault> faults) {
  FaultPlan changed = plan;
  changed.faults = std::move(faults);
  return changed;
}

}  // namespace

FaultPlan shrink(const FaultPlan& failing, const StillFails& still_fails) {
  const auto fewer_fail = [&](const std::vector<Fault>& faults) { return still_fails(with(failing, faults)); };
  FaultPlan plan = with(failing, minimize(failing.faults, fewer_fail));
  for (std::size_t i = 0; i < plan.faults.size(); ++i) {
    minimize_nodes(plan, i, &Fault::a, still_fails);
    minimize_nodes(plan, i, &Fault::b, still_fails);
    shorten(plan, i, still_fails);
  }
  // Shorter faults may make others needless.
  return with(plan, minimize(plan.faults, fewer_fail));
}

}  // namespace paxoscope
