#include "viz/model/lane.h"

#include <algorithm>
#include <bit>

namespace paxoscope::viz {

namespace {
constexpr int kShifts = 62;
constexpr std::uint32_t kWorthwhile = 64;  // a lane of fewer events needs no summaries
constexpr std::uint32_t kPerSpan = 8;      // events a kept span has on average, at least
}  // namespace

void Summaries::add(Nanos at, std::uint32_t position, std::uint32_t refusals_before) {
  if (levels_.empty()) {
    for (int shift = 0; shift < kShifts; ++shift) levels_.push_back({shift, {}});
  }
  for (Level& level : levels_) {
    if (!level.entries.empty() && level.entries.back().from >> level.shift == at >> level.shift) break;
    level.entries.push_back({at, position, refusals_before});
  }
  const std::uint32_t events = position + 1;
  if (events >= kWorthwhile && std::has_single_bit(events)) thin(events);
}

void Summaries::thin(std::uint32_t events) {
  std::vector<Level> kept;
  for (Level& level : levels_) {
    const std::size_t size = level.entries.size();
    const bool fine_enough = size * kPerSpan <= events || size <= kWorthwhile / kPerSpan;
    const bool says_more = kept.empty() || size * 2 <= kept.back().entries.size() || size == 1;
    if (fine_enough && says_more) kept.push_back(std::move(level));
    if (!kept.empty() && kept.back().entries.size() == 1) break;
  }
  // Above the last there must be room for the lane to grow.
  for (int shift = kept.empty() ? 0 : kept.back().shift + 1; shift < kShifts; ++shift) {
    if (kept.empty()) break;
    kept.push_back({shift, {kept.back().entries.front()}});
  }
  levels_ = std::move(kept);
}

void Summaries::finish() {
  for (Level& level : levels_) level.entries.shrink_to_fit();
}

const std::vector<Summaries::Entry>* Summaries::of_span(Nanos span) const {
  const std::vector<Entry>* best = nullptr;
  for (const Level& level : levels_) {
    if (Nanos{1} << level.shift <= span) best = &level.entries;
  }
  return best;
}

std::size_t Summaries::memory() const {
  std::size_t bytes = levels_.capacity() * sizeof(Level);
  for (const Level& level : levels_) bytes += level.entries.capacity() * sizeof(Entry);
  return bytes;
}

}  // namespace paxoscope::viz
