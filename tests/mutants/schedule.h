// Schedules as the bug table writes them, one word a step; proposers and acceptors count from 1:
//   P1:12  proposer 1's Prepare is handled by acceptors 1 and 2, and they are heard   (p1:12: handled, not heard)
//   V1:12  the same for its Accept                                                    (v1:12)
//   R1     proposer 1 times out and begins its next round
//   h1P2:3 proposer 1 hears what acceptor 3 last answered to proposer 2's Prepare (again)
//   i1P2:3 the same, but of another instance
//   C1     acceptor 1 crashes and restarts; K1: proposer 1 does
#pragma once

#include <cctype>
#include <map>
#include <sstream>
#include <string>
#include <tuple>

#include "core/check/play.h"

namespace paxoscope::mutants {

template <class Model>
class Schedule {
 public:
  Schedule(Play<Model>& play, const std::string& text) : play_(play) {
    std::istringstream words(text);
    for (std::string word; words >> word;) step(word);
  }

 private:
  static int number(char digit) { return digit - '1'; }

  void step(const std::string& word) {
    const char what = word[0];
    const int who = number(word[1]);
    switch (what) {
      case 'R': play_.time_out(who); return keep(who, play_.retry(who));
      case 'C': return play_.crash_acceptor(who);
      case 'K': return keep(who, play_.crash_proposer(who));
      case 'h':
      case 'i': {
        Reply reply = replies_[{number(word[3]), word[2], number(word[5])}];
        if (what == 'i') ++reply.instance.ver;
        return keep(who, play_.deliver(who, reply));
      }
      default: break;
    }
    const char phase = static_cast<char>(std::toupper(what));
    if (phase == 'P' && !begun_[who]) {
      begun_[who] = true;
      keep(who, play_.propose(who));
    }
    const auto request = requests_.find({who, phase});
    if (request == requests_.end()) return;  // it never sent one: the bug under test may stop it earlier
    const Request sent = request->second;
    for (const char acceptor : word.substr(3)) {
      const Reply reply = play_.deliver(number(acceptor), sent);
      replies_[{who, phase, number(acceptor)}] = reply;
      if (what == phase) keep(who, play_.deliver(who, reply));
    }
  }

  void keep(int who, const std::optional<Request>& request) {
    if (request) requests_[{who, request->phase == Phase::prepare ? 'P' : 'V'}] = *request;
  }

  Play<Model>& play_;
  std::map<int, bool> begun_;
  std::map<std::pair<int, char>, Request> requests_;
  std::map<std::tuple<int, char, int>, Reply> replies_;
};

}  // namespace paxoscope::mutants
