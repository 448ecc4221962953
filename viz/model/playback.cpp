#include "viz/model/playback.h"

#include <cmath>

namespace paxoscope::viz {

void Playback::advance(double seconds) {
  if (!playing_) return;
  const double step = seconds * speed_ * static_cast<double>(source_->take().pace) + fraction_;
  const double whole = std::floor(step);
  fraction_ = step - whole;
  const Nanos target = now_ + static_cast<Nanos>(whole);
  jump(target);
  if (now_ < target) playing_ = false;
}

bool Playback::step_forward() {
  playing_ = false;
  source_->reach(now_);
  const auto next = source_->take().history.next_time(now_);
  if (next) now_ = *next;
  source_->reach(now_);
  return next.has_value();
}

bool Playback::step_back() {
  playing_ = false;
  const auto previous = source_->take().history.previous_time(now_);
  if (previous) now_ = *previous;
  return previous.has_value();
}

void Playback::jump(Nanos at) {
  source_->reach(at);
  const History& history = source_->take().history;
  now_ = std::max(at, history.first());
  if (!source_->endless()) now_ = std::min(now_, history.last());
}

}  // namespace paxoscope::viz
