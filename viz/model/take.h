// What a source hands over: a history and what one must know to show it. Live runs, plays, captures and files all
// become this, and everything else in viz starts from it.
#pragma once

#include <string>
#include <vector>

#include "core/paxos/proposer.h"
#include "core/scenario/narrate.h"
#include "viz/model/history.h"

namespace paxoscope::viz {

// A rule of a trace (core/check/rules.h) that was broken.
struct Finding {
  Nanos at = 0;  // of the last event that it took
  int rule = 0;  // 1 .. 10; 0: what a client saw
  InstanceId instance = {};
  std::string sentence = {};         // without the rule's number
  std::vector<EventId> events = {};  // that show it
};

// What the author of a play says at a time.
struct Prose {
  Nanos at = 0;
  std::string text = {};
};

struct Take {
  std::string title = {};  // "duel", "live: 5 proposers, 3 acceptors, strategy none", a file's name
  History history = {};
  Quorums quorums = Quorums::majority(3);
  Learning learning = Learning::own_round;
  Cast cast = {};                      // names of the keys
  bool asks_everybody = true;          // a proposer's request goes to every acceptor (not so in some plays)
  Nanos pace = kSecond;                // how much of it passes in one second at speed 1
  std::vector<Finding> findings = {};  // by time; empty: safety holds
  std::string doubt = {};              // why nothing broken does not mean that all is well; empty: it does
  std::vector<Prose> prose = {};       // by time
};

// Where takes come from. Not thread-safe: called from the window's thread.
class Source {
 public:
  virtual ~Source() = default;
  virtual const Take& take() const = 0;
  // Makes sure that the history is known beyond `at`, where a source can: a message that is on its way at `at` then has
  // its arrival.
  virtual void reach(Nanos at) { (void)at; }
  // Takes over what other threads found meanwhile; once a frame. True: the take has changed.
  virtual bool poll() { return false; }
  // Whether there is, or can be, something after the history's last event.
  virtual bool endless() const { return false; }
};

// A source whose take is complete: a play, a file, a capture.
class Recorded : public Source {
 public:
  explicit Recorded(Take take) : take_(std::move(take)) {}
  const Take& take() const override { return take_; }

 private:
  Take take_;
};

}  // namespace paxoscope::viz
