#include "viz/model/capture.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <optional>

#include "core/backoff/registry.h"
#include "core/experiment/runner.h"
#include "core/threads/thread_cluster.h"
#include "viz/model/capture_memory.h"
#include "viz/model/judge.h"
#include "viz/model/text.h"

namespace paxoscope::viz {

const std::array<TriggerInfo, 7>& all_triggers() {
  using Kind = Trigger::Kind;
  static constexpr std::array<TriggerInfo, 7> kTriggers = {{
      {Kind::preempted_in_accept, "preempted in phase 2", ""},
      {Kind::ballots, "ballots on one instance reach", "ballots"},
      {Kind::slow_decision, "time to decision above", "time"},
      {Kind::livelock, "no decision for", "time"},
      {Kind::rule_broken, "a rule is broken", ""},
      {Kind::first_crash, "first crash", ""},
      {Kind::now, "at once", ""},
  }};
  return kTriggers;
}

struct Capture::Work {
  explicit Work(const CaptureOptions& asked) : options(asked), memory(asked) {}
  CaptureOptions options;
  Memory memory;
  std::unique_ptr<Backoff> strategy;
  std::thread runner;
  // Of the runner until `done`.
  std::optional<Error> error;
  std::string violation;
  std::uint64_t chosen = 0;
  Nanos round_trip = 1;
  std::atomic<std::uint64_t> decisions{0};  // relaxed: for display
  std::atomic<bool> stopped{false};         // a wish, relaxed
  std::atomic<bool> done{false};            // stored with release, loaded with acquire

  void run() {
    if (auto ran = run_to_the_end(); !ran) error = ran.error();
    done.store(true, std::memory_order_release);
  }

  // Enough for what is asked, and no more: a ring that fits into the caches costs less.
  std::size_t kept_by_each() const {
    constexpr Nanos kBetweenEvents = 500;       // of a busy thread, at the least, about
    constexpr Nanos kLate = 10 * kMillisecond;  // the trigger is noticed within this, about
    const Experiment& experiment = options.experiment;
    const std::uint32_t agents = experiment.acceptors + experiment.proposers;
    const std::uint32_t threads = experiment.workers == 0 ? agents : std::min(experiment.workers, agents);
    const auto wanted = static_cast<std::size_t>((options.before + options.after + kLate) / kBetweenEvents);
    return std::bit_floor(std::clamp<std::size_t>(2 * wanted, 64, std::max(64U, options.events_max / threads)));
  }

  Expected<void> run_to_the_end() {
    const auto measured = round_trip_of(options.experiment);
    if (!measured) return tl::unexpected(measured.error());
    round_trip = *measured;
    RunControl control;
    control.trace = &memory;
    control.trace_mode = TraceMode::newest;
    control.trace_kept = kept_by_each();
    control.trace_look = [this](const PackedEvent& event) { memory.look(event); };
    control.progress = [this](const Progress& p) {
      decisions.store(p.decisions, std::memory_order_relaxed);
      memory.settle(p.elapsed, p.crashed_at);
    };
    control.interrupted = [this] { return stopped.load(std::memory_order_relaxed) || memory.full(); };
    const auto measurement =
        run_threads(options.experiment.cluster(round_trip), *strategy, options.experiment.threads(), control);
    if (!measurement) return tl::unexpected(measurement.error());
    violation = measurement->violation;
    chosen = measurement->audit.chosen_ever;
    return {};
  }
};

Expected<std::unique_ptr<Capture>> Capture::start(const CaptureOptions& options) {
  const Experiment& experiment = options.experiment;
  if (experiment.engine != Engine::threads) return fail("a capture is of real threads: its engine is threads");
  if (const auto valid = experiment.validated(); !valid) return tl::unexpected(valid.error());
  if (options.events_max < 1U << 10 || options.events_max > 1U << 24) {
    return fail(fmt::format("{} events to keep; allowed: {} to {}", options.events_max, 1U << 10, 1U << 24));
  }
  if (options.before < 0 || options.after < 0 || options.trigger.time <= 0 || options.trigger.count < 2) {
    return fail("times of a capture are not negative, its trigger's time is above 0 and its count at least 2");
  }
  if (options.trigger.kind == Trigger::Kind::first_crash && experiment.threads().crashes.empty()) {
    return fail("the trigger is the first crash, and nobody is to crash: say when");
  }
  auto strategy = parse_strategy(experiment.strategy);
  if (!strategy) return tl::unexpected(strategy.error());
  auto work = std::make_unique<Work>(options);
  work->strategy = std::move(*strategy);
  return std::unique_ptr<Capture>(new Capture(std::move(work)));
}

Capture::Capture(std::unique_ptr<Work> work) : work_(std::move(work)) {
  work_->runner = std::thread([work = work_.get()] { work->run(); });
}

Capture::~Capture() {
  stop();
  if (work_->runner.joinable()) work_->runner.join();
}

Capture::State Capture::state() const {
  if (work_->done.load(std::memory_order_acquire)) return State::done;
  return work_->memory.triggered() ? State::triggered : State::waiting;
}
std::uint64_t Capture::seen() const {
  return work_->memory.seen();
}
std::uint64_t Capture::decisions() const {
  return work_->decisions.load(std::memory_order_relaxed);
}
void Capture::trigger_now() {
  work_->memory.trigger_now();
}
void Capture::stop() {
  work_->stopped.store(true, std::memory_order_relaxed);
}

Expected<Capture::Caught> Capture::take() {
  if (work_->runner.joinable()) work_->runner.join();
  if (work_->error) return tl::unexpected(*work_->error);
  const Experiment& experiment = work_->options.experiment;
  Take take{.title = fmt::format("captured: {} proposers, {} acceptors, strategy {}", experiment.proposers,
                                 experiment.acceptors, experiment.strategy),
            .history = work_->memory.take()};
  const ClusterOptions cluster = work_->options.experiment.cluster(work_->round_trip);
  take.quorums = cluster.rules.quorums;
  take.learning = cluster.rules.learning;
  take.pace = 5 * work_->round_trip;
  // What was before the window is not here, so nothing can be said of the rules but what the run's own audit found.
  take.doubt = "only a part of the run was kept";
  Caught caught{.triggered_at = work_->memory.triggered_at(), .decisions = work_->chosen, .text = work_->memory.text()};
  if (!work_->violation.empty()) {
    take.findings.push_back({.at = take.history.last(), .rule = 6, .sentence = work_->violation});
    if (caught.triggered_at < 0) {
      caught.triggered_at = take.history.last();
      caught.text = work_->violation;
    }
  }
  if (caught.triggered_at < 0) {
    caught.text = "the trigger never came: this is how the run ended";
  } else if (work_->memory.missed()) {
    caught.text += ", but nothing of that moment was kept: this is what was";
  }
  caught.source = std::make_unique<Recorded>(std::move(take));
  return caught;
}

}  // namespace paxoscope::viz
