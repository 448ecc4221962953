#include "core/node/livelock.h"

#include <fmt/format.h>

#include <algorithm>

namespace paxoscope {

void LivelockDetector::on_ballot(const InstanceId& instance, Nanos now) {
  Contest& contest = contests_[instance];
  if (contest.ballots++ == 0) contest.began = now;
  contest.until = now;
  if (contest.ballots == ballots_max_) over_.push_back(instance);
}

void LivelockDetector::on_preempted(const InstanceId& instance, ProposerId loser, ProposerId by, Phase phase,
                                    Nanos now) {
  Contest& contest = contests_[instance];
  ++contest.preemptions[{by, loser, phase}];
  contest.until = now;
}

void LivelockDetector::on_decided(const InstanceId& instance) {
  contests_.erase(instance);
  std::erase(over_, instance);
}

std::optional<Livelock> LivelockDetector::found() const {
  if (over_.empty()) return std::nullopt;
  return picture(over_.front(), contests_.at(over_.front()));
}

std::optional<Livelock> LivelockDetector::worst() const {
  // The smaller instance among equals.
  const auto worst = std::max_element(contests_.begin(), contests_.end(), [](const auto& a, const auto& b) {
    return std::tuple(a.second.ballots, b.first) < std::tuple(b.second.ballots, a.first);
  });
  if (worst == contests_.end()) return std::nullopt;
  return picture(worst->first, worst->second);
}

Livelock LivelockDetector::picture(const InstanceId& instance, const Contest& contest) {
  Livelock livelock{instance, contest.ballots, contest.began, contest.until, {}};
  for (const auto& [who, times] : contest.preemptions) {
    const auto& [by, loser, phase] = who;
    livelock.preemptions.push_back({by, loser, phase, times});
  }
  std::stable_sort(livelock.preemptions.begin(), livelock.preemptions.end(),
                   [](const auto& a, const auto& b) { return a.times > b.times; });
  return livelock;
}

std::string describe(const Livelock& livelock) {
  constexpr std::size_t kNamed = 4;
  std::string text = fmt::format("key {} version {} is undecided after {} ballots in {} ms", livelock.instance.key,
                                 livelock.instance.ver, livelock.ballots,
                                 static_cast<double>(livelock.until - livelock.began) / kMillisecond);
  for (std::size_t i = 0; i < std::min(kNamed, livelock.preemptions.size()); ++i) {
    const Livelock::Preemption& p = livelock.preemptions[i];
    text += fmt::format("{} P{} preempts P{} in phase {} ({} times)", i == 0 ? ":" : ",", p.by, p.loser,
                        static_cast<int>(p.phase), p.times);
  }
  if (livelock.preemptions.size() > kNamed) {
    text += fmt::format(", and {} pairs more", livelock.preemptions.size() - kNamed);
  }
  return text;
}

}  // namespace paxoscope
