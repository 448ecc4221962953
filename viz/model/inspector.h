// The inspector: the state of whatever is selected, and the rule that was just applied, in one sentence.
#pragma once

#include <string>
#include <vector>

#include "viz/model/decree.h"

namespace paxoscope::viz {

struct Fact {
  std::string name;
  std::string value;
};

struct Inspection {
  std::string title;     // "A1, an acceptor", "Accept (2,10) from P10 to A1"
  std::string sentence;  // "A1 rejects (2,10): it has promised (3,11)"; empty: nothing has happened yet
  std::vector<Fact> facts;
};

// An agent at the moment's time.
Inspection inspect_agent(const Decree& decree, const Moment& moment, AgentKind kind, std::uint32_t id);
// A message, by its place in decree.messages(): what it carries, and what came of it.
Inspection inspect_message(const Decree& decree, std::uint32_t message);
// An event, by its place in decree.events().
Inspection inspect_event(const Decree& decree, std::uint32_t event);

// The sentence of an event, with reasons from those before it.
std::string sentence_of(const Decree& decree, std::uint32_t event);
// "Accept (2,10) from P10 to A1"
std::string name_of(const Message& message);
std::string_view kind_text(MessageKind kind);

}  // namespace paxoscope::viz
