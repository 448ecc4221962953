// The whole picture: where each panel goes, drawn from top to bottom, and what the keyboard does.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "viz/model/comparison.h"
#include "viz/model/replay.h"
#include "viz/view/capture_panel.h"
#include "viz/view/commands.h"
#include "viz/view/file_list.h"
#include "viz/view/form.h"
#include "viz/view/imgui_canvas.h"
#include "viz/view/keys.h"
#include "viz/view/panels.h"
#include "viz/view/settings.h"

namespace paxoscope::viz {

// Where the panels are, for a size of the window.
// A window of this size, in pixels at scale 1, has room for every part of the screen; a smaller one leaves out some.
inline constexpr float kWidthWanted = 800, kHeightWanted = 430;

struct Layout {
  Box bar, headline, arena, side, tabs, lower, transport;
  bool both = true;  // the arena, and a panel below it with its tabs
};
Layout lay_out(const Canvas& canvas, ImVec2 size, const Settings& settings);

// Not thread-safe. Belongs to one ImGui context, whose fonts load_fonts has made.
class Screen {
 public:
  enum class Overlay : std::uint8_t { none, help, search, scenarios, open, annotate };

  Screen(Scope& scope, Settings& settings, float scale) : scope_(scope), settings_(settings), scale_(scale) {}

  // Handed over before the picture that is to show what they did.
  void press(KeyPress key);
  // Takes over what goes on in the background; once before each picture.
  void advance();
  // Whether something goes on in the background.
  bool busy() const { return loader_ != nullptr || capture_.armed(); }
  // One picture, between ImGui::NewFrame and ImGui::Render.
  void draw();
  // The panels alone, without what floats above them; draw() does this too.
  void draw_panels(Canvas& canvas, ImVec2 size);

  Scope& scope() { return scope_; }
  const Scope& scope() const { return scope_; }
  Settings& settings() { return settings_; }
  Overlay overlay() const { return overlay_; }
  void show(Overlay overlay);
  void show(SidePanel panel);
  void open_scenario(std::string_view name);
  // A trace file; says so when it cannot be read.
  void open_file(const std::string& path);
  // Keeps the annotations and the place of a trace file beside it; of anything else there is nothing to keep.
  void keep_notes();
  void take_notes(const std::string& trace);
  void select_next(bool back);
  void crash_selected();
  void next_instance(bool back);
  void arm_or_stop();  // the capture

  // The guided tour.
  bool touring() const { return tour_.has_value(); }
  const std::string& tour_text() const { return tour_->stops[tour_->step].text; }  // only while touring
  void start_tour(int step = 1);                                                   // from 1; beyond the last: the last
  void tour_step(int by);
  void end_tour() { tour_.reset(); }

  // Whoever owns the files does it, and takes the wish away. Empty: none.
  std::string export_wish;
  bool quit = false;  // somebody wants to leave
  // Where everything that can be touched was in the last picture, for who cannot see it; null: nobody asks.
  std::unique_ptr<Touchables> touchables;

 private:
  void top_bar(Canvas& canvas, const Box& box);
  void side(Canvas& canvas, const Box& box);
  void side_tabs(Canvas& canvas, Box& box);
  void lower(Canvas& canvas, const Layout& layout);
  void lower_tabs(Canvas& canvas, const Box& box);
  void splitters(Canvas& canvas, const Layout& layout, ImVec2 size);
  void notice(Canvas& canvas, const Box& box);
  void tour(Canvas& canvas, const Box& box);
  void advance_tour();
  void advance_capture();
  // Instead of what is open; what was noted about that is kept.
  void open(std::unique_ptr<Source> source, std::string name);
  void draw_compare(Canvas& canvas, const Box& whole);
  void compare_head(Canvas& canvas, const Box& box, int figures);
  // Gives back what a click there asks for; empty: nothing.
  std::function<void()> compare_name(Canvas& canvas, const Box& box, std::size_t place);
  void compare_figures(Canvas& canvas, const Box& box, const Meters& meters, int figures);
  void restart_comparison();
  void draw_experiment(Canvas& canvas, const Box& box);
  void start_experiment();
  ExperimentForm& form();
  bool press_in_side(KeyPress key);
  void take_chosen();
  void type_query(KeyPress key);
  bool press_in_overlay(KeyPress key);
  void draw_overlay(ImVec2 size);
  void draw_annotate(Canvas& canvas, const Box& box);
  void draw_help(Canvas& canvas, const Box& box);
  void draw_search(Canvas& canvas, const Box& box);
  void draw_scenarios(Canvas& canvas, const Box& box);
  void draw_files(Canvas& canvas, const Box& box);
  void take_file(const FileEntry& file);
  std::size_t overlay_lines();

  Scope& scope_;
  Settings& settings_;
  float scale_;
  Overlay overlay_ = Overlay::none;
  const std::vector<Offer>& found();
  std::string query_;                   // of the search, or the note
  std::string found_for_;               // the query that found_ answers
  std::vector<Offer> found_;            // empty until somebody searches
  std::size_t chosen_ = 0;              // line of the open overlay
  std::string folder_;                  // that is looked into; empty: none yet
  std::vector<FileEntry> files_;        // in it
  std::optional<ExperimentForm> form_;  // as soon as somebody asks for it
  std::size_t form_line_ = 0;
  CapturePanel capture_;
  std::unique_ptr<Comparison> comparison_;  // made when it first shows
  std::vector<std::string> compared_ = {"none", "full_jitter", "rebackoff"};
  Nanos compare_span_ = 0;
  std::unique_ptr<TraceLoader> loader_;  // null: nothing is being read
  std::string loading_;                  // its path
  std::string notes_path_;               // of the trace that is open; empty: it is no file
  struct Stop {
    std::string_view scenario;
    int prose = -1;  // which paragraph of the play; -1: before it begins
    std::string text;
  };
  struct Tour {
    std::vector<Stop> stops;
    std::size_t step = 0;
    Nanos until = 0;  // play to there, then pause
  };
  std::optional<Tour> tour_;
};

// Our colours and sizes for ImGui's own widgets.
void style_widgets(const Theme& theme, float scale);

}  // namespace paxoscope::viz
