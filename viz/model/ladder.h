// The space-time diagram, laid out: lanes, bands, slanted lines and blocks, in pixels from the left edge and lane
// numbers. What is too small to show joins a block that says how many it stands for; nothing is dropped.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "viz/model/decree.h"
#include "viz/model/text.h"

namespace paxoscope::viz {

// What of the time axis shows.
struct TimeView {
  Nanos from = 0, to = kSecond;  // to > from
  float width = 1000;            // pixels
  double nanos_per_pixel() const { return static_cast<double>(to - from) / static_cast<double>(width); }
  float x(Nanos at) const { return static_cast<float>(static_cast<double>(at - from) / nanos_per_pixel()); }
  Nanos at(float x) const { return from + static_cast<Nanos>(static_cast<double>(x) * nanos_per_pixel()); }
  // The same view after zooming by `factor` (2: twice as much detail) around the time at pixel x, or after moving by dx
  // pixels. Zoom stays between 1 ns per pixel... and an hour over the width.
  TimeView zoomed(double factor, float x) const;
  TimeView moved(float dx) const;
};

struct LadderLane {
  AgentKind kind = AgentKind::proposer;
  std::uint32_t agent = 0;
  std::string label;  // "P1", "A0"
};

// An acceptor's promise, or its vote, for as long as it held.
struct LadderBand {
  std::uint32_t lane = 0;
  bool voted = false;  // the vote's band; false: the promise's
  float x0 = 0, x1 = 0;
  Ballot ballot = {};
  Value value = 0;
  bool repeats_chosen = false;  // a later ballot that carries the chosen value: dim it
  std::string label;            // "(2,11)", "(2,11) = v200"
};

struct LadderLine {
  std::uint32_t message = 0;  // place in Decree::messages()
  std::uint32_t from_lane = 0, to_lane = 0;
  float x0 = 0, x1 = 0;  // may lie outside the view
  double reaches = 1;    // how much of the way to the other lane it gets, at x1
  float shift = 0;       // pixels to the right, so that simultaneous sends do not cover each other
  MessageKind kind = MessageKind::prepare;
  Fate fate = Fate::delivered;
  ProposerId owner = 0;
  bool ignored = false;
  bool repeats_chosen = false;
};

// A proposer waits.
struct LadderWait {
  std::uint32_t lane = 0;
  float x0 = 0, x1 = 0;
  std::uint32_t attempt = 0;  // the attempt that was lost
  Why why = Why::refusal;
};

// A proposer works in a round: the stretch between its broadcast and its end.
struct LadderRound {
  std::uint32_t lane = 0;
  float x0 = 0, x1 = 0;
  Ballot ballot = {};
  Phase phase = Phase::prepare;
  bool repeats_chosen = false;
  std::string label;  // "(2,11)"
};

// Too small to show one by one.
struct LadderBlock {
  std::uint32_t lane = 0;
  float x0 = 0, x1 = 0;  // at least 1 px
  Nanos from = 0, to = 0;
  std::uint64_t events = 0;    // that it stands for
  std::uint64_t refusals = 0;  // among them
  float height = 1;            // 0 .. 1: its density, of the densest in the view
};

// One event shown on its lane as a mark, when there is room.
struct LadderMark {
  std::uint32_t lane = 0;
  float x = 0;
  std::uint32_t event = 0;               // place in Decree::events()
  EventKind kind = EventKind::proposed;  // proposed, decided, empty, abandoned, crashed, restarted
};

// Events that were not recorded; gaps that are close together are one.
struct LadderGap {
  std::uint32_t lane = 0;
  float x0 = 0, x1 = 0;
  std::uint64_t events = 0;  // missing, at the least
  bool counted = true;       // false: nobody knows how many more
};

struct LadderDown {
  std::uint32_t lane = 0;
  float x0 = 0, x1 = 0;
};

struct LadderChosen {
  float x = 0;
  std::uint32_t lane = 0;  // of the acceptor whose vote decided
  std::string label;       // "chosen v200 at (2,11)"
};

struct Ladder {
  TimeView view;
  std::vector<LadderLane> lanes;    // proposers on top, acceptors below
  std::vector<LadderBlock> blocks;  // of every instance, where they are too dense; else only of the others
  std::vector<LadderBand> bands;
  std::vector<LadderRound> rounds;
  std::vector<LadderWait> waits;
  std::vector<LadderLine> lines;
  std::vector<LadderMark> marks;
  std::vector<LadderGap> gaps;
  std::vector<LadderDown> down;
  std::vector<LadderChosen> chosen;  // none or one
  std::uint64_t events = 0;          // in the view, of all instances
  std::uint64_t shown = 0;           // of them, not in blocks
  bool others = false;               // there are instances beside the one in focus
};

struct LadderOptions {
  float smallest = 3;             // pixels: what is shorter joins a block
  Nanos until = kEndless;         // nothing after it is shown; what is on its way then is drawn as far as it has got
  std::uint32_t lines_max = 300;  // more lines than that, and the shortest join blocks too
};

// The focus instance in full, and the events of all others as blocks.
Ladder lay_out_ladder(const Decree& decree, const TimeView& view, const LadderOptions& options = {});

// What one hovers over: "too small to show: 1,204 events, 87 of them refusals", "1,204 events were lost here, ...".
// Made when asked for: there are thousands of blocks.
std::string text_of(const Ladder& ladder, const LadderBlock& block);
std::string text_of(const LadderGap& gap);

// What is missing from a lane, in the view and until `until`. The lanes' numbers are the caller's.
std::vector<LadderGap> gaps_of(const History::Lane& lane, const TimeView& view, Nanos until, float smallest);

// The line nearest to a point, within `reach` pixels: its place in ladder.lines; -1: none. lane_y: the vertical middle
// of each lane in pixels.
int line_at(const Ladder& ladder, const std::vector<float>& lane_y, float x, float y, float reach = 6);

// Ticks of the time axis: about one every `spacing` pixels, at round times.
struct Tick {
  Nanos at = 0;
  float x = 0;
  std::string label;  // "1.2 s", "340 us"
};
std::vector<Tick> ticks(const TimeView& view, float spacing = 100);

}  // namespace paxoscope::viz
