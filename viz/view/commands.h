// Everything that a key does, in one table: the help, the search and the tooltips follow from it.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "viz/view/keys.h"

namespace paxoscope::viz {

class Screen;

struct Command {
  KeyPress key;
  std::string_view group;  // "Time", "Look at", "Act", "Window"
  std::string_view name;   // "play or pause"
  void (*run)(Screen&);
};
std::span<const Command> all_commands();

// Something that the search found: what it is, and what Enter does.
struct Offer {
  std::string kind;  // "do", "scenario", "set", "event at 1.2 s"
  std::string text;
  std::function<void(Screen&)> run;
};
// The best first, at most `most`. Searches commands, scenarios, agents and links to act on, settings of the experiment
// ("strategy lease", "acceptors 5"), and the sentences of everything that happened to the instance in focus.
std::vector<Offer> offers(Screen& screen, std::string_view query, std::size_t most);

}  // namespace paxoscope::viz
