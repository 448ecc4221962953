// Puts one mutant before every check that is independent of the others, and says which of them caught it.
#pragma once

#include <fmt/format.h>

#include <set>
#include <string>
#include <vector>

#include "core/check/explore_model.h"
#include "core/check/linearizability.h"
#include "core/check/random_play.h"
#include "core/check/rules.h"
#include "tests/mutants/schedule.h"
#include "tests/support/effort.h"

namespace paxoscope::mutants {

struct Finding {
  bool caught = false;
  std::uint64_t after = 0;  // states or schedules
  std::set<int> rules;      // that fired
  std::string text = {};    // for the table
};

struct Case {
  std::string name = {};
  std::string schedule = {};      // empty: none
  std::vector<int> rules = {};    // the table says that these fire, in a schedule of its own or by chance
  ExplorerOptions world = {};     // for the explorer
  RandomPlayOptions chance = {};  // for random schedules
  bool refused_at_start = false;  // the shipped code refuses to be configured like that
  int checks_min = 2;             // how many independent checks must catch it
};

struct Examined {
  Finding explorer, scripted, chance, client;
  int caught() const { return explorer.caught + (scripted.caught || chance.caught) + client.caught; }
};

inline std::set<int> fired(const RuleReport& report) {
  std::set<int> rules;
  for (int rule = 1; rule <= 10; ++rule) {
    if (report.by_rule[static_cast<std::size_t>(rule)] > 0) rules.insert(rule);
  }
  return rules;
}

inline std::string names(const std::set<int>& rules) {
  std::string text;
  for (const int rule : rules) text += fmt::format("{}R{}", text.empty() ? "" : " ", rule);
  return text;
}

// What the clients of a play saw. All of it is concurrent: a play has no clock that clients share.
template <class Model>
std::vector<CellOperation> history_of(Play<Model>& play) {
  using State = typename Model::Proposer::State;
  std::vector<CellOperation> history;
  for (int p = 0; p < play.proposers(); ++p) {
    const auto& proposer = play.proposer(p);
    if (proposer.state() == State::idle) continue;
    const bool decided = proposer.state() == State::decided;
    history.push_back({.cell = kPlayInstance,
                       .client = play_id(p),
                       .read = !proposer.own(),
                       .success = decided && proposer.won(),
                       .returned = decided,
                       .empty = proposer.state() == State::empty,
                       .own = proposer.own().value_or(0),
                       .value = decided ? proposer.value() : 0,
                       .began = 0,
                       .ended = decided ? 1 : kNever});
  }
  return history;
}

inline RuleOptions rules_of(const Case& c) {
  return {.quorums = c.chance.rules.quorums, .learning = c.chance.rules.learning};
}

constexpr std::uint64_t kSchedules = effort(10'000);

template <class Model>
Examined examine(const Case& c) {
  Examined examined;
  ExplorerOptions world = c.world;
  world.states_max = kSanitized ? 10'000 : world.states_max;
  const ExplorerReport explored = explore_model<Model>(world);
  examined.explorer = {!explored.violation.empty(), explored.states, {}, explored.rule};
  if (examined.explorer.caught && explored.events.empty()) examined.explorer.text += " without a way there";

  if (!c.schedule.empty()) {
    Play<Model> play(c.chance.acceptors, c.chance.proposers, c.chance.rules, c.chance.readers);
    const Schedule<Model> played(play, c.schedule);
    const RuleReport report = check_rules(play.events(), rules_of(c));
    examined.scripted = {report.violation_count > 0, 1, fired(report), names(fired(report))};
    if (!check_cells(history_of(play)).empty()) examined.client = {true, 0, {}, "in the schedule"};
  }
  const auto more = [&examined] { return !examined.chance.caught || !examined.client.caught; };
  for (std::uint64_t seed = 1; seed <= kSchedules && more(); ++seed) {
    RandomPlay<Model> random(c.chance, seed);
    Play<Model>& play = random.run();
    if (!examined.chance.caught) {
      const RuleReport report = check_rules(play.events(), rules_of(c));
      examined.chance = {report.verdict != RuleReport::Verdict::ok, seed, fired(report), names(fired(report))};
    }
    if (!examined.client.caught) {
      const bool wrong = !check_cells(history_of(play)).empty();
      if (wrong) examined.client = {true, seed, {}, fmt::format("after {}", seed)};
    }
  }
  return examined;
}

}  // namespace paxoscope::mutants
