// The cursor: where in time we look, and how fast it moves.
#pragma once

#include <algorithm>

#include "viz/model/take.h"

namespace paxoscope::viz {

// Not thread-safe.
class Playback {
 public:
  static constexpr double kSlowest = 0.001, kFastest = 1000;

  // Begins at the start of the source's take, paused. The source must outlive it.
  explicit Playback(Source& source) : source_(&source), now_(source.take().history.first()) { source.reach(now_); }

  Nanos now() const { return now_; }
  bool playing() const { return playing_; }
  double speed() const { return speed_; }
  void play(bool on) { playing_ = on; }
  void set_speed(double speed) { speed_ = std::clamp(speed, kSlowest, kFastest); }

  // So much real time has passed. At the end of what there is, it stops.
  void advance(double seconds);
  // To the next event after the cursor, or the one before it; pauses. False: there is none.
  bool step_forward();
  bool step_back();
  // Within the history; beyond its end only where the source goes on.
  void jump(Nanos at);
  void home() { jump(source_->take().history.first()); }
  void end() { jump(source_->take().history.last()); }

 private:
  Source* source_;
  Nanos now_;
  double fraction_ = 0;  // of a nanosecond
  double speed_ = 1;
  bool playing_ = false;
};

}  // namespace paxoscope::viz
