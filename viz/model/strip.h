// The strip: all instances of a history along the time axis, while one is in focus.
#pragma once

#include <string>
#include <vector>

#include "viz/model/ladder.h"

namespace paxoscope::viz {

struct StripCell {
  float x0 = 0, x1 = 0;
  InstanceId instance = {};     // the first of them
  std::uint64_t instances = 1;  // that it stands for
  bool in_focus = false;        // the focus is one of them
  std::string name;             // "key 0 version 17"; of several: empty
  std::string text;             // "key 0 version 17: 45 events", "12 instances, from key 0 version 17"
};

// Knows the instances of a history in the order of their beginnings; make it anew when the history has grown.
class Strip {
 public:
  explicit Strip(const Take& take);

  // Those that begin in the view, and the one that was worked on when it begins; closer than `smallest` pixels, they
  // join. Time: of the order of the pixels.
  std::vector<StripCell> cells(const TimeView& view, const InstanceId& focus, float smallest = 3) const;
  // The instance after (or before) this one in that order; itself at the end.
  InstanceId next(const InstanceId& instance) const { return neighbour(instance, 1); }
  InstanceId previous(const InstanceId& instance) const { return neighbour(instance, -1); }
  std::size_t size() const { return order_.size(); }

 private:
  InstanceId neighbour(const InstanceId& instance, int step) const;
  std::size_t place_of(const InstanceInfo& info) const;
  const Take* take_;
  std::vector<std::uint32_t> order_;  // places in history.instances(), by beginning
};

}  // namespace paxoscope::viz
