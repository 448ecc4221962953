#include "viz/view/form.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

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
  static void step_strategy(Form& form, int by) { form.draft_.strategy = next_strategy(form.draft_.strategy, by); }

  static std::string quorum(std::uint32_t size) { return size == 0 ? "majority" : fmt::format("{}", size); }
  static void step_quorum(std::uint32_t& size, int by, std::uint32_t acceptors) {
    size = stepped(size, by, 0U, acceptors);
  }

  static constexpr auto kAll = std::to_array<Form::Field>({
      {"strategy",
       "How a proposer waits after losing a round. Its parameters: press / and type, such as strategy "
       "full_jitter:base=2R",
       strategy, step_strategy},
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
  experiment.network =
      fmt::format(R"({{"latency":"normal:{}us,{}us","loss":{},"duplication":{}}})", std::lround(latency_ms_ * 1000),
                  std::lround(spread_ms_ * 1000), loss_, duplication_);
  return experiment.validated();
}

}  // namespace paxoscope::viz
