#include "viz/view/form.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "core/backoff/registry.h"
#include "core/simulation/network.h"

namespace paxoscope::viz {

namespace {

constexpr std::uint32_t kAgentsMax = 16;  // more would not be told apart on a screen
constexpr double kRateStep = 0.05;

std::string percent(double share) {
  return fmt::format("{:.0f} %", share * 100);
}

}  // namespace

struct FormFields {
  using Form = ExperimentForm;

  static std::string strategy(const Form& form) { return form.draft_.strategy; }
  static std::string others(const Form& form) { return form.others_.empty() ? "the same" : form.others_; }
  // Through "the same" and every strategy, and around.
  static void step_others(Form& form, int by) {
    const auto all = all_strategies();
    const std::string_view end = by > 0 ? all.back().name : all.front().name;
    if (form.others_.empty()) {
      form.others_ = by > 0 ? all.front().name : all.back().name;
    } else {
      form.others_ = form.others_.substr(0, form.others_.find(':')) == end ? "" : next_strategy(form.others_, by);
    }
  }
  static void step_strategy(Form& form, int by) { form.draft_.strategy = next_strategy(form.draft_.strategy, by); }

  // From "on its own" up through 0.1 a second and more, and back.
  static void step_load(Form& form, int by) {
    constexpr double kSlowest = 0.1, kFastest = 1000;
    double& rate = form.draft_.arrivals_per_second;
    if (rate == 0 || (by < 0 && rate <= kSlowest)) {
      rate = by > 0 ? kSlowest : 0;
    } else {
      rate = next_on_scale(rate, by, kSlowest, kFastest);
    }
  }

  static std::string quorum(std::uint32_t size) { return size == 0 ? "majority" : fmt::format("{}", size); }
  static void step_quorum(std::uint32_t& size, int by, std::uint32_t acceptors) {
    size = stepped(size, by, 0U, acceptors);
  }

  static constexpr auto kAll = std::to_array<Form::Field>({
      {"strategy",
       "How a proposer waits after losing a round. Its parameters: press / and type, such as strategy "
       "full_jitter:base=2R",
       strategy, step_strategy},
      {"other half", "How the second half of the proposers waits: a polite half against an impatient one, say", others,
       step_others},
      {"proposers", "How many fight for each decision",
       [](const Form& f) { return fmt::format("{}", f.draft_.proposers); },
       [](Form& f, int by) { f.draft_.proposers = stepped(f.draft_.proposers, by, 1U, kAgentsMax); }},
      {"acceptors", "How many promise and vote", [](const Form& f) { return fmt::format("{}", f.draft_.acceptors); },
       [](Form& f, int by) { f.draft_.acceptors = stepped(f.draft_.acceptors, by, 1U, kAgentsMax); }},
      {"promise quorum", "How many promises a proposer needs (phase 1)",
       [](const Form& f) { return quorum(f.draft_.quorum1); },
       [](Form& f, int by) { step_quorum(f.draft_.quorum1, by, f.draft_.acceptors); }},
      {"vote quorum", "How many votes decide (phase 2). The two quorums must always share an acceptor.",
       [](const Form& f) { return quorum(f.draft_.quorum2); },
       [](Form& f, int by) { step_quorum(f.draft_.quorum2, by, f.draft_.acceptors); }},
      {"gives up", "When a refused round is given up",
       [](const Form& f) { return std::string(name_of(f.draft_.give_up)); },
       [](Form& f, int by) {
         f.draft_.give_up = static_cast<GiveUp>((static_cast<int>(f.draft_.give_up) + by + 3) % 3);
       }},
      {"learns by", "How a proposer whose value lost finds out what was decided",
       [](const Form& f) { return std::string(name_of(f.draft_.learning)); },
       [](Form& f, int by) {
         f.draft_.learning = static_cast<Learning>((static_cast<int>(f.draft_.learning) + by + 3) % 3);
       }},
      {"decisions", "How many each proposer works on, one after the other",
       [](const Form& f) {
         return f.draft_.operations_max == 0 ? "no end" : fmt::format("{}", f.draft_.operations_max);
       },
       [](Form& f, int by) { f.draft_.operations_max = stepped<std::uint64_t>(f.draft_.operations_max, by, 0, 1000); }},
      {"load", "How many operations a second each proposer is given. On its own: the next as soon as one is done",
       [](const Form& f) {
         const double rate = f.draft_.arrivals_per_second;
         return rate == 0 ? std::string("on its own") : fmt::format("{:.3g} per s", rate);
       },
       step_load},
      {"reads", "The share of operations that only read", [](const Form& f) { return percent(f.draft_.read_share); },
       [](Form& f, int by) { f.draft_.read_share = std::clamp(f.draft_.read_share + by * kRateStep, 0.0, 1.0); }},
      {"latency", "How long a message is on its way, on average",
       [](const Form& f) { return fmt::format("{:.3g} ms", f.latency_ms_); },
       [](Form& f, int by) { f.latency_ms_ = next_on_scale(f.latency_ms_, by, 1, 10'000); }},
      {"its spread", "The standard deviation of the latency: messages overtake each other",
       [](const Form& f) { return fmt::format("{:.3g} ms", f.spread_ms_); },
       [](Form& f, int by) { f.spread_ms_ = next_on_scale(f.spread_ms_, by, 1, 10'000); }},
      {"loss", "The share of messages that never arrive", [](const Form& f) { return percent(f.loss_); },
       [](Form& f, int by) { f.loss_ = std::clamp(f.loss_ + by * kRateStep, 0.0, 1.0); }},
      {"duplication", "The share of messages that arrive twice", [](const Form& f) { return percent(f.duplication_); },
       [](Form& f, int by) { f.duplication_ = std::clamp(f.duplication_ + by * kRateStep, 0.0, 1.0); }},
      {"seed", "The same seed gives the same run", [](const Form& f) { return fmt::format("{}", f.draft_.seed); },
       [](Form& f, int by) { f.draft_.seed = stepped<std::uint64_t>(f.draft_.seed, by, 1, 1'000'000); }},
  });
};

ExperimentForm::ExperimentForm(const Experiment& experiment) : draft_(experiment) {
  if (const std::size_t slash = draft_.strategy.find(kGroupSeparator); slash != std::string::npos) {
    others_ = draft_.strategy.substr(slash + 1);
    draft_.strategy.resize(slash);
  }
  const auto network = parse_network(experiment.network);
  if (!network) return;
  loss_ = network->loss;
  duplication_ = network->duplication;
  latency_ms_ = network->latency.front().mean() / kMillisecond;
}

std::span<const ExperimentForm::Field> ExperimentForm::fields() {
  return FormFields::kAll;
}

Expected<Experiment> ExperimentForm::experiment() const {
  Experiment experiment = draft_;
  experiment.engine = Engine::simulation;
  if (!others_.empty()) experiment.strategy += kGroupSeparator + others_;
  experiment.network =
      fmt::format(R"({{"latency":"normal:{}us,{}us","loss":{},"duplication":{}}})", std::lround(latency_ms_ * 1000),
                  std::lround(spread_ms_ * 1000), loss_, duplication_);
  return experiment.validated();
}

}  // namespace paxoscope::viz
