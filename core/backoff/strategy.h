// What the strategies share, so that each of them is little more than its formula.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "core/backoff/attempts.h"
#include "core/backoff/backoff.h"
#include "core/backoff/parameters.h"

namespace paxoscope {

// A Backoff that prints and copies itself from its parameters. Forgets how instances end unless it overrides that.
class Strategy : public Backoff {
 public:
  void on_decided(const RetryContext&, bool) override {}
  std::unique_ptr<Backoff> fresh() const final;
  void forget() override {}  // to be overridden by every strategy that has a memory
  std::string to_string() const final { return parameters_.to_string(); }
  const Parameters& parameters() const { return parameters_; }

 protected:
  explicit Strategy(Parameters parameters) : parameters_(std::move(parameters)) {}

  Parameters parameters_;  // constructors read theirs from here
};

// A Strategy whose wait depends on k, the number of preemptions since the last reset. Parameter: reset.
class CountingStrategy : public Strategy {
 public:
  // The wait after the k-th preemption in a row; k >= 1. Forgets and remembers nothing.
  virtual Nanos wait(std::uint32_t k, const RetryContext& context, Random& random) const = 0;

  Retry on_preempted(const RetryContext& context, Random& random) final {
    return {.wait = wait(attempts_.count(), context, random)};
  }
  void on_decided(const RetryContext&, bool won) override { attempts_.on_decided(won); }
  void forget() override { attempts_.forget(); }

 protected:
  explicit CountingStrategy(Parameters parameters) : Strategy(std::move(parameters)), attempts_(parameters_.reset()) {}

  Attempts attempts_;
};

// A CountingStrategy of e = min(cap, base * 2^k). Parameters: base > 0, cap >= base.
class ExponentialStrategy : public CountingStrategy {
 protected:
  explicit ExponentialStrategy(Parameters parameters)
      : CountingStrategy(std::move(parameters)),
        base_(parameters_.positive_duration("base")),
        cap_(parameters_.duration_from("cap", "base", base_)) {}

  Nanos exponential(std::uint32_t k, const RetryContext& context) const {
    return doubled(base_.of(context.round_trip), k, cap_.of(context.round_trip));
  }

 private:
  Duration base_;
  Duration cap_;
};

}  // namespace paxoscope
