// Which thread runs which node: so that all threads handle about as many messages.
#pragma once

#include <cstddef>
#include <functional>
#include <queue>
#include <utility>
#include <vector>

#include "core/trace/event.h"

namespace paxoscope {

// Every message has an acceptor at one end and a proposer at the other, so either kind handles half of them all, and a
// node its share of that half. The nodes with most to do are seated first, each on the thread that has least so far: so
// the fullest thread has at most 4/3 of what it would have in the best seating (Graham: "Bounds on Multiprocessing
// Timing Anomalies", 1969).
class Seating {
 public:
  // All >= 1; threads <= acceptors + proposers. No thread is empty, and acceptor 0 is on thread 0. With a thread each,
  // they are in order, acceptors first.
  Seating(std::size_t acceptors, std::size_t proposers, std::size_t threads)
      : acceptors_(acceptors), threads_(threads), thread_of_(acceptors + proposers) {
    using Load = std::pair<std::size_t, std::size_t>;  // and the thread
    std::priority_queue<Load, std::vector<Load>, std::greater<>> loads;
    for (std::size_t thread = 0; thread < threads; ++thread) loads.emplace(0, thread);
    const auto seat = [&](std::size_t first, std::size_t end, std::size_t messages) {
      for (std::size_t node = first; node < end; ++node) {
        const auto [load, thread] = loads.top();
        loads.pop();
        thread_of_[node] = thread;
        loads.emplace(load + messages, thread);
      }
    };
    const auto seat_acceptors = [&] { seat(0, acceptors, proposers); };
    const auto seat_proposers = [&] { seat(acceptors, acceptors + proposers, acceptors); };
    const bool acceptors_first = proposers >= acceptors;
    acceptors_first ? seat_acceptors() : seat_proposers();
    acceptors_first ? seat_proposers() : seat_acceptors();
    number_threads();
  }

  std::size_t threads() const { return threads_; }
  std::size_t of_acceptor(std::size_t id) const { return thread_of_[id]; }
  std::size_t of_proposer(std::size_t rank) const { return thread_of_[acceptors_ + rank]; }
  // An agent as events name it: proposers from 1 on.
  std::size_t of(AgentKind kind, std::uint32_t agent) const {
    return kind == AgentKind::acceptor ? of_acceptor(agent) : of_proposer(agent - 1);
  }

 private:
  // In the order in which the nodes name them: the first thread, which judges, has an acceptor and never only
  // proposers, of which it would slow down one among equals.
  void number_threads() {
    std::vector<std::size_t> number(threads_, threads_);
    std::size_t next = 0;
    for (std::size_t& thread : thread_of_) {
      if (number[thread] == threads_) number[thread] = next++;
      thread = number[thread];
    }
  }

  std::size_t acceptors_;
  std::size_t threads_;
  std::vector<std::size_t> thread_of_;  // by node, acceptors first
};

}  // namespace paxoscope
