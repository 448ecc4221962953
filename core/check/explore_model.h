// The explorer over any model; explorer.cpp instantiates it for the shipped one, tests for planted bugs.
#pragma once

#include "core/check/explorer.h"
#include "core/check/paxos_system.h"

namespace paxoscope {

template <class Model>
ExplorerReport explore_model(const ExplorerOptions& options, const ProgressCallback& progress = {}) {
  PaxosSystem<Model> system(options);
  const SearchReport found = search(system, options.states_max, progress);
  ExplorerReport report;
  static_cast<SearchProgress&>(report) = static_cast<const SearchProgress&>(found);
  report.exhausted = found.exhausted;
  report.acceptor_states = system.acceptor_states();
  report.collision_probability = found.collision_probability();
  report.violation = found.violation;
  report.rule = system.rule();
  if (found.path.empty()) return report;

  Play<Model> play(options.acceptors, options.proposers, options.rules(), options.readers);
  const auto apply = [&report, &play](const Move& move) {
    report.moves.push_back(move);
    play.apply(move);
  };
  for (int p = 0; p < options.proposers; ++p) {
    apply({.kind = Move::Kind::propose, .proposer = p, .request = {}, .reply = {}});
  }
  WorldState at = system.start();
  for (std::size_t i = 1; i < found.path.size(); ++i) {
    bool stepped = false;
    WorldState reached;
    system.moves(WorldState(at), [&](const Move& move, const WorldState& next, const auto&) {
      if (stepped || system.mark(next) != found.path[i]) return;
      stepped = true;
      reached = next;
      apply(move);
      const bool takes_part = move.kind == Move::Kind::time_out || move.kind == Move::Kind::reply;
      const auto& after = system.locals().proposer(next.proposer[static_cast<std::size_t>(move.proposer)]);
      // The reduced search takes the retry together with the loss.
      if (takes_part && after.open && play.proposer(move.proposer).state() == Model::Proposer::State::backing_off) {
        apply({.kind = Move::Kind::retry, .proposer = move.proposer, .request = {}, .reply = {}});
      }
    });
    at = reached;
  }
  report.events = play.events();
  return report;
}

}  // namespace paxoscope
