// What the window looks at, and what a person can do to it: the source, the instance in focus, the cursor in time, what
// is selected, the stretch of time that shows. The panels draw a Scope; commands change it.
#pragma once

#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "viz/model/decree.h"
#include "viz/model/ladder.h"
#include "viz/model/live.h"
#include "viz/model/meters.h"
#include "viz/model/moment.h"
#include "viz/model/notes.h"
#include "viz/model/playback.h"
#include "viz/model/strip.h"
#include "viz/view/theme.h"

namespace paxoscope::viz {

struct Selection {
  enum class Kind : std::uint8_t { none, proposer, acceptor, message };
  Kind kind = Kind::none;
  std::uint32_t id = 0;  // of the agent; place in Decree::messages()
  bool operator==(const Selection&) const = default;
};

// How things look; remembered from one start to the next.
struct Look {
  bool dark = true;
  ColourBy colour_by = ColourBy::owner;
};

// Not thread-safe.
class Scope {
 public:
  // `name`: of the scenario, or the file, for the title.
  Scope(std::unique_ptr<Source> source, std::string name);

  void open(std::unique_ptr<Source> source, std::string name);

  const std::string& name() const { return name_; }
  const Take& take() const { return source_->take(); }
  Source& source() { return *source_; }
  // The source as one that can be acted upon; null: it is a recording.
  LiveSource* live() { return dynamic_cast<LiveSource*>(source_.get()); }
  bool is_live() const { return dynamic_cast<const LiveSource*>(source_.get()) != nullptr; }
  Playback& playback() { return playback_; }
  const Playback& playback() const { return playback_; }
  Nanos now() const { return playback_.now(); }

  // Brings all below up to date: once before each picture, when `seconds` have passed since the last.
  void advance(double seconds);
  const Decree& decree() const { return *decree_; }
  const Moment& moment() const { return moment_; }
  const Ladder& ladder(float width);  // laid out for the view, as wide as that
  const Meters& meters();             // of the view, as far as time has come
  const Strip& strip();               // of all instances

  // The instance in focus: the one that is worked on, or one that somebody chose.
  void focus_on(std::optional<InstanceId> instance);
  bool focus_chosen() const { return pinned_.has_value(); }

  // What of the time axis shows.
  const TimeView& view() const { return view_; }
  void zoom(double factor, Nanos around);
  void pan(double share);  // of the view's width
  void show(Nanos from, Nanos to);
  void show_all();

  void jump(Nanos at);
  void step(bool back);
  void jump_to_decision();
  bool playing() const { return playback_.playing(); }
  // How far time has come in a live run: the latest that somebody has looked at. It is known further than that, so that
  // messages have an arrival, but what has not happened yet is not shown. Of a recording, everything has.
  Nanos frontier() const { return source_->endless() ? seen_ : std::numeric_limits<Nanos>::max() / 2; }
  // Whether something moves by itself, so that another picture is due soon.
  bool moving() const { return playing() || zooming_; }

  Notes notes;  // what a person has added to this take

  Selection selected;
  Selection hovered;  // in the last picture
  Look look;

  // What was just done, or why it could not be: shown for a moment. Empty: nothing.
  void say(std::string text);
  const std::string& said() const { return said_; }
  std::uint64_t sayings() const { return sayings_; }  // so far

  // Acting on the cluster at the cursor; says so if it is a recording.
  void toggle_crash(AgentKind kind, std::uint32_t id);
  void toggle_link(std::uint32_t proposer, std::uint32_t acceptor);
  bool change(const Experiment& experiment);
  void return_to(std::size_t fork);
  bool is_cut(std::uint32_t proposer, std::uint32_t acceptor) const;

  // Hues: a proposer's, by its place among the run's; a value's; and of a vote or a message, as the toggle says. While
  // colours mean values, proposers have none.
  ImU32 owner_colour(ProposerId proposer) const;
  ImU32 value_colour(Value value) const;
  ImU32 colour(Ballot ballot, Value value) const;
  const Theme& theme() const { return viz::theme(look.dark); }
  // The message under the selection or the pointer; null: none.
  const Message* shown_message() const;

 private:
  bool may_act();
  void changed();
  void show_what_broke();
  void refresh();
  void follow_cursor();

  std::unique_ptr<Source> source_;
  std::string name_;
  Playback playback_;
  Nanos seen_ = 0;  // the latest that the cursor was at
  std::optional<InstanceId> pinned_;
  std::unique_ptr<Decree> decree_;
  std::uint64_t decree_size_ = 0;  // of the history it was made from
  std::uint64_t edits_ = 0;        // how often the run was changed
  std::uint64_t decree_edits_ = 0;
  Moment moment_;
  Ladder ladder_;
  bool ladder_fits_ = false;
  Meters meters_;
  std::uint64_t meters_size_ = 0;
  std::optional<Strip> strip_;
  std::uint64_t strip_size_ = 0;
  TimeView view_;
  TimeView goal_;  // where a zoom is going
  bool zooming_ = false;
  std::string said_;
  double said_for_ = 0;  // seconds
  std::uint64_t sayings_ = 0;
};

}  // namespace paxoscope::viz
