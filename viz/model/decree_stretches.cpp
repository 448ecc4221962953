// What each proposer was at, and from when to when.
#include <algorithm>

#include "viz/model/decree.h"

namespace paxoscope::viz {

namespace {

// Follows one proposer.
class Follower {
 public:
  explicit Follower(std::vector<Stretch>& stretches) : stretches_(stretches) {}

  void on(const Event& event, std::uint32_t place) {
    switch (event.kind) {
      case EventKind::proposed:
        attempt_ = 0;
        return open({.kind = Stretch::Kind::waiting_to_start, .why = Why::own_choice}, event, place);
      case EventKind::sent: {
        const bool prepare = event.phase == Phase::prepare;
        attempt_ += prepare ? 1 : 0;
        return open({.kind = prepare ? Stretch::Kind::preparing : Stretch::Kind::accepting}, event, place);
      }
      case EventKind::backed_off:
        return open({.kind = Stretch::Kind::backing_off, .why = event.last_bal.is_none() ? Why::timeout : Why::refusal},
                    event, place);
      case EventKind::decided:
      case EventKind::empty:
      case EventKind::abandoned:
      case EventKind::crashed: return close(event.at);
      default: return;
    }
  }

 private:
  void open(Stretch stretch, const Event& event, std::uint32_t place) {
    close(event.at);
    stretch.from = event.at;
    stretch.to = kEndless;
    stretch.begins = place;
    stretch.ballot = event.ballot;
    stretch.attempt = attempt_;
    stretches_.push_back(stretch);
  }
  void close(Nanos at) {
    if (!stretches_.empty() && stretches_.back().to == kEndless) stretches_.back().to = at;
    // What took no time is no stretch.
    if (!stretches_.empty() && stretches_.back().to == stretches_.back().from) stretches_.pop_back();
  }

  std::vector<Stretch>& stretches_;
  std::uint32_t attempt_ = 0;
};

}  // namespace

void Decree::follow_proposers() {
  stretches_.resize(proposers_.size());
  std::vector<Follower> followers;
  followers.reserve(proposers_.size());
  for (std::vector<Stretch>& stretches : stretches_) followers.emplace_back(stretches);
  for (std::uint32_t i = 0; i < events_.size(); ++i) {
    const Event& event = events_[i];
    if (event.agent_kind != AgentKind::proposer) continue;
    const auto place = std::lower_bound(proposers_.begin(), proposers_.end(), event.agent) - proposers_.begin();
    followers[static_cast<std::size_t>(place)].on(event, i);
  }
}

}  // namespace paxoscope::viz
