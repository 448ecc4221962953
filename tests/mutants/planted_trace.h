// A planted bug's counterexample as a trace file, for the window's menu.
#pragma once

#include <nlohmann/json.hpp>
#include <sstream>
#include <string>

#include "core/trace/writer.h"
#include "tests/mutants/examine.h"

namespace paxoscope::mutants {

struct Counterexample {
  std::vector<Event> events;
  std::string client;  // what the clients saw that cannot be; empty: nothing
};

template <class Model>
Counterexample counterexample(const Case& c) {
  Play<Model> play(c.chance.acceptors, c.chance.proposers, c.chance.rules, c.chance.readers);
  const Schedule<Model> played(play, c.schedule);
  return {play.events(), check_cells(history_of(play))};
}

// "Accept needs bal > last_bal" -> "bug_accept_needs_bal_last_bal"
inline std::string file_name(const std::string& bug) {
  std::string name = "bug";
  bool parted = true;
  for (const char c : bug) {
    const bool plain = std::isalnum(static_cast<unsigned char>(c)) != 0;
    if (plain && parted) name += '_';
    if (plain) name += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    parted = !plain;
  }
  return name;
}

inline std::string trace_of(const Case& c, const Counterexample& counterexample) {
  const Quorums& quorums = c.chance.rules.quorums;
  const nlohmann::json metadata = {{"engine", "play"},
                                   {"acceptors", quorums.acceptors()},
                                   {"quorums", {quorums.size(Phase::prepare), quorums.size(Phase::accept)}},
                                   {"bug", c.name},
                                   {"schedule", c.schedule},
                                   {"client", counterexample.client}};
  std::ostringstream out;
  auto writer = TraceWriter::begin(out, metadata.dump());
  std::map<std::pair<AgentKind, std::uint32_t>, std::uint64_t> recorded;
  for (const Event& event : counterexample.events) {
    writer->push(event);
    ++recorded[{event.agent_kind, event.agent}];
  }
  std::vector<AgentTotal> totals;
  for (const auto& [agent, count] : recorded) totals.push_back({agent.first, agent.second, count});
  EXPECT_TRUE(writer->finish(totals));
  return out.str();
}

}  // namespace paxoscope::mutants
