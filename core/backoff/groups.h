// Proposers that do not all wait alike: an impatient one among the polite. "none/lease:length=6R" parts them, in the
// order of their ranks, into as many groups of equal size as there are strategies.
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/backoff/backoff.h"

namespace paxoscope {

class Groups final : public Backoff {
 public:
  // Of each group one; at least one.
  explicit Groups(std::vector<std::unique_ptr<Backoff>> members) : members_(std::move(members)) {}

  Retry on_preempted(const RetryContext& context, Random& random) override {
    return of(context).on_preempted(context, random);
  }
  void on_decided(const RetryContext& context, bool won) override { of(context).on_decided(context, won); }
  bool may_wait_first() const override {
    return std::any_of(members_.begin(), members_.end(), [](const auto& member) { return member->may_wait_first(); });
  }
  Retry before_first(const RetryContext& context, Random& random) override {
    return of(context).before_first(context, random);
  }
  std::unique_ptr<Backoff> fresh() const override {
    std::vector<std::unique_ptr<Backoff>> members;
    for (const auto& member : members_) members.push_back(member->fresh());
    return std::make_unique<Groups>(std::move(members));
  }
  void forget() override {
    for (const auto& member : members_) member->forget();
  }
  std::string to_string() const override {
    std::string text;
    for (const auto& member : members_) {
      if (!text.empty()) text += '/';
      text += member->to_string();
    }
    return text;
  }

 private:
  // With fewer proposers than groups, each of them is a group, and the last groups are empty.
  Backoff& of(const RetryContext& context) const {
    const std::size_t size = std::max<std::size_t>(1, (context.proposers + members_.size() - 1) / members_.size());
    return *members_[std::min<std::size_t>(context.rank / size, members_.size() - 1)];
  }

  std::vector<std::unique_ptr<Backoff>> members_;
};

}  // namespace paxoscope
