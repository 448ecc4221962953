// The panels of the window. Each draws one part of the screen into its box, and lets a person act on the scope there.
// None keeps anything between pictures: what is remembered is in the Scope or the Screen.
#pragma once

#include "viz/view/canvas.h"
#include "viz/view/scope.h"

namespace paxoscope::viz {

// What the classes that draw a panel are made of.
class Panel {
 protected:
  Panel(Canvas& canvas, const Box& box, Scope& scope)
      : canvas_(canvas), scope_(scope), theme_(scope.theme()), box_(box) {}

  Canvas& canvas_;
  Scope& scope_;
  const Theme& theme_;
  Box box_;
};

void draw_headline(Canvas& canvas, const Box& box, Scope& scope);      // who fights, who wins, whether safety holds
void draw_arena(Canvas& canvas, const Box& box, Scope& scope);         // proposers, acceptors, messages between them
void draw_legend(Canvas& canvas, const Box& box, const Scope& scope);  // what marks and colours mean, from the right
void draw_ladder(Canvas& canvas, const Box& box, Scope& scope);        // the space-time diagram
void draw_ballots(Canvas& canvas, const Box& box, Scope& scope);       // each acceptor's promises and votes over time
void draw_meters(Canvas& canvas, const Box& box, Scope& scope);        // figures of the time that shows
// What is selected, and the rule just applied; `prose`: and what the play's author says here.
void draw_inspector(Canvas& canvas, const Box& box, Scope& scope, bool prose = true);
void draw_transport(Canvas& canvas, const Box& box, Scope& scope);  // play, step, speed, and the whole run to scrub

// The mark of a message's kind, and the opacity and weight of its traffic.
Mark mark_of(MessageKind kind);
const char* name_of(MessageKind kind);

// The quorum that a proposer collects: at the foot of its card a lamp for each acceptor, and how many more it takes.
void draw_lamps(Canvas& canvas, const Box& card, const Theme& theme, const ProposerMoment& proposer, ImU32 hue);

// A section's title, in small quiet letters. Returns the y below it.
float draw_title(Canvas& canvas, ImVec2 at, const Theme& theme, std::string_view title, std::string_view tip);

// A flat button with a text. `on`: it is held down. `name`: where another button has the same text.
bool button(Canvas& canvas, const Box& box, const Theme& theme, std::string_view text, std::string_view tip,
            bool on = false, std::string_view name = {});

// A line of short dashes: something that is cut, or missing.
void dashed(Canvas& canvas, ImVec2 a, ImVec2 b, ImU32 colour, float width = 1);
// A box filled with slanted lines: waiting, or missing.
void hatched(Canvas& canvas, const Box& box, ImU32 colour, float spacing = 6);
// Where events are missing.
void draw_gap(Canvas& canvas, const Box& box, const Theme& theme);

}  // namespace paxoscope::viz
