#include "viz/model/strip.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

namespace paxoscope::viz {

Strip::Strip(const Take& take) : take_(&take) {
  const auto instances = take.history.instances();
  order_.resize(instances.size());
  std::iota(order_.begin(), order_.end(), 0U);
  std::sort(order_.begin(), order_.end(), [&](std::uint32_t a, std::uint32_t b) {
    return std::pair(instances[a].began, a) < std::pair(instances[b].began, b);
  });
}

std::vector<StripCell> Strip::cells(const TimeView& view, const InstanceId& focus, float smallest) const {
  const auto instances = take_->history.instances();
  const auto from = [&](Nanos at) {
    return std::partition_point(order_.begin(), order_.end(), [&](std::uint32_t i) { return instances[i].began < at; });
  };
  const InstanceInfo* focused = take_->history.find(focus);
  const auto step = std::max<Nanos>(1, static_cast<Nanos>(view.nanos_per_pixel() * static_cast<double>(smallest)));
  std::vector<StripCell> cells;
  auto next = from(view.from);
  if (next != order_.begin() && instances[*(next - 1)].ended > view.from) --next;
  while (next != order_.end() && instances[*next].began < view.to) {
    const InstanceInfo& first = instances[*next];
    const auto end = std::max(next + 1, from(first.began + step));
    StripCell cell{.x0 = view.x(first.began), .instance = first.id, .name = {}, .text = {}};
    cell.instances = static_cast<std::uint64_t>(end - next);
    cell.x1 = cell.instances == 1 ? view.x(first.ended) : cell.x0 + smallest;
    if (end != order_.end()) cell.x1 = std::min(cell.x1, view.x(instances[*end].began));
    cell.x1 = std::max(cell.x1, cell.x0 + 1);
    const Nanos last = instances[*(end - 1)].began;
    cell.in_focus = focused != nullptr && focused->began >= first.began && focused->began <= last &&
                    (cell.instances > 1 || first.id == focus);
    const std::string name = take_->cast.instance(first.id);
    if (cell.instances == 1) cell.name = name;
    cell.text = cell.instances == 1 ? fmt::format("{}: {} events", name, count_text(first.events))
                                    : fmt::format("{} instances, from {}", count_text(cell.instances), name);
    cells.push_back(std::move(cell));
    next = end;
  }
  return cells;
}

std::size_t Strip::place_of(const InstanceInfo& info) const {
  const auto instances = take_->history.instances();
  const auto number = static_cast<std::uint32_t>(&info - instances.data());
  const auto place = std::partition_point(order_.begin(), order_.end(), [&](std::uint32_t i) {
    return std::pair(instances[i].began, i) < std::pair(info.began, number);
  });
  return static_cast<std::size_t>(place - order_.begin());
}

InstanceId Strip::neighbour(const InstanceId& instance, int step) const {
  const InstanceInfo* info = take_->history.find(instance);
  if (info == nullptr || order_.empty()) return instance;
  const std::size_t place = place_of(*info);
  if (step < 0 ? place == 0 : place + 1 >= order_.size()) return instance;
  return take_->history.instances()[order_[step < 0 ? place - 1 : place + 1]].id;
}

}  // namespace paxoscope::viz
